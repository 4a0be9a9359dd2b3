"""How read models follow from events: pure, no clock, no queries, no rules."""

from collections.abc import Iterator
from typing import Any, TypeVar, assert_never
from uuid import UUID

from accounts.events import (
    AccountEvent,
    AccountOpened,
    AccountRenamed,
    CustomerDetailsUpdated,
    CustomerEvent,
    CustomerRegistered,
    MoneyDeposited,
    MoneyEvent,
    MoneyWithdrawn,
    TransferReceived,
    TransferSent,
)
from eventstore.messages import type_of
from eventstore.projecting import fold, rows
from eventstore.records import CommandRecord, Recorded
from projections.models import Account, AuditLine, Customer, Entry, JournalLeg

Row = TypeVar("Row", Customer, Account)


@fold(Customer, key=lambda event: event.customer_id)
def customers(row: Customer | None, event: CustomerEvent, record: Recorded[Any]) -> Customer:
    """Each customer, as they last told about themselves."""
    match event:
        case CustomerRegistered():
            row = Customer(
                customer_id=event.customer_id,
                name=event.name,
                email=event.email,
                locale=event.locale,
                timezone=event.timezone,
                registered_at=record.recorded_at,
            )
        case CustomerDetailsUpdated():
            row = _updated(_known(row), event)
        case _:
            assert_never(event)
    return _as_of(record, row)


def _updated(row: Customer, event: CustomerDetailsUpdated) -> Customer:
    row.name = event.name or row.name
    row.email = event.email or row.email
    row.locale = event.locale or row.locale
    row.timezone = event.timezone or row.timezone
    return row


@fold(Account, key=lambda event: event.account_id)
def accounts(row: Account | None, event: AccountEvent, record: Recorded[Any]) -> Account:
    """Each account with its balance."""
    match event:
        case AccountOpened():
            row = Account(
                account_id=event.account_id,
                customer_id=event.customer_id,
                label=event.label,
                currency=event.currency,
                timezone=event.timezone,
                opened_at=event.opened_at,
            )
        case AccountRenamed():
            row = _known(row)
            row.label = event.label
        case MoneyDeposited() | MoneyWithdrawn() | TransferSent() | TransferReceived():
            row = _known(row)
            row.balance = event.balance
        case _:
            assert_never(event)
    return _as_of(record, row)


@rows(Entry)
def entries(event: MoneyEvent, record: Recorded[Any]) -> Iterator[Entry]:
    """The history of each account, line by line."""
    match event:
        case MoneyDeposited():
            yield _entry(event, record, Entry.Kind.DEPOSIT, Entry.Direction.CREDIT)
        case MoneyWithdrawn():
            yield _entry(event, record, Entry.Kind.WITHDRAWAL, Entry.Direction.DEBIT)
        case TransferSent(to_account=other, transfer_id=transfer):
            kind, direction = Entry.Kind.TRANSFER, Entry.Direction.DEBIT
            yield _entry(event, record, kind, direction, counterparty=other, transfer_id=transfer)
        case TransferReceived(from_account=other, transfer_id=transfer):
            kind, direction = Entry.Kind.TRANSFER, Entry.Direction.CREDIT
            yield _entry(event, record, kind, direction, counterparty=other, transfer_id=transfer)
        case _:
            assert_never(event)


def _entry(
    event: MoneyEvent,
    record: Recorded[Any],
    kind: Entry.Kind,
    direction: Entry.Direction,
    *,
    counterparty: UUID | None = None,
    transfer_id: UUID | None = None,
) -> Entry:
    return Entry(
        entry_id=event.entry_id,
        account_id=event.account_id,
        kind=kind,
        direction=direction,
        amount=event.amount,
        currency=event.currency,
        balance=event.balance,
        reference=event.reference,
        counterparty=counterparty,
        transfer_id=transfer_id,
        recorded_at=record.recorded_at,
        effective_at=record.effective_at,
        position=record.position,
    )


@rows(JournalLeg, delayed=True)
def journal_legs(event: MoneyDeposited | MoneyWithdrawn | TransferSent, record: Recorded[Any]) -> Iterator[JournalLeg]:
    """Every movement of money twice: where it left and where it arrived.

    A transfer's arrival gives no legs, for its departure gives both: so however far the log is read,
    and in whatever parts, the legs balance.
    """
    world, account = f"cash:{event.currency}", str(event.account_id)
    match event:
        case MoneyDeposited():
            yield from _legs(event, record, source=world, target=account, movement=event.entry_id)
        case MoneyWithdrawn():
            yield from _legs(event, record, source=account, target=world, movement=event.entry_id)
        case TransferSent(to_account=other):
            yield from _legs(event, record, source=account, target=str(other), movement=event.transfer_id)
        case _:
            assert_never(event)


def _legs(
    event: MoneyEvent, record: Recorded[Any], *, source: str, target: str, movement: UUID
) -> Iterator[JournalLeg]:
    for number, (account, amount) in enumerate([(source, -event.amount), (target, event.amount)]):
        yield JournalLeg(
            leg=2 * record.position + number,
            account=account,
            currency=event.currency,
            amount=amount,
            movement=movement,
            recorded_at=record.recorded_at,
            effective_at=record.effective_at,
            position=record.position,
        )


@rows(AuditLine)
def audit_lines(command: CommandRecord) -> Iterator[AuditLine]:
    """Everything that was asked, also what was refused, with the first of the streams that it was about."""
    stream = next(filter(None, type_of(command.command).streams_of(command.command)))
    yield AuditLine(
        number=command.number,
        command_id=command.command_id,
        command=command.type,
        actor=command.actor,
        category=stream.category,
        stream_id=stream.id,
        accepted=command.accepted,
        code=command.refusal_code or "",
        recorded_at=command.recorded_at,
    )


def _known(row: Row | None) -> Row:
    """The row that an earlier event made: streams begin with their beginning."""
    assert row is not None
    return row


def _as_of(record: Recorded[Any], row: Row) -> Row:
    row.version, row.position = record.version, record.position
    return row
