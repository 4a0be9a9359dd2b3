"""Times of sessions: how long one lasts, and when its user last proved who they are. Held on the server."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final, cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import SESSION_KEY, logout
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.backends.base import SessionBase
from django.dispatch import receiver
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.users import security_log
from accounts.users.models import User
from accounts.users.moments import is_old, note
from accounts.users.sessions import Session, SessionStore, limits_of

SIGNED_IN_AT: Final = "signed_in_at"
PROVED_AT: Final = "proved_at"
SECOND_FACTOR: Final = "second_factor"  # whether it was given in this session

GetResponse = Callable[[HttpRequest], HttpResponseBase]


@receiver(user_logged_in, dispatch_uid="session_times")
def begin(request: HttpRequest, user: User, **_signal: Any) -> None:
    """Notes the time of a sign-in. The browser forgets a member of staff when it closes."""
    now = now_seconds()
    request.session.update({SIGNED_IN_AT: now, PROVED_AT: now})
    request.session.pop(SECOND_FACTOR, None)
    if user.is_staff:
        request.session.set_expiry(0)


def give_second_factor(request: HttpRequest) -> None:
    """Notes that a second factor was given in this session, which takes a new key."""
    request.session.cycle_key()
    request.session[SECOND_FACTOR] = True


def prove_again(request: HttpRequest) -> None:
    """Notes that the user has just proved who they are; the session takes a new key."""
    request.session.cycle_key()
    request.session[PROVED_AT] = now_seconds()


def proved_at(session: SessionBase) -> datetime | None:
    """When the user of a session last proved who they are."""
    seconds = session.get(PROVED_AT)
    return datetime.fromtimestamp(seconds, UTC) if seconds else None


def is_fresh(proved: datetime | None) -> bool:
    """Whether somebody proved who they are recently enough for what is grave."""
    if proved is None:
        return False
    return timezone.now() - proved <= settings.FRESH_SIGN_IN


class SessionTimes:
    """Ends sessions that have lasted too long, were not used for too long, or lack a factor added since."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Ends the session if need be, and then the caller is a stranger; else notes that it is seen."""
        session = cast(SessionStore, request.session)
        if SESSION_KEY in session and request.user.is_authenticated:
            if why := _why_over(session, request.user):
                _end(request, why)
            elif is_old(session.seen_at):
                note(Session, session.row_key, seen_at=timezone.now())
        return self.get_response(request)


def _why_over(session: SessionStore, user: User) -> str | None:
    """Why a session is at its end, in the words of the security log; None if it is not."""
    lasts, rests = limits_of(user)
    if now_seconds() - session.get(SIGNED_IN_AT, 0) > lasts.total_seconds():
        return "too old"
    if session.seen_at is None or timezone.now() - session.seen_at > rests:
        return "unused"
    return "no second factor" if user.has_second_factor and not session.get(SECOND_FACTOR) else None


def _end(request: HttpRequest, why: str) -> None:
    security_log.record("session.ended", request, why=why)
    logout(request)
    if not request.path.startswith("/api/"):
        messages.info(request, _("To protect you, we have signed you out after a while. Please sign in again."))


def now_seconds() -> int:
    """The time, as sessions keep it."""
    return int(timezone.now().timestamp())
