"""The values of an entry in a CSV file: those that EntrySerializer writes, made by hand, as histories are long."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from accounts.domain.money import decimal_amount
from projections.models import Entry
from projections.statements.months import Line

COLUMNS: Final = (
    *("entry_id", "kind", "amount", "direction", "balance", "currency", "reference", "recorded_at", "effective_at"),
    *("counterparty", "transfer_id", "reverses", "reversed_by", "position"),
)


def entry_cells(entry: Entry | Line, currency: str, reversed_by: UUID | None) -> Sequence[Any]:
    """The values in the order of COLUMNS; amounts are numbers, so that no minus is taken for text."""
    return (
        entry.entry_id,
        entry.kind,
        decimal_amount(entry.amount, currency),
        entry.direction,
        decimal_amount(entry.balance, currency),
        currency,
        entry.reference,
        _moment(entry.recorded_at),
        _moment(entry.effective_at),
        entry.counterparty,
        entry.transfer_id,
        entry.reverses,
        reversed_by,
        entry.position,
    )


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
