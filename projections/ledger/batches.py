"""Reads the books in batches of accounts, of bounded size however many accounts there are and however long one is."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final, TypeVar
from uuid import UUID

from django.db.models import QuerySet

from eventstore import log
from eventstore.errors import EventStoreError
from eventstore.http.paging import pages_upwards
from eventstore.log import Head, Recorded, primary_rows
from eventstore.messages import StreamKey
from eventstore.models import Stream
from projections.models import Account, Entry, Hold, JournalLeg, Statement
from projections.statements.months import Line
from projections.sums import totals_by

T = TypeVar("T")

ACCOUNT: Final = "account"  # the category of the accounts' streams
MAX_EVENTS: Final = 5_000  # in a batch; an account that has more is read alone, page by page
MAX_ACCOUNTS: Final = 500  # in a batch
HEAD_COLUMNS: Final = ("stream_id", "category", "version", "state", "fingerprint")


@dataclass(frozen=True)
class Batch:
    """Some accounts, by the heads of their streams, with their events and all read models about them."""

    heads: Mapping[UUID, Head]
    accounts: Mapping[UUID, Account]
    holds: Mapping[UUID, int]  # the sum of the open ones
    legs: Mapping[str, int]  # the sum of the journal's legs
    statements: Mapping[UUID, Sequence[Statement]]
    events: Mapping[UUID, Iterable[Recorded[Any]]]
    lines: Mapping[UUID, Iterable[Line]]


def batches() -> Iterator[Batch]:
    """The accounts that have a stream."""
    for heads in _heads():
        yield _batch(heads)


def state_of(head: Head) -> Any:
    """The state in a head, on which the next decision about the account is based."""
    return log.state_of(head, StreamKey(head.category, head.stream_id))


def _heads() -> Iterator[list[Head]]:
    """Groups heads so that each group stays below the limits of a batch."""
    waiting, events = list[Head](), 0
    for head in _all_heads():
        if waiting and (events + head.version > MAX_EVENTS or len(waiting) == MAX_ACCOUNTS):
            yield waiting
            waiting, events = [], 0
        waiting.append(head)
        events += head.version
    if waiting:
        yield waiting


def _all_heads() -> Iterator[Head]:
    found = primary_rows(Stream).filter(category=ACCOUNT).values(*HEAD_COLUMNS)
    return _paged(found, "stream_id", Head)


def _batch(heads: Sequence[Head]) -> Batch:
    ids = [head.stream_id for head in heads]
    accounts = {account.account_id: account for account in primary_rows(Account).filter(account_id__in=ids)}
    holds = primary_rows(Hold).filter(account_id__in=ids, status=Hold.Status.OPEN)
    currencies = {account.currency for account in accounts.values()}
    legs = primary_rows(JournalLeg).filter(currency__in=currencies, account__in=map(str, ids))
    statements = primary_rows(Statement).filter(account_id__in=ids).order_by("number")
    return Batch(
        heads={head.stream_id: head for head in heads},
        accounts=accounts,
        holds=totals_by(holds, "account_id"),
        legs=totals_by(legs, "account"),
        statements=_grouped(statements, lambda row: row.account_id),
        events=_events(ids),
        lines=_lines(ids),
    )


def _events(ids: Sequence[UUID]) -> Mapping[UUID, Iterable[Recorded[Any]]]:
    if len(ids) > 1:
        try:
            return log.read_streams(ids)
        except EventStoreError:
            pass  # an event can't be read: its account is known when each is read by itself
    return {account_id: log.read_stream(account_id) for account_id in ids}


def _lines(ids: Sequence[UUID]) -> Mapping[UUID, Iterable[Line]]:
    if len(ids) == 1:
        own = primary_rows(Entry).filter(account_id=ids[0]).values(*Line._fields)
        return {ids[0]: _paged(own, "position", Line)}
    found = primary_rows(Entry).filter(account_id__in=ids).order_by("account_id", "position")
    lines = found.values_list("account_id", *Line._fields)
    return {account_id: [Line._make(row[1:]) for row in own] for account_id, own in groupby(lines, lambda row: row[0])}


def _paged(found: "QuerySet[Any, dict[str, Any]]", key: str, make: Callable[..., T]) -> Iterator[T]:
    return (make(**row) for page in pages_upwards(found, key, MAX_EVENTS) for row in page)


def _grouped(found: Iterable[T], key: Callable[[T], UUID]) -> Mapping[UUID, Sequence[T]]:
    groups: dict[UUID, list[T]] = defaultdict(list)
    for one in found:
        groups[key(one)].append(one)
    return groups
