"""What all rules share: the model, what the database has told, and how what is told is compared and kept."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch
from uuid import UUID

import pytest
from django.core.management import call_command
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant

from eventstore import feed
from eventstore.execute import BatchRefused, CommandRequest, Receipt, execute, execute_many
from eventstore.log import Recorded
from eventstore.personal import SubjectErased
from eventstore.projecting import installation, realtime
from eventstore.projecting.declaration.registry import projections
from eventstore.projecting.rebuild import discard
from eventstore.projecting.runner.batches import read_batch
from eventstore.projecting.runner.runner import Runner, delayed_subscribers
from eventstore.signals import events_appended, events_appending
from tests.conformance.boxes import Filled
from tests.eventstore.machine import checks
from tests.eventstore.machine.model import Ask, Model, Outcome
from tests.eventstore.sample import Clear, Count, Counted, Describe, Move, NotePerson, Reset
from tests.eventstore.sample_projections import MODELS, UNLUCKY

TALLIES = [UUID(int=number) for number in (1, 2, 3)]
PERSONS = [UUID(int=number) for number in (10, 11)]

BOX = UUID(int=30)

tallies, persons = st.sampled_from(TALLIES), st.sampled_from(PERSONS)
amounts = st.one_of(st.integers(-30, 60), st.just(UNLUCKY))
names = st.none() | st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=5)
commands = st.one_of(
    st.builds(Count, tallies, amounts),
    st.builds(Move, tallies, tallies, st.integers(-5, 20)),
    st.builds(Clear, tallies),
    st.builds(Describe, tallies),
    st.builds(NotePerson, persons, names),
)
asks = st.builds(Ask, commands, st.integers(0, 99).map(str), st.sampled_from(["ann", "bob"]))
events = st.one_of(st.builds(Counted, tallies, amounts, st.integers(0, 100)), st.builds(Reset, tallies))
filled = st.builds(Filled, st.just(BOX), st.text("ab", max_size=2))


class Base(RuleBasedStateMachine):
    """One database with real transactions, and what should be in it."""

    @initialize()
    def begin(self) -> None:
        self.model = Model()
        self.seen: list[Recorded[Any]] = []  # by a reader of the feed
        self.mark = 0
        self.hidden: dict[int, Any] = {}  # events that somebody has written, and not committed yet
        self.stack = ExitStack()
        for model in MODELS:
            model.objects.all()._raw_delete("default")  # type: ignore[attr-defined]
        realtime.forget_live()
        installation.install(using="default")

    def teardown(self) -> None:
        self.stack.close()
        for role in ("new", "old"):
            discard(list(projections.values()), role)
        call_command("flush", interactive=False, verbosity=0, inhibit_post_migrate=True)

    @invariant()
    def everything_agrees(self) -> None:
        """All stores are where the model is, the reader has missed nothing, the mark is not beyond what is known."""
        checks.everything_agrees(self.model)
        checks.read_in_order(self.model, self.seen)
        self.mark = checks.mark_is_honest(self.mark, min(self.hidden, default=None))

    @property
    def end(self) -> int:
        """The last position."""
        return max(self.model.facts, default=0)

    def catch_up(self) -> None:
        """Deliver everything; without the runner's patience, where a writer would not go on meanwhile."""
        if not self.hidden:
            Runner().catch_up()
        mark = feed.advance(timeout=0).position
        for subscriber in delayed_subscribers():
            while read_batch(subscriber, mark):
                pass

    def take(self, batch: Sequence[Ask], work: Callable[[], list[Receipt]], *, atomic: bool = False) -> None:
        """Send commands; what comes of them is what the model says, errors included."""
        try:
            outcomes = self.model.outcomes(batch, atomic=atomic)
        except SubjectErased:
            with pytest.raises(SubjectErased):
                work()
            return
        if atomic and outcomes and outcomes[-1].refusal:
            with pytest.raises(BatchRefused) as no:
                work()
            assert (no.value.index, no.value.refusal.code) == (len(outcomes) - 1, outcomes[-1].refusal)
            return
        self.told(batch, outcomes, work())

    def told(self, batch: Sequence[Ask], outcomes: Sequence[Outcome], receipts: Sequence[Receipt]) -> None:
        """Keep what came of commands, which is what the model expected."""
        for receipt, outcome in zip(receipts, outcomes, strict=True):
            told_as_expected(receipt, outcome)
        drawn = [position for r, o in zip(receipts, outcomes, strict=True) if o.is_new for position in r.positions]
        self.stands_higher(drawn)
        self.model.record(batch, outcomes, [receipt.positions for receipt in receipts])
        for ask, receipt in zip(batch, receipts, strict=True):
            assert receipt.positions in ((), self.model.asked[ask.id].positions)

    def keep(self, records: Sequence[Recorded[Any]], told: Sequence[Any]) -> None:
        """Keep events that were appended, which are those that were told."""
        assert [record.event for record in records] == list(told)
        self.stands_higher([record.position for record in records])
        for record in records:
            self.model.append(record.position, record.event)

    def stands_higher(self, drawn: Sequence[int]) -> None:
        """Positions rise, and stand above all that is there."""
        assert list(drawn) == sorted(set(drawn))
        assert not drawn or drawn[0] > max([*self.model.facts, *self.hidden], default=0)

    def sent(self, which: int) -> Ask:
        """One of the commands that are stored."""
        (actor, key), outcome = list(self.model.asked.items())[which % len(self.model.asked)]
        return Ask(outcome.command, key, actor)


def one(ask: Ask, *, dry_run: bool = False) -> Receipt:
    """Execute a command."""
    return execute(ask.command, ask.key, actor=ask.actor, dry_run=dry_run)


def many(batch: Sequence[Ask], *, atomic: bool = False) -> list[Receipt]:
    """Execute commands in one transaction."""
    return execute_many(
        [CommandRequest(command=ask.command, key=ask.key, actor=ask.actor) for ask in batch], atomic=atomic
    )


def told_as_expected(receipt: Receipt, outcome: Outcome) -> None:
    """A receipt says what the model says, to the letter."""
    assert receipt.accepted == (outcome.refusal is None)
    assert (receipt.refusal and receipt.refusal.code) == outcome.refusal
    assert str(receipt.answer) == str(outcome.answer)
    assert len(receipt.positions) == len(outcome.events)


@contextmanager
def unheard() -> Iterator[None]:
    """Nobody is told what is appended."""
    with ExitStack() as stack:
        for signal in (events_appending, events_appended, events_appended.projections):
            stack.enter_context(patch.object(signal, "receivers", []))
        yield


def of(event: Any, tally: UUID) -> Any:
    """The same event of another tally."""
    return Counted(tally, event.amount, event.total) if isinstance(event, Counted) else Reset(tally)
