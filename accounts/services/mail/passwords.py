"""Mails about passwords: the link to choose a new one, and the notice that there is one."""

from datetime import timedelta

from django.conf import settings
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext_lazy as _

from accounts.services.mail.kinds import Letter, link, mail_kind, user_of
from accounts.users.mail import OutgoingMail
from accounts.users.models import User
from accounts.users.password_links import password_links


@mail_kind(_("Choose a new password"), useful_for=timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT))
def password_reset(mail: OutgoingMail) -> Letter | None:
    """The link to choose a new password; nothing where nobody who may sign in with a password has the address."""
    user = User.objects.filter(email=mail.email, is_active=True).first()
    if user is None or not user.has_usable_password():
        return None
    token = password_links.make_token(user)
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    address = link("accounts:choose_password", uidb64=uid, token=token)
    return Letter(user.email, user, {"link": address, "minutes": settings.PASSWORD_RESET_TIMEOUT // 60})


@mail_kind(_("Your password was changed"))
def password_changed(mail: OutgoingMail) -> Letter | None:
    """The notice that the password was changed; it goes where it was queued for, as the e-mail may change next."""
    return Letter(mail.email, user_of(mail), {"link": link("accounts:password_reset")})
