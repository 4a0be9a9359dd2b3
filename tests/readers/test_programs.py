"""Commands of manage.py on a standby: those that look work there, and say up to where they have looked."""

from typing import Any

import pytest

from tests.readers.conftest import Node, settle
from tests.readers.pair import Pair
from tests.readers.test_standbys import Owner, held

pytestmark = pytest.mark.once("it starts servers of its own")


def run(node: Node, *command: str) -> str:
    """What a command prints; it must not fail."""
    code, printed = node.do("manage", *command)
    assert code == 0, printed
    return str(printed)


@pytest.mark.parametrize(
    "command",
    [
        ["verify"],
        ["verify", "--sample", "3"],
        ["check_projections"],
        ["check_projections", "--sample", "3"],
        ["check_ledger", "--wait", "0"],
        ["projection_status"],
        ["show_projection", "accounts", "--at-position", "20"],
        ["show_projection", "audit_lines", "--at-position", "20"],
        ["show_projection", "entries", "--at-position", "20", "--json"],
    ],
    ids=" ".join,
)
def test_what_looks_says_the_same_as_on_the_primary(
    servers: Pair, one: Node, follower: Node, command: list[str]
) -> None:
    settle(servers, one)
    there, here = run(follower, *command), run(one, *command)
    own = [line for line in there.splitlines() if not line.startswith("This database follows another")]
    if "--sample" not in command and command != ["verify"]:  # whose runs are timed, or differ by chance
        assert own == here.splitlines()


def test_they_speak_of_the_replicated_mark_while_the_primary_goes_on(
    servers: Pair, one: Node, follower: Node, world: dict[str, Any]
) -> None:
    settle(servers, one)
    position, _ = follower.do("advance")
    with held(servers):
        told = Owner(world).pays_in(one, "1.00")["body"]
        assert one.do("advance")[0] == told["position"] > position
        assert follower.do("advance")[0] == position
        assert f"up to position {position:,} " in run(follower, "verify")
        assert f"up to position {position:,}." in run(follower, "check_projections", "--sample", "2")
        assert one.do("waits_for", told["position"], "accounts")
        assert not follower.do("waits_for", told["position"], "accounts")
        assert follower.do("waits_for", position, "accounts")
        assert not follower.do("waits_for", told["position"], "volumes")
    assert follower.do("waits_for", told["position"], "accounts")


def test_rows_that_are_ahead_of_the_mark_have_not_drifted(
    servers: Pair, one: Node, follower: Node, world: dict[str, Any]
) -> None:
    settle(servers, one)
    Owner(world).pays_in(one, "1.00")  # nobody raises the mark
    servers.catch_up()
    assert "DRIFTED" not in run(follower, "check_projections")


def test_an_archive_is_made_from_a_standby(servers: Pair, one: Node, follower: Node, tmp_path: Any) -> None:
    settle(servers, one)
    position, _ = follower.do("advance")
    assert f"up to position {position:,} " in run(follower, "archive", str(tmp_path / "archive"))


def test_a_drifted_row_is_found_on_a_standby(servers: Pair, one: Node, follower: Node) -> None:
    change = "UPDATE projections_account SET balance = balance {} 1"
    servers.primary.ask(change.format("+"), "tidemark")
    servers.catch_up()
    code, printed = follower.do("manage", "check_projections", "accounts", "--no-heads")
    servers.primary.ask(change.format("-"), "tidemark")
    servers.catch_up()
    assert code == 3
    assert "DRIFTED" in printed


def test_what_decides_refuses_and_nothing_is_drawn(servers: Pair, follower: Node, world: dict[str, Any]) -> None:
    owner = Owner(world)
    answer = follower.ask(owner.email, f"/api/v1/accounts/{owner.account}/deposits", {"amount": "1.00"})
    assert answer["status"] == 503
    assert answer["body"]["code"] == "RETRY_LATER"
