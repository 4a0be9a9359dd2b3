"""Each kind of caller at each route gets the status of the rules, and no caller sees foreign data."""

from collections.abc import Iterator
from itertools import chain
from typing import Final

import pytest

from tests.authorization.bodies import address_at, body_at
from tests.authorization.callers import Caller, HttpAnswer, Person
from tests.authorization.rules import KINDS, METHODS, STAFF, rules
from tests.authorization.world import BALANCES, FRIENDS, OTHERS, OWNERS, World

RULES: Final = rules()
ONCE: Final = {"support", "operator", "approver"}  # whose rows differ from others' by their role alone
CALLERS: Final = [
    pytest.param(kind, marks=pytest.mark.once("roles are alike on every database") if kind in ONCE else ())
    for kind in KINDS
]


@pytest.mark.parametrize("kind", CALLERS)
def test_every_caller_gets_what_the_rules_say(world: World, kind: str) -> None:
    person = Person.of(world.people.get(kind))
    found = [_amiss(person.at(route), kind, world, route) for route in RULES]
    faults = list(chain(*found))
    assert not faults, "\n".join(faults)


def _amiss(caller: Caller, kind: str, world: World, route: str) -> Iterator[str]:
    """The faults in the answers to all methods of a route."""
    address, body = address_at(route, world), body_at(route, world)
    for method in METHODS:
        got = caller.send(method, address, body)
        for fault in _faults(got, RULES[route][method][kind], kind, world, f"{address} {body}"):
            yield f"{method} {route}: {fault}"


def _faults(got: HttpAnswer, status: int, kind: str, world: World, sent: str) -> Iterator[str]:
    if got.status != status:
        yield f"{got.status} instead of {status}"
    if got.events and got.status >= 400:
        yield f"refused, but {got.events} events were recorded"
    if seen := [text for text in _hidden(kind, got, world) if text.lower() in got.text and text not in sent]:
        yield f"shows {seen}"


def _hidden(kind: str, got: HttpAnswer, world: World) -> list[str]:
    """The texts that an answer must not contain: staff see all, but a refusal shows nothing."""
    if kind in STAFF and got.status < 300:
        return []
    marks = {"owner": [OTHERS, FRIENDS], "other": [OWNERS, FRIENDS]}.get(kind, [OWNERS, OTHERS, FRIENDS])
    return marks if kind == "owner" else [*marks, *BALANCES, *world.secrets]
