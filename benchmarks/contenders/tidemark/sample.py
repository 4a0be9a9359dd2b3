"""The base of all works on the sample domain."""

from uuid import NAMESPACE_OID, UUID, uuid4, uuid5

from django.core.management import call_command

from benchmarks.contenders.tidemark.purses import PurseFilled
from benchmarks.contenders.worker import NOTE, Work
from eventstore import log

BATCH = 500  # events in one transaction while a history is written


def purse_ids(count: int) -> list[UUID]:
    """Ids that are the same in every process, and as scattered as random ones."""
    return [uuid5(NAMESPACE_OID, f"purse {number}") for number in range(count)]


def filled(purse_id: UUID, version: int) -> PurseFilled:
    """The event that follows a version of the stream."""
    return PurseFilled(purse_id, uuid4(), 100, 100 * (version + 1), NOTE)


class Sample(Work):
    """Work on the sample domain."""

    def prepare(self) -> None:
        """Make the tables."""
        call_command("migrate", run_syncdb=True, verbosity=0)

    def write_history(self, streams: int, events: int) -> None:
        """Give each stream so many events."""
        for purse_id in purse_ids(streams):
            for start in range(0, events, BATCH):
                numbers = range(start, min(start + BATCH, events))
                log.append("purse", purse_id, [filled(purse_id, number) for number in numbers], actor="benchmark")
