"""What somebody may not see is as good as nothing: the answer, what it costs and what is remembered are the same."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.services.ids import new_id
from accounts.users.models import User
from projections.models import Account
from tests.authorization.bodies import Body, address_at, body_at
from tests.authorization.callers import API, Caller, Person
from tests.authorization.routes import places_in
from tests.authorization.rules import METHODS, rules
from tests.authorization.world import World

TOKEN: Final = re.compile(rb'(name="csrfmiddlewaretoken" value=")[^"]+')
RULES: Final = rules()
KEY: Final = "one and the same"


@dataclass(frozen=True)
class Trace:
    """All that a caller could tell one request from another by."""

    status: int
    body: bytes
    location: str
    queries: int
    remembered: int  # how it is answered to ask for the command that was sent with this key; 0 where none could be


@pytest.mark.parametrize("kind", ["anonymous", "other", "auditor"])
def test_who_may_not_see_it_can_not_tell_whether_it_exists(world: World, kind: str) -> None:
    phantom = _phantom(world)
    told = [route for route in RULES if _asked(route, world) != _asked(route, phantom)]
    assert len(told) > 60
    person = Person.of(world.people.get(kind))
    found = [fault for route in told for fault in _differences(person.at(route), route, kind, (world, phantom))]
    assert not found, "\n".join(found)


def test_nor_whether_it_could_exist(world: World) -> None:
    caller, phantom = Caller.with_token(world.people["other"]), _phantom(world)
    garbled = replace(world, ids={**dict.fromkeys(world.ids, "nonsense"), "category": "account"})
    for route in filter(_names_something, RULES):
        asked = body_at(route, phantom)
        for method in METHODS:
            answers = [caller.send(method, address_at(route, made), asked) for made in (phantom, garbled)]
            assert answers[0].status == answers[1].status, route
            assert answers[0].body == answers[1].body, route


def test_to_name_its_owner_does_not_help(world: World) -> None:
    caller, actor = Caller.with_token(world.people["other"]), world.people["owner"].actor
    known, unknown = (
        _trace(caller, "GET", f"{API}commands/{made.ids['key']}?actor={actor}", {}) for made in (world, _phantom(world))
    )
    assert known == unknown
    assert known.status == 404


def _phantom(world: World) -> World:
    """The same with nothing in it."""
    ids = {name: str(new_id()) for name in world.ids} | {name: world.ids[name] for name in ("category", "period")}
    return replace(world, ids=ids, spare=Account(account_id=new_id()), leaver=User(customer_id=new_id()))


def _asked(route: str, world: World) -> tuple[str, Body]:
    asked = body_at(route, world)
    return address_at(route, world), {name: asked[name] for name in asked if name != "command_id"}


def _names_something(route: str) -> bool:
    return route.startswith(API) and bool(places_in(route))


def _differences(caller: Caller, route: str, kind: str, worlds: tuple[World, World]) -> Iterator[str]:
    """Between what is the owner's and what is not there, for the methods that don't let this caller have it."""
    for method in METHODS:
        if RULES[route][method][kind] >= 300:
            known, unknown = (_trace(caller, method, *_asked(route, made)) for made in worlds)
            if known != unknown:
                yield f"{method} {route}:\n  {known}\n  {unknown}"


def _trace(caller: Caller, method: str, address: str, asked: Body) -> Trace:
    with transaction.atomic():
        with CaptureQueriesContext(connection) as queries:
            got = caller.really_send(method, address, asked, key=KEY)
        cost = len(queries)
        remembered = _ask_again(caller) if method in {"POST", "PATCH"} and address.startswith(API) else 0
        transaction.set_rollback(True)
    place, *_ = address.split("?")
    body = TOKEN.sub(rb"\1", got.body)
    if not address.startswith(API):  # pages lead back to themselves
        body = body.replace(place.encode(), b"")
    location = got.headers.get("Location", "").replace(place, "")
    return Trace(got.status, body, location, cost, remembered)


def _ask_again(caller: Caller) -> int:
    return caller.really_send("GET", f"{API}commands/{KEY}").status
