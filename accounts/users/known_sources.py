"""Known sources: devices and addresses from which a user has signed in before. Nobody else can lock these out.

A known device has a cookie, set after each sign-in (OWASP: "Slow down online guessing attacks with device cookies"). It
names nobody: only who knows the user can tell whose it is. A known address is a keyed hash in the database, for
programs, which keep no cookies. Both depend on the password and the access version, so they end with them.

    remember_device(request, user)  # who has just proved to be this user; the middleware sets the cookie
"""

import secrets
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner
from django.db import models
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.users.attempts import delete_ended
from accounts.users.models import User
from eventstore.http.addresses import network_address

DEVICE_LIFETIME: Final = timedelta(days=180)
ADDRESS_LIFETIME: Final = timedelta(days=30)
REMEMBERED: Final = "_remembered_device_of"  # the attribute of a request that names the user


class KnownAddress(models.Model):
    """That somebody has signed in from somewhere; only who knows both can tell."""

    key = models.CharField(max_length=64, primary_key=True)
    ends_at = models.DateTimeField(db_index=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"until {self.ends_at}"


class KnownDeviceMiddleware:
    """Sets the cookie of a device from which somebody has signed in, whichever door it was."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        user = getattr(request, REMEMBERED, None)
        if user is not None:
            response.set_cookie(
                settings.DEVICE_COOKIE_NAME,
                _signer(user).sign(secrets.token_urlsafe(12)),
                max_age=DEVICE_LIFETIME,
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=True,
                samesite="Strict",  # only our own forms have to send it
            )
        return response


def remember_device(request: HttpRequest, user: User) -> None:
    """Have the response to a request make its browser a known device of a user.

    Signing in does it. Do it yourself where somebody has proved to be the user in another way, such as by a link that
    was mailed, or has changed the password, with which the device's cookie of before ended.
    """
    setattr(request, REMEMBERED, user)


def remember_address(request: HttpRequest, user: User) -> None:
    """Make the address of a request a known one of a user, for thirty days from now."""
    delete_ended(KnownAddress)
    known = KnownAddress(key=_address_key(request, user), ends_at=timezone.now() + ADDRESS_LIFETIME)
    KnownAddress.objects.bulk_create([known], update_conflicts=True, unique_fields=["key"], update_fields=["ends_at"])


def known_source(request: HttpRequest, users: Sequence[User]) -> tuple[User, str] | None:
    """Who of these users has signed in from here before, and from what: the device of a request, else its address.

    For an e-mail that is nobody's, give an unsaved user: then it takes the same work, and the time tells nothing.
    """
    for user in users:
        if device := _known_device(request, user):
            return user, f"device {device}"
    keys = {_address_key(request, user): user for user in users}
    known = set(KnownAddress.objects.filter(pk__in=list(keys), ends_at__gt=timezone.now()).values_list("pk", flat=True))
    return next(((user, f"address {key}") for key, user in keys.items() if key in known), None)


def _known_device(request: HttpRequest, user: User) -> str | None:
    try:
        return _signer(user).unsign(request.COOKIES.get(settings.DEVICE_COOKIE_NAME, ""), max_age=DEVICE_LIFETIME)
    except BadSignature:
        return None


def _signer(user: User) -> TimestampSigner:
    return TimestampSigner(salt=f"accounts.known_device {_access_of(user)}")


def _address_key(request: HttpRequest, user: User) -> str:
    text = f"{_access_of(user)} {network_address(request)}"
    return salted_hmac("accounts.known_address", text, algorithm="sha256").hexdigest()


def _access_of(user: User) -> str:
    return f"{user.pk} {user.access_version} {user.password}"
