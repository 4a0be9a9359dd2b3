"""Who emits what, is read in the source of rules."""

from collections.abc import Callable
from typing import Any
from unittest import mock

import pytest

from eventstore.catalogue.flow import emissions, made_by, senders
from eventstore.projecting.declaration.registry import reactions
from tests.eventstore import sample_reactions
from tests.eventstore.catalogue import sample
from tests.eventstore.catalogue.sample import Empty, Fill

pytestmark = pytest.mark.once("source is read, and no database")


@pytest.mark.parametrize(
    ("function", "given", "events"),
    [
        (sample.by_match, Fill, {"hamper.filled"}),  # by way of a function and a table, and without the rest
        (sample.by_match, Empty, {"hamper.emptied", "hamper.named"}),  # a guard may not let it pass
        (sample.by_match, None, {"hamper.filled", "hamper.emptied", "hamper.named"}),
        (sample.looks_only, Fill, {"hamper.emptied"}),
        (sample.narrowed, Fill, {"hamper.emptied"}),
        (sample.refuses, Fill, set()),
        (sample.by_method, Fill, {"hamper.filled"}),  # not to be seen, so its annotation counts
        (sample.says_nothing, Fill, {"hamper.named"}),
        (sample.by_lambda, Fill, {"hamper.emptied"}),
        (len, Fill, set()),
    ],
)
def test_what_a_rule_emits_is_found(function: Callable[..., Any], given: Any, events: set[str]) -> None:
    assert made_by(function, "event", given) == events


def test_rules_of_one_function_for_several_commands_are_told_apart() -> None:
    found = emissions()
    assert found["tally.count"] == {"tally.counted"}
    assert found["tally.clear"] == {"tally.reset"}
    assert found["tally.move"] == {"tally.counted"}
    assert found["tally.describe"] == set()


def test_reactions_are_senders() -> None:
    with mock.patch.dict(reactions, clear=True):
        sample_reactions.declare()
        assert senders()["process:echoes"] == {"tally.count", "tally.clear"}
