"""Execute commands: claim their ids, lock their streams, decide, and commit facts, answers and read models as one.

The whole of it is one transaction. A refusal is stored like an acceptance, so sending a command again always gives
the first answer; a failure of the machine stores nothing, so sending it again is safe.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from uuid_utils.compat import uuid7

from eventstore.backends import backend_of, writing
from eventstore.decider import Refusal, Refused
from eventstore.records import Receipt
from eventstore.requests import Request, command_id_of
from eventstore.retries import retrying
from eventstore.session import Session

__all__ = ["BatchRefused", "Request", "carry_out", "command_id_of", "execute", "execute_many"]

MOST = 1_000  # commands in one transaction


class BatchRefused(Exception):
    """One command of an atomic batch was refused, so none was executed and nothing was stored."""

    def __init__(self, index: int, refusal: Refusal) -> None:
        super().__init__(f"Command {index} was refused with {refusal.code}, so none of the batch was executed.")
        self.index = index
        self.refusal = refusal


def execute(
    command: Any,
    key: str | UUID,
    *,
    actor: str,
    fingerprint: str | None = None,
    correlation_id: UUID | None = None,
    causation_id: UUID | None = None,
    effective_at: datetime | None = None,
    recorded_at: datetime | None = None,
    alongside: Callable[[], object] | None = None,
    dry_run: bool = False,
) -> Receipt:
    """Decide over a command and record what comes of it; the same key by the same actor gives the same receipt.

    `key` is the caller's own id for this request; `fingerprint` says what was asked, where the command itself differs
    from one attempt to the next. The same key with another fingerprint is refused with IDEMPOTENCY_KEY_REUSED, which is
    not stored. `alongside` runs in the transaction, after the events: it may write rows that are not projections (a
    login) and may raise Refused. `recorded_at` is for importing history alone, and may not be earlier than the last
    event's. `dry_run` rehearses everything and stores nothing, the key included.

    Raises RetriesExhausted, or the database's own error, if nothing could be stored: try again with the same key.
    """
    request = Request(
        command=command,
        key=str(key),
        actor=actor,
        asked=fingerprint,
        correlation_id=correlation_id,
        causation_id=causation_id,
        effective_at=effective_at,
        recorded_at=recorded_at,
        alongside=alongside,
        dry_run=dry_run,
    )
    return carry_out(request)


def carry_out(request: Request) -> Receipt:
    """Execute a request that has been put together before, see `execute`."""
    if request.dry_run:
        request = replace(request, key=str(uuid7()))
    return retrying(lambda: _once(request), rehearsal=request.dry_run)


def execute_many(requests: Sequence[Request], *, atomic: bool = False) -> list[Receipt]:
    """Execute up to 1,000 commands in one transaction, in their order; each sees what those before it have done.

    Their streams are locked once, and all is written in one go, which makes it many times quicker than one by one. A
    refused command is stored and the others go on; with `atomic` it raises BatchRefused, and nothing is stored at all.
    Raises ValueError for more than 1,000, or for requests with `alongside` or `dry_run`, which are for one command.
    """
    if len(requests) > MOST:
        raise ValueError(f"{len(requests):,} commands are too many for one transaction; the limit is {MOST:,}.")
    if any(request.alongside or request.dry_run for request in requests):
        raise ValueError("alongside and dry_run are for execute, which takes one command.")
    return retrying(lambda: _many(requests, atomic=atomic)) if requests else []


def _once(request: Request) -> Receipt:
    session = _open([request])
    session.take(request)
    return _finish_alongside(request, session) if request.alongside else session.finish()[0]


def _finish_alongside(request: Request, session: Session) -> Receipt:
    """What goes alongside may refuse too: the events are then undone with the savepoint, and the "no" is kept."""
    try:
        with transaction.atomic(using=writing().alias):
            (receipt,) = session.finish()
            if receipt.accepted and not receipt.replayed and request.alongside:
                request.alongside()
            return receipt
    except Refused as no:
        return session.refuse_instead(request, no.refusal)


def _many(requests: Sequence[Request], *, atomic: bool) -> list[Receipt]:
    session = _open(requests)
    for index, request in enumerate(requests):
        refusal = session.take(request)
        if refusal and atomic:
            raise BatchRefused(index, refusal)
    return session.finish()


def _open(requests: Sequence[Request]) -> Session:
    streams = sorted({stream.id for request in requests for stream in request.streams})
    ids = [request.command_id for request in requests]
    connection = writing()
    return Session(backend_of(connection).open(connection, ids, streams))
