"""The base of all rules: the model, the receipts of the engine, and how both are compared and stored."""

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
from tests.eventstore.machine.model import ExpectedReceipt, Model, ModelRequest
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
requests = st.builds(ModelRequest, commands, st.integers(0, 99).map(str), st.sampled_from(["ann", "bob"]))
events = st.one_of(st.builds(Counted, tallies, amounts, st.integers(0, 100)), st.builds(Reset, tallies))
filled = st.builds(Filled, st.just(BOX), st.text("ab", max_size=2))


class EngineMachine(RuleBasedStateMachine):
    """A database with real transactions, and the model of its contents."""

    @initialize()
    def begin(self) -> None:
        self.model = Model()
        self.seen: list[Recorded[Any]] = []  # by a reader of the feed
        self.mark = 0
        self.hidden: dict[int, Any] = {}  # events of the second writer, not committed yet
        self.stack = ExitStack()
        for model in MODELS:
            model.objects.all()._raw_delete("default")  # type: ignore[attr-defined]
        realtime.forget_live()
        installation.install(using="default")

    def teardown(self) -> None:
        self.stack.close()
        for role in ("new", "old"):
            discard(list(projections.values()), role)
        call_command("flush", interactive=False, verbosity=0, reset_sequences=False, inhibit_post_migrate=True)

    @invariant()
    def everything_agrees(self) -> None:
        """All stores agree with the model, the reader has missed no event, the mark is below uncommitted events."""
        checks.everything_agrees(self.model)
        checks.reader_agrees(self.model, self.seen)
        self.mark = checks.mark_is_safe(self.mark, min(self.hidden, default=None))

    @property
    def end(self) -> int:
        """The last position."""
        return max(self.model.facts, default=0)

    def catch_up(self) -> None:
        """Deliver all events; without the runner's waiting while a second writer holds the mark."""
        if not self.hidden:
            Runner().catch_up()
        mark = feed.advance(timeout=0).position
        for subscriber in delayed_subscribers():
            while read_batch(subscriber, mark):
                pass

    def take(self, batch: Sequence[ModelRequest], work: Callable[[], list[Receipt]], *, atomic: bool = False) -> None:
        """Send commands; assert that their receipts are as the model expects, errors included."""
        try:
            expectations = self.model.expect(batch, atomic=atomic)
        except SubjectErased:
            with pytest.raises(SubjectErased):
                work()
            return
        if atomic and expectations and expectations[-1].refusal:
            with pytest.raises(BatchRefused) as no:
                work()
            assert (no.value.index, no.value.refusal.code) == (len(expectations) - 1, expectations[-1].refusal)
            return
        self.record_receipts(batch, expectations, work())

    def record_receipts(
        self, batch: Sequence[ModelRequest], expectations: Sequence[ExpectedReceipt], receipts: Sequence[Receipt]
    ) -> None:
        """Assert that receipts are as expected, and store them in the model."""
        for receipt, expected in zip(receipts, expectations, strict=True):
            assert_receipt(receipt, expected)
        drawn = [position for r, o in zip(receipts, expectations, strict=True) if o.is_new for position in r.positions]
        self.assert_positions_rise(drawn)
        self.model.record(batch, expectations, [receipt.positions for receipt in receipts])
        for request, receipt in zip(batch, receipts, strict=True):
            assert receipt.positions in ((), self.model.commands[request.id].positions)

    def record_appended(self, records: Sequence[Recorded[Any]], appended: Sequence[Any]) -> None:
        """Assert that the records hold the appended events, and store them in the model."""
        assert [record.event for record in records] == list(appended)
        self.assert_positions_rise([record.position for record in records])
        for record in records:
            self.model.append(record.position, record.event)

    def assert_positions_rise(self, drawn: Sequence[int]) -> None:
        """Assert that positions rise, above all earlier ones."""
        assert list(drawn) == sorted(set(drawn))
        assert not drawn or drawn[0] > max([*self.model.facts, *self.hidden], default=0)

    def stored_request(self, which: int) -> ModelRequest:
        """One of the commands that are stored."""
        (actor, key), expected = list(self.model.commands.items())[which % len(self.model.commands)]
        return ModelRequest(expected.command, key, actor)


def execute_one(request: ModelRequest, *, dry_run: bool = False) -> Receipt:
    """Execute a command."""
    return execute(request.command, request.key, actor=request.actor, dry_run=dry_run)


def execute_batch(batch: Sequence[ModelRequest], *, atomic: bool = False) -> list[Receipt]:
    """Execute commands in one transaction."""
    return execute_many(
        [CommandRequest(command=request.command, key=request.key, actor=request.actor) for request in batch],
        atomic=atomic,
    )


def assert_receipt(receipt: Receipt, expected: ExpectedReceipt) -> None:
    """Assert that a receipt equals the model's, to the letter."""
    assert receipt.accepted == (expected.refusal is None)
    assert (receipt.refusal and receipt.refusal.code) == expected.refusal
    assert str(receipt.answer) == str(expected.answer)
    assert len(receipt.positions) == len(expected.events)


@contextmanager
def without_receivers() -> Iterator[None]:
    """Disconnect all receivers, so that appending takes the short way."""
    with ExitStack() as stack:
        for signal in (events_appending, events_appended, events_appended.projections):
            stack.enter_context(patch.object(signal, "receivers", []))
        yield


def of(event: Any, tally: UUID) -> Any:
    """The same event of another tally."""
    return Counted(tally, event.amount, event.total) if isinstance(event, Counted) else Reset(tally)
