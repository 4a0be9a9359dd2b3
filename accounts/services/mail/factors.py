"""Mails about second factors: the notices that one was added or removed."""

from django.utils.translation import gettext_lazy as _

from accounts.services.mail.kinds import Letter, link, mail_kind, user_of
from accounts.users.mail import OutgoingMail


@mail_kind(_("A second factor was added"))
def factor_added(mail: OutgoingMail) -> Letter | None:
    """The notice that from now on something is asked for besides the password."""
    return Letter(mail.email, user_of(mail), {"link": link("accounts:factors")})


@mail_kind(_("A second factor was removed"))
def factor_removed(mail: OutgoingMail) -> Letter | None:
    """The notice that something opens no more."""
    return Letter(mail.email, user_of(mail), {"link": link("accounts:factors")})
