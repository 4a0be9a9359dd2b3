"""Every address that is asked with GET: where standbys answer, and on a node that knows a standby alone."""

from typing import Any, Final

import pytest

from tests.readers.conftest import Node, settle
from tests.readers.pair import Pair

pytestmark = pytest.mark.once("it starts servers of its own")

API: Final = "/api/v1/"
STATE: Final = ("/readyz", "/healthz")  # 503 where there are problems, as here
FORMS: Final = ("deposit", "rename", "withdraw")
# Forms, which prepare a decision; what no command changes; whoever looks after the site; and what reads an archive.
AT_HOME: Final = (
    *(f"/accounts/{form}" for form in ("open", *(f"<uuid:account_id>/{name}" for name in FORMS))),
    *("/transfer", "/profile", "/security", "/sign-in/again", *STATE),
    *("/admin/accounts/", "/admin/actions/", "/admin/projections/statement", "/admin/analysis/"),
    *(f"/admin/eventstore/{name}" for name in ("drill", "epoch", "parked", "projection", "treehead")),
)


@pytest.mark.parametrize("kind", ["owner", "superuser"])
def test_each_answers_as_ever_where_a_standby_reads(
    servers: Pair, one: Node, other: Node, world: dict[str, Any], kind: str
) -> None:
    settle(servers, one)
    faults, elsewhere = [], set()
    for route, (address, statuses) in world["routes"].items():
        got = other.ask(world["people"][kind], address)
        if got["status"] != statuses[kind] and route not in STATE:
            faults.append((route, got["status"], statuses[kind]))
        if got["status"] == 200 and "default" in got["queries"]:
            elsewhere.add(route)
    assert not faults
    assert [route for route in sorted(elsewhere) if not (route == "/admin/" or route.startswith(AT_HOME))] == []


@pytest.mark.parametrize("kind", ["owner", "superuser"])
def test_each_of_the_api_answers_on_a_node_that_knows_a_standby_alone(
    servers: Pair, one: Node, follower: Node, world: dict[str, Any], kind: str
) -> None:
    settle(servers, one)
    faults = []
    for address, statuses in world["routes"].values():
        if address.startswith(API):
            got = follower.ask(world["people"][kind], address)
            if got["status"] != statuses[kind]:
                faults.append((address, got["status"], statuses[kind]))
    assert not faults
