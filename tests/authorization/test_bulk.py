"""Many requests at once are let through where each would be by itself, and nowhere else."""

import json
from typing import Final

import pytest

from tests.authorization.bodies import address_at, body_at
from tests.authorization.callers import API, Caller
from tests.authorization.rules import KINDS, rules
from tests.authorization.world import World

BULK: Final = f"{API}bulk"
NEVER: Final = frozenset({BULK, f"{API}token", f"{API}customers"})


@pytest.mark.parametrize("kind", KINDS[1:])
def test_bulk_lets_no_caller_do_more(world: World, kind: str) -> None:
    caller = Caller.with_token(world.people[kind])
    for route, rule in rules().items():
        if not route.startswith(API) or rule["POST"]["superuser"] == 405:
            continue
        item = {"path": address_at(route, world).removeprefix(API), "body": body_at(route, world), "key": "one"}
        got = caller.send("POST", BULK, {"mode": "each", "items": [item]})
        assert got.status == 200
        (result,) = json.loads(got.body)["results"]
        assert result["status"] == (404 if route in NEVER else rule["POST"][kind]), route
