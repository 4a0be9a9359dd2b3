"""The write side at work: appends, and whole commands."""

from itertools import cycle
from uuid import UUID, uuid4

from django.db import OperationalError

from benchmarks.contenders.tidemark.purses import FillPurse
from benchmarks.contenders.tidemark.sample import Sample, filled, purse_ids
from benchmarks.contenders.worker import NOTE, Task
from eventstore import log
from eventstore.errors import RetriesExhausted
from eventstore.execute import CommandRequest, execute, execute_many

STREAMS = 100  # that each writer appends to in turn


class Append(Sample):
    """Append `batch` events in one transaction, with an expected version."""

    def begin(self) -> None:
        """Makes streams that only this writer appends to."""
        self.versions = {uuid4(): 0 for _ in range(STREAMS)}
        self.turn = cycle(self.versions)
        self.batch: int = self.task.options["batch"]

    def once(self) -> int:
        """Commits one transaction; returns its number of events."""
        purse_id = next(self.turn)
        version = self.versions[purse_id]
        events = [filled(purse_id, version + number) for number in range(self.batch)]
        log.append("purse", purse_id, events, expected_version=version, actor="benchmark")
        self.versions[purse_id] = version + self.batch
        return self.batch


class Commands(Sample):
    """Whole commands, over `streams` streams that hold `history` events at first."""

    def prepare(self) -> None:
        """Write the history."""
        super().prepare()
        self.write_history(self.task.options["streams"], self.task.options["history"])

    def begin(self) -> None:
        """Begin somewhere else than the other members do."""
        ids = purse_ids(self.task.options["streams"])
        start = len(ids) * self.task.member // 8
        self.turn = cycle(ids[start:] + ids[:start])

    def once(self) -> int:
        """Executes one command."""
        return self.fill(next(self.turn))

    def fill(self, purse_id: UUID) -> int:
        """Claim a new key, decide, store the event, the answer, the head and the read model."""
        receipt = execute(FillPurse(purse_id, uuid4(), 100, NOTE), uuid4(), actor="benchmark")
        assert receipt.accepted
        return 1


class ManyCommands(Commands):
    """`batch` whole commands in one transaction, each over another stream."""

    def once(self) -> int:
        """Commits one transaction; returns its number of events."""
        requests = [
            CommandRequest(command=FillPurse(next(self.turn), uuid4(), 100, NOTE), key=str(uuid4()), actor="benchmark")
            for _ in range(self.task.options["batch"])
        ]
        receipts = execute_many(requests)
        assert all(receipt.accepted for receipt in receipts)
        return len(receipts)


class CrowdedCommands(Commands):
    """Commands of many processes, where a database may refuse."""

    def __init__(self, task: Task) -> None:
        """No errors so far."""
        super().__init__(task)
        self.refused = 0

    def once(self) -> int:
        """One command, or one error."""
        try:
            return super().once()
        except (OperationalError, RetriesExhausted):
            self.refused += 1
            return 0

    def facts(self) -> dict[str, int]:
        """How often the caller got an error instead of a receipt."""
        return {"lock errors": self.refused}
