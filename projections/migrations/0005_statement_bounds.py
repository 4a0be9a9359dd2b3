"""Issued months keep their begin, their end and their local time, which followed from the rules of time zones so far.

Rows that are there get what they were derived from, held against the entries with which they were issued: where the
rules have changed since, a month still ends after its last entry, and before the first entry that it does not state.
The time of the accounts' streams is closed up to where their issued months end.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from importlib import import_module
from itertools import groupby
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.db import migrations, models

from accounts.domain.zones import DEFAULT_ZONE, is_known, zone_of
from projections.statements.local_time import offsets_between
from projections.statements.period import Period

PAGE = 500  # accounts that are read together
GUARDS = import_module("projections.migrations.0004_statements")


def lift(_apps: Any, schema_editor: Any) -> None:
    """Let the owner of the table change what was issued."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER TABLE projections_statement DISABLE TRIGGER append_only")
        return
    for name in GUARDS.SQLITE:
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {name}")  # SQLite has dropped those of a table made anew


def guard(_apps: Any, schema_editor: Any) -> None:
    """Put back the guard of 0004."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER TABLE projections_statement ENABLE ALWAYS TRIGGER append_only")
        return
    lift(_apps, schema_editor)
    for name, definition in GUARDS.SQLITE.items():
        schema_editor.execute(f"CREATE TRIGGER {name} {definition}")


def fill(apps: Any, schema_editor: Any) -> None:
    """Give each statement its begin, end and local time, and close the streams' time up to the last end."""
    alias = schema_editor.connection.alias
    statements = apps.get_model("projections", "Statement")._base_manager.using(alias)
    streams = apps.get_model("eventstore", "Stream")._base_manager.using(alias)
    for page in _pages(statements):
        own = list(statements.filter(account_id__in=page).order_by("account_id", "number"))
        _fill(apps, alias, own)
        statements.bulk_update(own, ["begins_at", "ends_at", "timezone", "offsets"], batch_size=100)
        ends = {one.account_id: one.ends_at for one in own}
        heads = list(streams.filter(stream_id__in=ends))
        for head in heads:
            head.closed_until = max(head.closed_until or ends[head.stream_id], ends[head.stream_id])
        streams.bulk_update(heads, ["closed_until"], batch_size=100)


def _pages(statements: Any) -> Iterator[list[UUID]]:
    """The ids of the accounts that have statements."""
    page: list[UUID] = []
    while page := list(_accounts_after(statements, page[-1] if page else None)):
        yield page


def _accounts_after(statements: Any, last: UUID | None) -> Any:
    found = statements if last is None else statements.filter(account_id__gt=last)
    return found.order_by("account_id").values_list("account_id", flat=True).distinct()[:PAGE]


def _fill(apps: Any, alias: str, statements: Sequence[Any]) -> None:
    accounts = apps.get_model("projections", "Account")._base_manager.using(alias)
    known = accounts.in_bulk({one.account_id for one in statements})
    entries = apps.get_model("projections", "Entry")._base_manager.using(alias)
    times = _times(entries, statements)
    for account_id, own in groupby(statements, attrgetter("account_id")):
        _fill_account(known.get(account_id), list(own), times, entries)


def _times(entries: Any, statements: Iterable[Any]) -> dict[int, datetime]:
    """The times of the first and the last entries of these statements, by position."""
    ends = [position for one in statements for position in (one.first_position, one.last_position) if position]
    times: dict[int, datetime] = {}
    for start in range(0, len(ends), PAGE):
        found = entries.filter(position__in=ends[start : start + PAGE])
        times.update(found.values_list("position", "recorded_at"))
    return times


def _fill_account(account: Any, own: Sequence[Any], times: dict[int, datetime], entries: Any) -> None:
    name = account.timezone if account and is_known(account.timezone) else DEFAULT_ZONE
    zone = zone_of(name)
    begin = None
    for one in own:
        period = Period.parse(one.period)
        assert period, f"{one.period} of {one.account_id} is no month."
        derived = period.begins_at(zone), period.ends_at(zone)
        one.begins_at = begin or min([derived[0], *_time(times, one.first_position)])
        one.ends_at = _between(one, own, times, entries, derived[1])
        one.timezone = name
        opened_at = account.opened_at if account else one.begins_at
        one.offsets = offsets_between(zone, min(opened_at, one.begins_at), one.issued_at)
        begin = one.ends_at


def _between(one: Any, own: Sequence[Any], times: Any, entries: Any, end: datetime) -> datetime:
    """The end that parts the month's entries from later ones, and is the derived one if that does."""
    last = max((each.last_position for each in own if each.number <= one.number and each.last_position), default=0)
    later = [each.first_position for each in own if each.number > one.number and each.first_position]
    if later:
        first_later = _time(times, later[0])
    elif one is own[-1]:
        found = entries.filter(account_id=one.account_id, position__gt=last).order_by("position")
        first_later = list(found.values_list("recorded_at", flat=True)[:1])
    else:
        first_later = []
    after_last = [moment + timedelta(microseconds=1) for moment in _time(times, last)]
    return max([min([end, *first_later]), *after_last])


def _time(times: dict[int, datetime], position: int | None) -> list[datetime]:
    return [times[position]] if position in times else []


class Migration(migrations.Migration):
    dependencies = [("projections", "0004_statements"), ("eventstore", "0006_closed_until")]

    operations = [
        migrations.RunPython(lift, guard, elidable=False),
        migrations.AddField(
            model_name="statement",
            name="begins_at",
            field=models.DateTimeField(null=True, verbose_name="begins at"),
        ),
        migrations.AddField(
            model_name="statement",
            name="ends_at",
            field=models.DateTimeField(null=True, verbose_name="ends at"),
        ),
        migrations.AddField(
            model_name="statement",
            name="timezone",
            field=models.CharField(max_length=64, null=True, verbose_name="time zone"),
        ),
        migrations.AddField(
            model_name="statement",
            name="offsets",
            field=models.JSONField(null=True, verbose_name="offsets of the time zone"),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=False),
        migrations.AlterField("statement", "begins_at", models.DateTimeField(verbose_name="begins at")),
        migrations.AlterField("statement", "ends_at", models.DateTimeField(verbose_name="ends at")),
        migrations.AlterField("statement", "timezone", models.CharField(max_length=64, verbose_name="time zone")),
        migrations.AlterField("statement", "offsets", models.JSONField(verbose_name="offsets of the time zone")),
        migrations.RunPython(guard, lift, elidable=False),
    ]
