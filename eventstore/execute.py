"""Executes commands: claims their ids, locks their streams, decides, and commits events, answers and read models.

All of that is one transaction. A refusal is stored like an acceptance, so sending a command again always gives the
first answer; a failure of the machine stores nothing, so sending it again is safe.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from eventstore.backends import log_transaction, patience, store
from eventstore.backends.followers import must_be_primary
from eventstore.backends.retries import retrying
from eventstore.decider import Refusal, Refused
from eventstore.execution.requests import CommandRequest, command_id_of, requests_of
from eventstore.execution.session import Session
from eventstore.log.records import Receipt
from eventstore.log.whole import must_be_of_a_whole
from eventstore.messages.arguments import key_text
from eventstore.telemetry import hooks

__all__ = [
    "MAX_COMMANDS",
    "BatchRefused",
    "CommandRequest",
    "Receipt",
    "command_id_of",
    "execute",
    "execute_many",
    "execute_request",
    "key_text",
    "retrying",
]

MAX_COMMANDS = 1_000  # commands in one transaction


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
    in_transaction: Callable[[], object] | None = None,
    dry_run: bool = False,
) -> Receipt:
    """Decide over a command and record it with its events; the same key by the same actor gives the same receipt.

    `key` is the caller's own id for this request; `fingerprint` stands for the command where that differs from one
    attempt to the next. The same key with another fingerprint is refused with IDEMPOTENCY_KEY_REUSED, which is
    not stored. `in_transaction` runs in the transaction, after the events: it may write rows that are not projections
    (a sign-in) and may raise Refused. `recorded_at` is for importing history alone, and may not be earlier than the
    last event's. `dry_run` executes everything, then rolls it back: nothing is stored, the key included.

    Raises ArgumentRefused, PayloadRefused or MessageError for what must not be stored, before anything is done;
    NotThePrimary in a database that follows another; RetriesExhausted, or the database's own error, if nothing could be
    stored: try again with the same key. Within a transaction of the caller's that can't be tried again from here,
    RetriesExhausted is a TransactionRefused. While a restore into this
    database has not ended it raises RestoreUnfinished, and stores nothing.
    """
    request = CommandRequest(
        command=command,
        key=key_text(key),
        actor=actor,
        fingerprint_source=fingerprint,
        correlation_id=correlation_id,
        causation_id=causation_id,
        effective_at=effective_at,
        recorded_at=recorded_at,
        in_transaction=in_transaction,
        dry_run=dry_run,
    )
    return execute_request(request)


def execute_request(request: CommandRequest) -> Receipt:
    """Execute a command with the options in a request, see `execute`."""
    request.refuse_unstorable()
    must_be_primary()
    if request.dry_run:
        request = replace(request, key=str(uuid7()))
    return hooks.command(request, partial(retrying, partial(_once, request), rehearsal=request.dry_run))


def execute_many(requests: Sequence[CommandRequest], *, atomic: bool = False) -> list[Receipt]:
    """Execute up to 1,000 commands in one transaction, in order; each sees the states after those before it.

    Their streams are locked once, and all is written in one go, which makes it many times quicker than one by one. A
    refused command is stored and the others go on; with `atomic` it raises BatchRefused, and nothing is stored at all.
    Raises ValueError for more than 1,000, or for requests with `in_transaction` or `dry_run`, which are for one
    command.
    """
    requests = requests_of(requests)
    if len(requests) > MAX_COMMANDS:
        raise ValueError(
            f"{len(requests):,} commands are too many for one transaction; the limit is {MAX_COMMANDS:,}. Send them in "
            "parts."
        )
    if any(request.in_transaction or request.dry_run for request in requests):
        raise ValueError("in_transaction and dry_run are for execute, which takes one command.")
    for request in requests:
        request.refuse_unstorable()
    must_be_primary()
    if not requests:
        return []
    return hooks.commands(requests, partial(retrying, partial(_many, requests, atomic=atomic)))


def _once(request: CommandRequest) -> Receipt:
    session = _open([request])
    session.decide(request)
    return _commit_in_transaction(request, session) if request.in_transaction else session.commit()[0]


def _commit_in_transaction(request: CommandRequest, session: Session) -> Receipt:
    """Commit, and call `in_transaction`; if that refuses, the events are rolled back and the refusal is stored."""
    try:
        with log_transaction():
            (receipt,) = session.commit()
            if receipt.accepted and not receipt.replayed and request.in_transaction:
                request.in_transaction()
            return receipt
    except Refused as no:
        return session.refuse_instead(request, no.refusal)


def _many(requests: Sequence[CommandRequest], *, atomic: bool) -> list[Receipt]:
    session = _open(requests)
    refused = _decide(session, requests, stop=atomic)
    if refused and atomic:
        # The same batch may have been executed while this one waited for its streams. They are locked by now, so what
        # is stored is looked up again; a refused batch writes nothing by which the database would tell.
        session = Session(must_be_of_a_whole(store().open(*_named(requests))))
        if refused := _decide(session, requests, stop=True):
            raise BatchRefused(*refused)
    return session.commit()


def _decide(session: Session, requests: Sequence[CommandRequest], *, stop: bool) -> tuple[int, Refusal] | None:
    """Decide over all; or, if it is to stop there, over those up to the first that is refused. Returns the last one."""
    refused = None
    for index, request in enumerate(requests):
        if refusal := hooks.about(request, partial(session.decide, request)):
            refused = index, refusal
            if stop:
                break
    return refused


def _named(requests: Sequence[CommandRequest]) -> tuple[list[UUID], list[UUID]]:
    """The ids of the commands, and those of their streams in the order in which all lock them."""
    streams = {stream.id for request in requests for stream in request.streams}
    return [request.command_id for request in requests], sorted(streams)


def _open(requests: Sequence[CommandRequest]) -> Session:
    ids, streams = _named(requests)
    with patience.queueing(streams) as seconds:
        return Session(must_be_of_a_whole(store().open(ids, streams, lock_timeout_seconds=seconds)))
