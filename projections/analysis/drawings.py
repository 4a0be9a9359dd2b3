"""The charts of each question, from the rows of its answer. A day or an hour without a row is drawn as zero."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext

from accounts.domain.money import EXPONENTS
from projections.analysis.period import Days
from projections.charts import Bar, BarChart, Count, LineChart, Money, Series

Row = dict[str, Any]
CURRENCIES: Final = 6  # of which balances are drawn: sums of different currencies have no scale in common
CODES: Final = 12


def balances(rows: Sequence[Row], _: Days) -> list[BarChart | LineChart]:
    """For each of the currencies with the most accounts: what customers have, what they owe, and both together."""
    known = [row for row in rows if row["currency"] in EXPONENTS]
    most = sorted(known, key=lambda row: -row["accounts"])[:CURRENCIES]
    return [_balance(row) for row in most]


def flows(rows: Sequence[Row], days: Days) -> list[BarChart | LineChart]:
    """The days of one currency."""
    if not rows or rows[0]["currency"] not in EXPONENTS:
        return []
    by_day = {row["day"]: row for row in rows}
    names = {"paid_in": gettext("paid in"), "paid_out": gettext("paid out"), "transferred": gettext("transferred")}
    currency, each = rows[0]["currency"], list(days.each())
    series = [
        Series(title, [by_day[day][name] if day in by_day else 0 for day in each]) for name, title in names.items()
    ]
    title = gettext("Flows in %(currency)s by day") % {"currency": currency}
    return [LineChart("flows", title, [f"{day:%m-%d}" for day in each], series, Money(currency))]


def refusals(rows: Sequence[Row], _: Days) -> list[BarChart | LineChart]:
    """The most frequent codes."""
    codes: Counter[str] = Counter()
    for row in rows:
        codes[row["code"] or "–"] += row["refusals"]
    bars = [Bar(code, count) for code, count in codes.most_common(CODES)]
    return [BarChart("refusals", gettext("Refusals by code"), bars, Count())] if bars else []


def activity(rows: Sequence[Row], days: Days) -> list[BarChart | LineChart]:
    """The hours so far."""
    if not rows:
        return []
    by_hour = {row["hour"]: row for row in rows}
    each = list(days.hours(timezone.now()))
    names = {"commands": gettext("commands"), "refused": gettext("refused"), "events": gettext("events")}
    series = [
        Series(title, [by_hour[hour][name] if hour in by_hour else 0 for hour in each]) for name, title in names.items()
    ]
    points = [f"{hour:%m-%d %H:00}" for hour in each]
    return [LineChart("activity", gettext("Commands and events by hour"), points, series, Count())] if points else []


def _balance(row: Row) -> BarChart:
    bars = [
        Bar(gettext("in credit"), int(row["in_credit"])),
        Bar(gettext("overdrawn"), int(row["owed"])),
        Bar(gettext("balance"), int(row["balance"])),
    ]
    currency = row["currency"]
    title = gettext("Balances in %(currency)s") % {"currency": currency}
    return BarChart(f"balances-{currency}", title, bars, Money(currency))
