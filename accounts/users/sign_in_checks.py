"""Whether sign-ins still open what they opened, for what goes on after a request: asked for many of them at once."""

from collections.abc import Collection, Hashable, Iterator
from typing import NamedTuple, cast
from uuid import UUID

from rest_framework.request import Request

from accounts.users.factors import lacks_second_factor
from accounts.users.models import User
from accounts.users.roles import StaffTask, is_entitled
from accounts.users.sessions import SessionStore, live_sessions
from accounts.users.tokens import live_tokens


class SignIn(NamedTuple):
    """What a caller was let in by: the id of a token, or the key of a session's row."""

    user_id: int
    key: UUID | str


def sign_in_of(request: Request) -> SignIn:
    """The sign-in of a caller who was let in."""
    user_id = cast(int, request.user.pk)
    if request.auth is not None:
        return SignIn(user_id, cast(UUID, request.auth))
    return SignIn(user_id, cast(SessionStore, request._request.session).row_key)


def still_viewing(sign_ins: Collection[Hashable]) -> Collection[Hashable]:
    """Those of some sign-ins whose owners may still view what staff do: four queries for each of these people."""
    ids = {found.user_id for found in sign_ins if isinstance(found, SignIn)}
    open_ones = {found for user in User.objects.filter(pk__in=ids) for found in _open_ones(user)}
    return open_ones & set(sign_ins)


def _open_ones(user: User) -> Iterator[SignIn]:
    if is_entitled(user, StaffTask.VIEW) and not lacks_second_factor(user):
        for rows in (live_sessions(user), live_tokens(user)):
            yield from (SignIn(user.pk, key) for key in rows.values_list("pk", flat=True))
