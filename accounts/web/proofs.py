"""The proof that a visitor owns an e-mail address: kept in their session from the link in a mail to the sign-up."""

from datetime import timedelta
from typing import Final

from django.http import HttpRequest
from django.utils import timezone

KEY: Final = "proven_email"
LIFETIME: Final = timedelta(hours=1)


def remember(request: HttpRequest, email: str) -> None:
    """Keeps that the visitor has proven to own an address."""
    request.session[KEY] = [email, (timezone.now() + LIFETIME).timestamp()]


def proven_email(request: HttpRequest) -> str | None:
    """The address that the visitor has proven to own, a short time ago."""
    email, until = request.session.get(KEY) or (None, 0)
    return email if until > timezone.now().timestamp() else None


def forget(request: HttpRequest) -> None:
    """Uses the proof up."""
    request.session.pop(KEY, None)
