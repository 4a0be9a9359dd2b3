# mypy: disable-error-code="import-not-found", allow-subclassing-any, allow-untyped-decorators
"""The sample domain as eventsourcing's users write it."""

from uuid import NAMESPACE_OID, UUID, uuid4, uuid5

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event

from benchmarks.contenders.worker import NOTE

BATCH = 500  # events in one transaction while a history is written


class Purse(Aggregate):
    """A purse that is filled, and its balance."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.balance = 0

    @staticmethod
    def create_id(number: int) -> UUID:
        """Ids that are the same in every process, and as scattered as random ones."""
        return uuid5(NAMESPACE_OID, f"purse {number}")

    class Filled(Aggregate.Event):
        """The event that all contenders record."""

        entry_id: UUID
        amount: int
        balance: int
        note: str

    @event(Filled)
    def fill(self, entry_id: UUID, amount: int, balance: int, note: str) -> None:
        """Adds an amount."""
        self.balance = balance

    def fill_again(self) -> None:
        """The event that all contenders record."""
        self.fill(uuid4(), 100, self.balance + 100, NOTE)


class Purses(Application[UUID]):
    """The application that keeps them."""

    log_section_size = 5_000  # how much of the log may be selected at a time

    def write_history(self, number: int, events: int) -> None:
        """A purse with so many events, the first of which makes it."""
        purse = Purse(number)
        for filled in range(1, events):
            if filled % BATCH == 0:
                self.save(purse)  # ten thousand at once and it never returns: client and server wait for each other
            purse.fill_again()
        self.save(purse)
