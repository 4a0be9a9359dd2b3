"""A foreign object is answered like a missing one: with the same answer, number of queries and stored receipt."""

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
EMAIL_LINK: Final = "/email/<str:secret>"  # a secret that opens by itself, and names nothing to who has none


@dataclass(frozen=True)
class Trace:
    """All by which a caller could distinguish two requests."""

    status: int
    body: bytes
    location: str
    queries: int
    remembered: int  # status of a query for the command with this key; 0 where there is none


@pytest.mark.parametrize("kind", ["anonymous", "other", "auditor"])
def test_a_caller_without_rights_can_not_learn_whether_an_object_exists(world: World, kind: str) -> None:
    phantom = _phantom(world)
    distinct = [
        route for route in RULES if route != EMAIL_LINK and _request_of(route, world) != _request_of(route, phantom)
    ]
    assert len(distinct) > 60
    person = Person.of(world.people.get(kind))
    found = [fault for route in distinct for fault in _differences(person.at(route), route, kind, (world, phantom))]
    assert not found, "\n".join(found)


def test_an_unknown_id_is_answered_like_a_malformed_one(world: World) -> None:
    caller, phantom = Caller.with_token(world.people["other"]), _phantom(world)
    garbled = replace(world, ids={**dict.fromkeys(world.ids, "nonsense"), "category": "account"})
    for route in filter(_names_something, RULES):
        body = body_at(route, phantom)
        for method in METHODS:
            answers = [caller.send(method, address_at(route, made), body) for made in (phantom, garbled)]
            assert answers[0].status == answers[1].status, route
            assert answers[0].body == answers[1].body, route


def test_naming_the_owner_does_not_reveal_a_command(world: World) -> None:
    caller, actor = Caller.with_token(world.people["other"]), world.people["owner"].actor
    known, unknown = (
        _trace(caller, "GET", f"{API}commands/{made.ids['key']}?actor={actor}", {}) for made in (world, _phantom(world))
    )
    assert known == unknown
    assert known.status == 404


def _phantom(world: World) -> World:
    """The same world with ids that do not exist."""
    ids = {name: str(new_id()) for name in world.ids} | {name: world.ids[name] for name in ("category", "period")}
    return replace(world, ids=ids, spare=Account(account_id=new_id()), leaver=User(customer_id=new_id()))


def _request_of(route: str, world: World) -> tuple[str, Body]:
    body = body_at(route, world)
    return address_at(route, world), {name: body[name] for name in body if name != "command_id"}


def _names_something(route: str) -> bool:
    return route.startswith(API) and bool(places_in(route))


def _differences(caller: Caller, route: str, kind: str, worlds: tuple[World, World]) -> Iterator[str]:
    """The differences between the owner's objects and missing ones, for methods that refuse this caller."""
    for method in METHODS:
        if RULES[route][method][kind] >= 300:
            known, unknown = (_trace(caller, method, *_request_of(route, made)) for made in worlds)
            if known != unknown:
                yield f"{method} {route}:\n  {known}\n  {unknown}"


def _trace(caller: Caller, method: str, address: str, body: Body) -> Trace:
    with transaction.atomic():
        with CaptureQueriesContext(connection) as queries:
            got = caller.really_send(method, address, body, key=KEY)
        cost = len(queries)
        remembered = _status_of_receipt(caller) if method in {"POST", "PATCH"} and address.startswith(API) else 0
        transaction.set_rollback(True)
    place, *_ = address.split("?")
    answer = TOKEN.sub(rb"\1", got.body)
    if not address.startswith(API):  # pages lead back to themselves
        answer = answer.replace(place.encode(), b"")
    location = got.headers.get("Location", "").replace(place, "")
    return Trace(got.status, answer, location, cost, remembered)


def _status_of_receipt(caller: Caller) -> int:
    return caller.really_send("GET", f"{API}commands/{KEY}").status
