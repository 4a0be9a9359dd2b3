"""What the check reads: accounts in batches of bounded size, however many there are and however long one is."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final, TypeVar
from uuid import UUID

from django.db.models import F, Model, QuerySet

from eventstore import log
from eventstore.log import Head, Recorded, current_rows
from eventstore.messages import StreamKey
from eventstore.models import Stream
from projections.models import Account, Entry, Hold, JournalLeg, Statement
from projections.statements.months import Line
from projections.sums import halves, whole

M = TypeVar("M", bound=Model)

ACCOUNT: Final = "account"  # the category of their streams
EVENTS: Final = 5_000  # in a batch of accounts; one that has more is read by itself, page by page
ACCOUNTS: Final = 500  # in a batch
HEAD: Final = ("stream_id", "category", "version", "state", "fingerprint")


@dataclass(frozen=True)
class Batch:
    """Some accounts, by their heads, with all that is shown of them."""

    heads: Mapping[UUID, Head]
    accounts: Mapping[UUID, Account]
    holds: Mapping[UUID, int]  # what the open ones hold
    legs: Mapping[str, int]  # what stands on them in the journal
    statements: Mapping[UUID, Sequence[Statement]]
    events: Mapping[UUID, Iterable[Recorded[Any]]]
    lines: Mapping[UUID, Iterable[Line]]


def batches() -> Iterator[Batch]:
    """All accounts of which there is a stream."""
    for heads in _heads():
        yield _batch(heads)


def state_of(head: Head) -> Any:
    """What the next decision about an account is based on."""
    return log.state_of(head, StreamKey(head.category, head.stream_id))


def _heads() -> Iterator[list[Head]]:
    """Heads in batches of few events each."""
    waiting, events = list[Head](), 0
    for head in _all_heads():
        if waiting and (events + head.version > EVENTS or len(waiting) == ACCOUNTS):
            yield waiting
            waiting, events = [], 0
        waiting.append(head)
        events += head.version
    if waiting:
        yield waiting


def _all_heads() -> Iterator[Head]:
    found = current_rows(Stream).filter(category=ACCOUNT).order_by("stream_id").values(*HEAD)
    return _paged(found, "stream_id", lambda row: Head(**row))


def _batch(heads: Sequence[Head]) -> Batch:
    ids = [head.stream_id for head in heads]
    accounts = {account.account_id: account for account in current_rows(Account).filter(account_id__in=ids)}
    holds = current_rows(Hold).filter(account_id__in=ids, status=Hold.Status.OPEN).values("account_id")
    currencies = {account.currency for account in accounts.values()}
    legs = current_rows(JournalLeg).filter(currency__in=currencies, account__in=map(str, ids)).values("account")
    return Batch(
        heads={head.stream_id: head for head in heads},
        accounts=accounts,
        holds={row["account_id"]: whole(row) for row in holds.annotate(**halves(F("amount")))},
        legs={row["account"]: whole(row) for row in legs.annotate(**halves(F("amount")))},
        statements=_grouped(
            current_rows(Statement).filter(account_id__in=ids).order_by("number"), lambda row: row.account_id
        ),
        events=_events(ids),
        lines=_lines(ids),
    )


def _events(ids: Sequence[UUID]) -> Mapping[UUID, Iterable[Recorded[Any]]]:
    if len(ids) == 1:
        return {ids[0]: log.read_stream(ids[0])}
    return log.read_streams(ids)


def _lines(ids: Sequence[UUID]) -> Mapping[UUID, Iterable[Line]]:
    if len(ids) == 1:
        own = current_rows(Entry).filter(account_id=ids[0]).order_by("position").values(*Line._fields)
        return {ids[0]: _paged(own, "position", lambda row: Line(**row))}
    found = current_rows(Entry).filter(account_id__in=ids).order_by("account_id", "position")
    lines = found.values_list("account_id", *Line._fields)
    return {account_id: [Line._make(row[1:]) for row in own] for account_id, own in groupby(lines, lambda row: row[0])}


T = TypeVar("T")


def _paged(found: "QuerySet[Any, dict[str, Any]]", key: str, make: Callable[[dict[str, Any]], T]) -> Iterator[T]:
    """Rows in the order of a key, some at a time: a cursor that stays open may hold all of them in memory."""
    page = list(found[:EVENTS])
    while page:
        yield from map(make, page)
        page = list(found.filter(**{f"{key}__gt": page[-1][key]})[:EVENTS])


def _grouped(found: Iterable[T], key: Callable[[T], UUID]) -> Mapping[UUID, Sequence[T]]:
    groups: dict[UUID, list[T]] = defaultdict(list)
    for one in found:
        groups[key(one)].append(one)
    return groups
