"""Users without rights: suspended, erased and deactivated ones, and staff without a role."""

import json
from collections.abc import Iterator
from typing import Final

import pytest

from accounts.users.models import User
from tests.authorization.bodies import address_at, body_at
from tests.authorization.callers import API, Caller, Person
from tests.authorization.rules import Row, rules
from tests.authorization.world import BALANCES, FRIENDS, OTHERS, OWNERS, World
from tests.factories import PASSWORD, ErasureFactory, SuspensionFactory

pytestmark = pytest.mark.once("who may do what is alike on every database")

SIGN_IN: Final = f"{API}token"
REGISTER: Final = f"{API}customers"
RULES: Final = rules()

SECURITY: Final = frozenset(route for route in RULES if route.startswith(("/security", "/sign-in/")))
PASSWORDS: Final = frozenset({"/password-reset", "/password-reset/<uidb64>/<token>", "/profile/password"})
EMAIL_LINK: Final = "/email/<str:secret>"
EMAILS: Final = frozenset({"/profile/email", "/email/take-back", EMAIL_LINK})
COMMANDLESS: Final = (
    PASSWORDS | EMAILS | SECURITY | {"/sign-up", "/sign-in", "/sign-out", "/i18n/setlang/", SIGN_IN, REGISTER}
)
LEADS_ON: Final = "/admin/analysis/"  # to the sign-in, or to the first page for those who may see it
FOR_ALL_STAFF: Final = SECURITY | frozenset(
    {f"{API}me", f"{API}tokens", "/admin/", "/admin/jsi18n/", "/admin/password_change/", "/admin/password_change/done/"}
)


def test_the_suspended_look_but_do_nothing(world: World) -> None:
    SuspensionFactory.create(customer=world.people["owner"])
    owner = Person.of(world.people["owner"])
    for route, method, row in _rows("GET", "POST", "PATCH"):
        got = owner.at(route).send(method, address_at(route, world), body_at(route, world))
        if method == "GET" or row["owner"] >= 400 or route in COMMANDLESS or route.startswith("/admin/"):
            assert got.status == row["owner"], (method, route)
        elif route.startswith(API):
            assert (got.status, json.loads(got.body)["code"]) == (409, "CUSTOMER_SUSPENDED"), (method, route)
        else:
            assert got.status == 200, (method, route)
            assert "suspended" in got.text, route
        assert got.events == 0 or route in COMMANDLESS


@pytest.mark.parametrize("kind", ["owner", "superuser", "erased"])
def test_a_user_who_can_not_sign_in_is_a_stranger_with_any_session_or_token(world: World, kind: str) -> None:
    user = world.leaver if kind == "erased" else world.people[kind]
    stranger = Person.of(user)
    if kind == "erased":
        ErasureFactory.create(customer=user)
    else:
        User.objects.filter(pk=user.pk).update(is_active=False)
    for route, method, row in _rows("GET", "POST", "PATCH"):
        got = stranger.at(route).send(method, address_at(route, world), body_at(route, world))
        assert got.status == _for_strangers(method, route, row, kind), (method, route)


def _for_strangers(method: str, route: str, row: Row, kind: str) -> int:
    """The statuses for a stranger; `kind` is the user who can't sign in."""
    if kind == "owner" and method == "POST" and route in {"/sign-in", SIGN_IN}:  # whose e-mail and password are sent
        return 200 if route == "/sign-in" else 401
    if kind == "erased" and route == EMAIL_LINK and row["anonymous"] != 405:  # which was mailed to them
        return 410
    dead_token = route.startswith(API) and route != SIGN_IN  # which is worse than none
    return 401 if dead_token else row["anonymous"]


def test_staff_without_a_role_see_nothing(world: World) -> None:
    newcomer = Person.of(_member_of_staff())
    for route, method, row in _rows("GET", "POST", "PATCH"):
        got = newcomer.at(route).send(method, address_at(route, world), body_at(route, world))
        public = (row["anonymous"] == row["auditor"] and route != LEADS_ON) or route in FOR_ALL_STAFF
        assert got.status == row["auditor"] if public else got.status in {302, 403, 404, 405}, (method, route)
        assert not [text for text in (OWNERS, OTHERS, FRIENDS, *BALANCES) if text.lower() in got.text], (method, route)


@pytest.mark.parametrize("kind", ["owner", "superuser"])
def test_a_session_alone_does_not_act(world: World, kind: str) -> None:
    """A foreign page could have sent the request: it lacks the CSRF token of our own forms and scripts."""
    caller = Caller.with_session(world.people[kind])
    caller.client.handler.enforce_csrf_checks = True
    for route, method, row in _rows("POST", "PATCH", "PUT", "DELETE"):
        got = caller.send(method, address_at(route, world), body_at(route, world))
        signs_in = route == SIGN_IN and method != "DELETE"
        sessionless = signs_in or (route.startswith("/api/") and not route.startswith(API))
        assert got.status == (row[kind] if sessionless else 403), (method, route)
        assert got.events == 0


def _member_of_staff() -> User:
    user = User(email="newcomer@example.org", is_staff=True)
    user.set_password(PASSWORD)
    user.save()
    return user


def _rows(*methods: str) -> Iterator[tuple[str, str, Row]]:
    return ((route, method, rule[method]) for route, rule in RULES.items() for method in methods)
