"""The journal in a check of the books: its sums, and the legs of events that it has not read yet."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, Final

from django.db.models import Min, Q

from eventstore import feed
from eventstore.log import Recorded, primary_rows
from eventstore.models import Checkpoint, Parked
from eventstore.projecting import projections
from eventstore.projecting.inspect import reflected_by
from projections.ledger.findings import Findings
from projections.models import JournalLeg
from projections.sums import totals_by

JOURNAL: Final = "journal_legs"
HOUSE: Final = Q(account__startswith="cash:") | Q(account__startswith="adjustments:")


def unread_legs(end: int, findings: Findings) -> Mapping[str, int]:
    """The amounts that the journal will add to each account by reading all events up to a position."""
    sums: dict[str, int] = defaultdict(int)
    for record in _unread(end):
        findings.unread += 1
        for leg in projections[JOURNAL].function(record.event, record):
            sums[leg.account] += leg.amount
    return sums


def check_currencies(of_accounts: Mapping[str, int], findings: Findings) -> None:
    """Compares each currency's sum with zero: of all legs, and of the legs of the house and of known accounts."""
    house = totals_by(primary_rows(JournalLeg).filter(HOUSE), "currency")
    for currency, total in totals_by(primary_rows(JournalLeg), "currency").items():
        findings.compare(f"journal:{currency}", "sum of the journal", 0, total)
        known = house.get(currency, 0) + of_accounts.get(currency, 0)
        findings.compare(f"journal:{currency}", "legs on accounts that do not exist", 0, total - known)


def _unread(end: int) -> Iterator[Recorded[Any]]:
    """The events that the journal's rows do not reflect: it reads slot by slot, and some streams may be parked."""
    journal = projections[JOURNAL]
    is_read = reflected_by(journal)
    assert is_read, "the journal is a delayed read model"
    after = _read_in_all_slots()
    while page := feed.between(after, end, types=journal.types):
        yield from (record for record in page if not is_read(record))
        after = page[-1].position


def _read_in_all_slots() -> int:
    """The position up to which the journal has read everything, in every slot and every parked stream."""
    lowest = _lowest(Checkpoint) or 0
    parked = _lowest(Parked)
    return lowest if parked is None else min(lowest, parked - 1)


def _lowest(model: type[Checkpoint] | type[Parked]) -> int | None:
    rows = primary_rows(model).filter(projection_id=JOURNAL)
    lowest: int | None = rows.aggregate(lowest=Min("position"))["lowest"]
    return lowest
