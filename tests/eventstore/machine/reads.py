"""Rules: read the feed, deliver to read models, rebuild and check them, retry and skip parked events."""

from functools import partial

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from eventstore import feed, log
from eventstore.models import Parked
from eventstore.projecting.declaration.registry import projections
from eventstore.projecting.inspect.drift import check, check_heads
from eventstore.projecting.parking import parking
from eventstore.projecting.rebuild import rebuild
from eventstore.projecting.runner.batches import read_batch
from eventstore.projecting.runner.runner import position_of
from eventstore.projecting.skips import EventSkipped, stream_of
from tests.eventstore.machine.base import EngineMachine

DELAYED = ["lines", "grand"]


class ReadRules(EngineMachine):
    """Rules that read: the feed, rebuilds, retries, skips and checks."""

    @rule(limit=st.integers(1, 20))
    def read_the_feed(self, limit: int) -> None:
        feed.advance(timeout=0)
        self.seen += feed.read(self.seen[-1].position if self.seen else 0, limit=limit)

    @rule()
    def advance_the_mark(self) -> None:
        mark = feed.advance(timeout=0)
        assert self.hidden or mark.position >= self.end

    @rule()
    def deliver(self) -> None:
        self.catch_up()
        assert self.hidden or position_of(projections["grand"]) >= self.end

    @rule(max_slots=st.sampled_from([1, 4, 16]))
    def deliver_a_batch(self, max_slots: int) -> None:
        """Some slots, as where several runners share the work; the others stay where they are."""
        feed.advance(timeout=0)
        for name in DELAYED:
            read_batch(projections[name], max_slots=max_slots)

    @precondition(lambda self: not self.hidden)
    @rule(chosen=st.sets(st.sampled_from(["standings", "asked", *DELAYED]), min_size=1))
    def rebuild_some(self, chosen: set[str]) -> None:
        """An event that the projector refuses ends the rebuild, and leaves all as it was."""
        work = partial(rebuild, [projections[name] for name in sorted(chosen)])
        if "lines" in chosen and self.model.is_indigestible:
            with pytest.raises(ArithmeticError):
                work()
            return
        work()
        assert all(position_of(projections[name]) >= self.end for name in chosen & set(DELAYED))

    @precondition(lambda self: Parked.objects.exists())
    @rule()
    def retry_a_parked_event(self) -> None:
        assert not parking.retry(Parked.objects.order_by("position")[0])

    @precondition(lambda self: Parked.objects.exists())
    @rule()
    def skip_a_parked_event(self) -> None:
        """A skip is itself an event."""
        parked = Parked.objects.order_by("position")[0]
        parking.skip(parked, actor="ann", reason="unlucky")
        self.model.skipped.add(parked.position)
        own, at = stream_of("lines"), (parked.position, "tally", parked.stream_id, "tally.counted")
        skipped = EventSkipped(own, "lines", 1, *at, "unlucky")
        self.record_appended(list(log.read_stream(own, after=self.model.version(own))), [skipped])

    @precondition(lambda self: not self.hidden)
    @rule()
    def check_for_drift(self) -> None:
        found = [*check(list(projections.values())), check_heads()]
        assert not [drift for drift in found if drift.found]
