"""The period of a question, in whole days of UTC: as it is asked for in the address, and as DuckDB is given it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from eventstore.analysis import Period

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Days:
    """From a day to another, both included; without a first one, from the beginning."""

    since: date | None
    until: date

    @property
    def period(self) -> Period:
        """The same as times."""
        return Period(_midnight(self.since) if self.since else None, _midnight(self.until + DAY))

    def each(self) -> Iterator[date]:
        """The days."""
        at = self.since or self.until
        while at <= self.until:
            yield at
            at += DAY

    def hours(self, to: datetime) -> Iterator[datetime]:
        """The hours that had begun by a time, without a zone, as DuckDB gives them."""
        at, end = _midnight(self.since or self.until), min(_midnight(self.until + DAY), to)
        while at < end:
            yield at.replace(tzinfo=None)
            at += HOUR


class PeriodForm(forms.Form):
    """Two days. What is not in the address is as by default: up to today, and as long as the question says."""

    since = forms.DateField(required=False, widget=forms.DateInput({"type": "date"}))
    until = forms.DateField(required=False, widget=forms.DateInput({"type": "date"}))

    def __init__(self, data: Mapping[str, Any], *, days: int | None, most_days: int, today: date) -> None:
        given = {name: data.get(name) or None for name in ("since", "until")}
        super().__init__({name: value for name, value in given.items() if value})
        self.days, self.most_days, self.today = days, most_days, today

    def clean(self) -> dict[str, Any]:
        """Both days; the first one is None where the question has none."""
        found = super().clean() or {}
        if self.errors:
            return found
        until = found.get("until") or self.today
        if not date.min + timedelta(self.most_days) < until < date.max:
            raise forms.ValidationError(_("There is no such day in the calendar of this site."))
        since = found.get("since") or until - DAY * ((self.days or 1) - 1)
        if since > until:
            raise forms.ValidationError(_("The first day is after the last one."))
        if self.days and (until - since).days >= self.most_days:
            raise forms.ValidationError(_("That is too long: %(days)s days at most.") % {"days": self.most_days})
        return {"since": since if self.days else None, "until": until}

    @property
    def shown(self) -> dict[str, str]:
        """What stands in the fields: the days, or what was typed in their place."""
        days: Mapping[str, Any] = self.cleaned_data if self.is_valid() else self.data
        return {name: f"{days.get(name) or ''}" for name in self.fields}

    @property
    def span(self) -> Days:
        """The days that are asked for; for a valid form."""
        return Days(self.cleaned_data["since"], self.cleaned_data["until"])


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)
