"""Who is promoted without a new epoch: only a server that must have all that was acknowledged."""

import pytest

from deploy.ha.promotion import Sync, has_all

ONE_OF_TWO = Sync("a", frozenset("bc"), quorum=1)  # either standby acknowledges; together they have all
BOTH = Sync("a", frozenset("bc"), quorum=0)  # each commit is on both


@pytest.mark.parametrize(
    ("name", "sync", "others", "expected"),
    [
        ("b", ONE_OF_TWO, {"c": 100}, True),
        ("b", ONE_OF_TWO, {"c": 90}, True),
        ("b", ONE_OF_TWO, {"c": 101}, False),  # it may have acknowledged what this one lacks
        ("b", ONE_OF_TWO, {}, False),  # and so may one that does not answer
        ("b", ONE_OF_TWO, {"a": 100}, True),  # the old leader, which was shut down, has all
        ("b", ONE_OF_TWO, {"d": 100}, False),  # one that never acknowledged tells nothing
        ("b", BOTH, {}, True),
        ("d", BOTH, {}, False),
        ("d", BOTH, {"b": 100}, True),
        ("d", BOTH, {"b": 200}, False),
        ("a", ONE_OF_TWO, {}, True),  # the old leader comes back
        ("a", Sync("a", frozenset(), 0), {"b": 200}, True),
        ("b", Sync("a", frozenset(), 0), {"a": 100, "c": 100}, False),  # the leader acknowledged alone
        ("b", Sync("", frozenset(), 0), {"a": 100}, False),  # nobody says who did
        ("b", Sync("a", frozenset("bcde"), quorum=2), {"c": 100, "d": 99, "e": 200}, True),
        ("b", Sync("a", frozenset("bcde"), quorum=2), {"c": 100, "d": 101}, False),
    ],
)
def test_a_server_has_all_if_enough_others_are_no_further(
    name: str, sync: Sync, others: dict[str, int], expected: bool
) -> None:
    assert has_all(name, 100, sync, others) is expected
