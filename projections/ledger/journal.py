"""The journal: what stands in it, and what it will still make of events that it has not read."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, Final

from django.db.models import F, Min, Q, QuerySet

from eventstore import feed
from eventstore.log import Recorded, current_rows
from eventstore.models import Checkpoint, Parked
from eventstore.projecting.declaration.registry import projections
from eventstore.projecting.inspect.drift import visible
from projections.ledger.findings import Findings
from projections.models import JournalLeg
from projections.sums import halves, whole

JOURNAL: Final = "journal_legs"
HOUSE: Final = Q(account__startswith="cash:") | Q(account__startswith="adjustments:")


def unread_legs(end: int, findings: Findings) -> Mapping[str, int]:
    """What the journal will add to each account once it has read all events up to a position."""
    sums: dict[str, int] = defaultdict(int)
    for record in _unread(end):
        findings.unread += 1
        for leg in projections[JOURNAL].function(record.event, record):
            sums[leg.account] += leg.amount
    return sums


def check_currencies(of_accounts: Mapping[str, int], findings: Findings) -> None:
    """All legs of a currency sum to zero, and so do those of the house with those of the accounts that there are."""
    house = _sums(current_rows(JournalLeg).filter(HOUSE))
    for currency, total in _sums(current_rows(JournalLeg).all()).items():
        findings.compare(f"journal:{currency}", "sum of the journal", 0, total)
        known = house.get(currency, 0) + of_accounts.get(currency, 0)
        findings.compare(f"journal:{currency}", "legs on accounts that do not exist", 0, total - known)


def _unread(end: int) -> Iterator[Recorded[Any]]:
    """The events that its rows do not reflect: it reads slot by slot, and some streams may be parked."""
    journal = projections[JOURNAL]
    is_read = visible(journal)
    assert is_read, "the journal is a delayed read model"
    after = _read_by_all()
    while page := feed.between(after, end, types=journal.types):
        yield from (record for record in page if not is_read(record))
        after = page[-1].position


def _read_by_all() -> int:
    lowest = current_rows(Checkpoint).filter(projection_id=JOURNAL).aggregate(lowest=Min("position"))["lowest"] or 0
    parked = current_rows(Parked).filter(projection_id=JOURNAL).aggregate(lowest=Min("position"))["lowest"]
    return int(lowest if parked is None else min(lowest, parked - 1))


def _sums(legs: "QuerySet[JournalLeg]") -> Mapping[str, int]:
    found = legs.values("currency").annotate(**halves(F("amount"))).order_by("currency")
    return {row["currency"]: whole(row) for row in found}
