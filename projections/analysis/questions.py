"""The questions that have a page: who may ask them, over which period, and how the answers are shown."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from projections.analysis import drawings
from projections.analysis.period import Days
from projections.charts import BarChart, LineChart

Row = dict[str, Any]
Chart = BarChart | LineChart


class Kind(Enum):
    """What a column holds."""

    TEXT = "text"
    NUMBER = "number"
    AMOUNT = "amount"  # minor units of the currency in the same row
    DAY = "day"
    TIME = "time"


@dataclass(frozen=True)
class Column:
    """A column of the answer, by its name in the SQL."""

    name: str
    title: Any
    kind: Kind = Kind.NUMBER

    @property
    def is_number(self) -> bool:
        """Whether it stands at the right."""
        return self.kind in {Kind.NUMBER, Kind.AMOUNT}


@dataclass(frozen=True)
class Question:
    """A view of analysis that has a page; `days` is its period unless another is asked for, `most_days` the longest.

    Without `days` it speaks of the end of a day.
    """

    name: str
    title: Any
    about: Any
    permissions: tuple[str, ...]
    columns: tuple[Column, ...]
    draw: Callable[[Sequence[Row], Days], list[Chart]]
    days: int | None = None
    most_days: int = 366
    by_currency: bool = False  # one currency is shown at a time


CURRENCY: Final = Column("currency", _("currency"), Kind.TEXT)
QUESTIONS: Final = {
    question.name: question
    for question in (
        Question(
            "balances",
            _("Balances"),
            _("What the accounts hold, by currency, at the end of a day (UTC)."),
            ("projections.view_account",),
            (
                CURRENCY,
                Column("accounts", _("accounts")),
                Column("with_money", _("in credit")),
                Column("overdrawn", _("overdrawn")),
                Column("in_credit", _("sum in credit"), Kind.AMOUNT),
                Column("owed", _("sum overdrawn"), Kind.AMOUNT),
                Column("balance", _("balance"), Kind.AMOUNT),
            ),
            drawings.balances,
        ),
        Question(
            "flows",
            _("Flows"),
            _("What came in and what went out on each day (UTC), in one currency."),
            ("projections.view_volume",),
            (
                Column("day", _("day (UTC)"), Kind.DAY),
                CURRENCY,
                Column("entries", _("entries")),
                Column("paid_in", _("paid in"), Kind.AMOUNT),
                Column("paid_out", _("paid out"), Kind.AMOUNT),
                Column("transferred", _("transferred"), Kind.AMOUNT),
                Column("reversed", _("reversed"), Kind.AMOUNT),
                Column("adjusted", _("adjusted"), Kind.AMOUNT),
            ),
            drawings.flows,
            days=30,
            by_currency=True,
        ),
        Question(
            "refusals",
            _("Refusals"),
            _("What was refused, by code and kind of command."),
            ("eventstore.view_command", "projections.view_auditline"),
            (
                Column("code", _("refused with"), Kind.TEXT),
                Column("command", _("command"), Kind.TEXT),
                Column("refusals", _("refusals")),
                Column("actors", _("actors")),
                Column("first", _("first (UTC)"), Kind.TIME),
                Column("last", _("last (UTC)"), Kind.TIME),
            ),
            drawings.refusals,
            days=30,
        ),
        Question(
            "activity",
            _("Activity"),
            _("Commands and events in each hour (UTC)."),
            ("eventstore.view_command", "eventstore.view_event"),
            (
                Column("hour", _("hour (UTC)"), Kind.TIME),
                Column("commands", _("commands")),
                Column("refused", _("refused")),
                Column("events", _("events")),
            ),
            drawings.activity,
            days=7,
            most_days=31,
        ),
    )
}
