"""Mails about e-mail addresses: links that prove whose one is, and notices to the one of before."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from accounts.services.mail.kinds import Letter, link, mail_kind, user_of
from accounts.users.email_links import LIFETIME, Purpose, make_link
from accounts.users.mail import OutgoingMail
from accounts.users.models import User

HOURS: Final = LIFETIME.total_seconds() // 3_600


@mail_kind(_("Confirm your e-mail address"), useful_for=LIFETIME)
def confirm_email(mail: OutgoingMail) -> Letter | None:
    """The link by which a new customer confirms their address, or its owner takes it back."""
    user = user_of(mail)
    if user is None or user.email != mail.email or user.email_confirmed_at:
        return None
    return _letter(mail, user, Purpose.OWN)


@mail_kind(_("Confirm your new e-mail address"), useful_for=LIFETIME)
def confirm_new_email(mail: OutgoingMail) -> Letter | None:
    """The link by which an address becomes that of the customer who asked for it."""
    user = user_of(mail)
    if user is None or user.new_email != mail.email:
        return None
    return _letter(mail, user, Purpose.CHANGE)


@mail_kind(_("Somebody wants to change your e-mail address"))
def email_change_asked(mail: OutgoingMail) -> Letter:
    """The notice to the present address that another one was asked for."""
    return Letter(mail.email, user_of(mail), {"profile": link("accounts:profile")})


@mail_kind(_("Your e-mail address was changed"))
def email_changed(mail: OutgoingMail) -> Letter:
    """The notice to the address of before that another one counts."""
    return Letter(mail.email, user_of(mail))


@mail_kind(_("Your e-mail address"), useful_for=LIFETIME)
def claim_email(mail: OutgoingMail) -> Letter | None:
    """The link by which an owner takes their address back; for a confirmed one, that it is their own already."""
    user = User.objects.filter(email=mail.email, is_active=True).first()
    if user is None:
        return None
    if user.email_confirmed_at:
        return Letter(mail.email, user, {"reset": link("accounts:password_reset")})
    return _letter(mail, user, Purpose.OWN)


def _letter(mail: OutgoingMail, user: User, purpose: Purpose) -> Letter:
    address = link("accounts:email_link", secret=make_link(purpose, user))
    return Letter(mail.email, user, {"link": address, "hours": int(HOURS), "email": mail.email})
