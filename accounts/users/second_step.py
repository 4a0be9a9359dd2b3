"""Between the two steps of a sign-in: the password was right, and nothing is open yet."""

from typing import Final

from django.contrib.auth import login
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from accounts.users.models import User
from accounts.users.session_times import give_second_factor, now_seconds

PENDING: Final = "password_given"
MINUTES: Final = 10  # to find the phone


def remember(request: HttpRequest, user: User, to: str) -> None:
    """Notes whose password was right, and where they want to go, in a new and otherwise empty session."""
    request.session.flush()
    request.session[PENDING] = {"user": user.pk, "hash": user.get_session_auth_hash(), "at": now_seconds(), "to": to}


def pending_user(request: HttpRequest) -> User | None:
    """The user whose password was given a moment ago, unless it was changed since."""
    given = request.session.get(PENDING)
    if not given or now_seconds() - given["at"] > MINUTES * 60:
        return None
    user = User.objects.filter(pk=given["user"], is_active=True).first()
    return user if user and constant_time_compare(user.get_session_auth_hash(), given["hash"]) else None


def complete(request: HttpRequest, user: User) -> str:
    """Signs in a user who has given the second factor too; returns where they wanted to go."""
    to: str = request.session.pop(PENDING)["to"]
    login(request, user)
    give_second_factor(request)
    return to
