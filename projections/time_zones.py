"""A system check of stored time zones: one that is not known any more counts as UTC, and somebody should know it."""

from collections.abc import Collection
from typing import Any, Final

from django.core import checks
from django.core.checks import CheckMessage
from django.db import DatabaseError, connections

from accounts.domain.zones import DEFAULT_ZONE, is_known
from eventstore.checks import check_reachable
from eventstore.log import log_database, primary_rows
from projections.models import Account, Customer

MAX_SHOWN: Final = 10  # ids that a message names


def check_time_zones(databases: Collection[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Reports accounts and customers in an unknown time zone as projections.W001; it runs under `doctor`."""
    connection = connections[log_database()]
    if connection.alias not in (databases or ()) or check_reachable(connection):
        return []
    try:
        return [*_found(Account), *_found(Customer)]
    except DatabaseError:  # `migrate` runs the checks before it makes the tables
        return []


def _found(model: type[Account] | type[Customer]) -> list[CheckMessage]:
    rows = primary_rows(model).exclude(timezone=None)
    unknown = [name for name in rows.values_list("timezone", flat=True).distinct() if not is_known(name)]
    return [_message(model, name) for name in sorted(unknown)]


def _message(model: type[Account] | type[Customer], name: str) -> CheckMessage:
    rows = primary_rows(model).filter(timezone=name)
    shown = ", ".join(map(str, rows.order_by("pk").values_list("pk", flat=True)[:MAX_SHOWN]))
    number, more = rows.count(), " and others" if rows.count() > MAX_SHOWN else ""
    return checks.Warning(
        f"{number} {model._meta.label_lower} in the time zone {name!r}, which is not known: {shown}{more}.",
        hint=f"They count as in {DEFAULT_ZONE}. Customers choose another one in their profile; where the IANA has "
        "dropped or renamed a zone, install the tzdata that requirements.txt lists, and run manage.py record_zones.",
        id="projections.W001",
    )
