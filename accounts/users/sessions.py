"""Sessions, as `SESSION_ENGINE`: each with its user and device, so that its owner sees it and can end it.

Django's own way of extending its sessions in the database. Only hashes of their keys are stored: who reads the
database, or a backup, can't take over a session.
"""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.backends import db
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from accounts.users.devices import device_of
from accounts.users.models import User

ABOUT: Final = "about"  # where a session keeps when and where it began, as its row is written anew with each save
KEY_LENGTH: Final = 64


class Session(AbstractBaseSession):
    """A session. Its primary key is the hash of the key that the browser has, so it can be shown."""

    session_key = models.CharField(max_length=KEY_LENGTH, primary_key=True)
    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="sessions")
    access_hash = models.CharField(max_length=64, blank=True)  # with which `User.has_access_by` lets it in
    browser = models.CharField(max_length=40, blank=True)
    system = models.CharField(max_length=40, blank=True)
    began_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now)  # to the minute

    class Meta(AbstractBaseSession.Meta):
        default_permissions = ()

    @classmethod
    def get_session_store_class(cls) -> "type[SessionStore]":
        """The engine that writes these rows."""
        return SessionStore


class SessionStore(db.SessionStore):
    """Django's sessions in the database, under the hashes of their keys. The site does not use its async methods."""

    seen_at: datetime | None = None  # before this request; `session_times` notes that it is seen now

    @classmethod
    def get_model_class(cls) -> type[Session]:
        """The model of the rows."""
        return Session

    def load(self) -> dict[str, Any]:
        """What the session holds; empty if it is none, or has ended."""
        found = Session.objects.filter(pk=self.row_key, expire_date__gt=timezone.now()).first()
        if found is None:
            self._session_key = None
            return {}
        self.seen_at = found.seen_at
        return self.decode(found.session_data)

    def exists(self, session_key: str) -> bool:
        """Whether there is a session with this key."""
        return Session.objects.filter(pk=row_key_of(session_key)).exists()

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        """The row of the session as it is now."""
        browser, system, began = data.get(ABOUT) or ("", "", timezone.now().timestamp())
        return Session(
            session_key=self.row_key,
            session_data=self.encode(data),
            expire_date=self.get_expiry_date(),
            user_id=data.get(SESSION_KEY),
            access_hash=data.get(HASH_SESSION_KEY, ""),
            browser=browser,
            system=system,
            began_at=datetime.fromtimestamp(began, UTC),
        )

    def delete(self, session_key: str | None = None) -> None:
        """End a session, this one unless another is named."""
        if key := session_key or self.session_key:
            Session.objects.filter(pk=row_key_of(key)).delete()

    @property
    def row_key(self) -> str:
        """The primary key of the session's row."""
        return row_key_of(self.session_key or "")


def row_key_of(session_key: str) -> str:
    """The hash under which a key is stored; keys are random, and too long to be guessed from it."""
    return hashlib.sha256(session_key.encode()).hexdigest()


def limits_of(user: User) -> tuple[timedelta, timedelta]:
    """How long a session of a user lasts, and how long it may be unused."""
    return settings.STAFF_SESSION if user.is_staff else settings.CUSTOMER_SESSION


def live_sessions(user: User) -> "models.QuerySet[Session]":
    """The sessions in which a user is signed in, the one that was seen last first."""
    now, (lasts, rests) = timezone.now(), limits_of(user)
    open_ones = user.sessions.filter(expire_date__gt=now, access_hash__in=list(user.access_hashes))
    return open_ones.filter(began_at__gte=now - lasts, seen_at__gte=now - rests).order_by("-seen_at", "-began_at")


@receiver(user_logged_in)
def begin_session(request: HttpRequest, user: User, **_: Any) -> None:
    """Note when and where a session begins; who signs in also clears away sessions that have ended."""
    now, device = timezone.now(), device_of(request.META.get("HTTP_USER_AGENT", ""))
    request.session[ABOUT] = [*device, int(now.timestamp())]
    Session.objects.filter(expire_date__lte=now).delete()
    user.sessions.exclude(access_hash__in=list(user.access_hashes)).delete()
