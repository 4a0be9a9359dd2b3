"""How read models follow from events: pure, no clock, no queries, no rules."""

from collections.abc import Iterator
from typing import Any, TypeVar, assert_never
from uuid import UUID

from accounts.events import (
    AccountClosed,
    AccountEvent,
    AccountFrozen,
    AccountOpened,
    AccountRenamed,
    AccountUnfrozen,
    ApprovalEvent,
    ApprovalGranted,
    ApprovalRefused,
    ApprovalRequested,
    ApprovalWithdrawn,
    BalanceAdjusted,
    CustomerDetailsUpdated,
    CustomerErased,
    CustomerEvent,
    CustomerRegistered,
    CustomerReinstated,
    CustomerSuspended,
    EntryReversed,
    HoldCaptured,
    HoldEvent,
    HoldExpired,
    HoldPlaced,
    HoldReleased,
    LimitsSet,
    MoneyDeposited,
    MoneyEvent,
    MoneyWithdrawn,
    OverdraftLimitSet,
    TransferReceived,
    TransferSent,
)
from eventstore.messages import type_of
from eventstore.projecting import fold, rows
from eventstore.records import CommandRecord, Recorded
from projections.models import Account, Approval, AuditLine, Customer, Entry, Hold, JournalLeg

Stream = TypeVar("Stream", Customer, Account)
Row = TypeVar("Row", Customer, Account, Hold, Approval)


@fold(Customer, key=lambda event: event.customer_id, version=2)
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
        case CustomerSuspended():
            row = _known(row)
            row.status = Customer.Status.SUSPENDED
        case CustomerReinstated():
            row = _known(row)
            row.status = Customer.Status.ACTIVE
        case CustomerErased():
            row = _known(row)
            row.name = row.email = None
            row.status = Customer.Status.ERASED
        case _:
            assert_never(event)
    return _as_of(record, row)


def _updated(row: Customer, event: CustomerDetailsUpdated) -> Customer:
    row.name = event.name or row.name
    row.email = event.email or row.email
    row.locale = event.locale or row.locale
    row.timezone = event.timezone or row.timezone
    return row


@fold(Account, key=lambda event: event.account_id, version=2)
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
        case EntryReversed() | BalanceAdjusted():
            row = _known(row)
            row.balance = event.balance
        case HoldCaptured():
            row = _known(row)
            row.balance, row.held = event.balance, event.held
        case HoldPlaced() | HoldReleased() | HoldExpired():
            row = _known(row)
            row.held = event.held
        case OverdraftLimitSet() | LimitsSet() | AccountFrozen() | AccountUnfrozen() | AccountClosed():
            row = _under_conditions(_known(row), event)
        case _:
            assert_never(event)
    return _as_of(record, row)


def _under_conditions(
    row: Account, event: OverdraftLimitSet | LimitsSet | AccountFrozen | AccountUnfrozen | AccountClosed
) -> Account:
    match event:
        case OverdraftLimitSet():
            row.overdraft_limit = event.limit
        case LimitsSet():
            row.per_entry, row.daily_out = event.per_entry, event.daily_out
        case AccountFrozen():
            row.status, row.frozen_scope = Account.Status.FROZEN, event.scope
        case AccountUnfrozen():
            row.status, row.frozen_scope = Account.Status.OPEN, None
        case AccountClosed():
            row.status, row.overdraft_limit = Account.Status.CLOSED, 0
        case _:
            assert_never(event)
    return row


@rows(Entry, version=2)
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
        case HoldCaptured():
            yield _entry(event, record, Entry.Kind.CAPTURE, Entry.Direction.DEBIT)
        case EntryReversed(counterparty=other, transfer_id=transfer):
            kind, direction = Entry.Kind.REVERSAL, Entry.Direction(event.direction)
            yield _entry(event, record, kind, direction, counterparty=other, transfer_id=transfer)
        case BalanceAdjusted():
            direction = Entry.Direction.DEBIT if event.amount < 0 else Entry.Direction.CREDIT
            yield _entry(event, record, Entry.Kind.ADJUSTMENT, direction)
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
        amount=abs(event.amount),
        currency=event.currency,
        balance=event.balance,
        reference=event.reason if isinstance(event, EntryReversed | BalanceAdjusted) else event.reference,
        counterparty=counterparty,
        transfer_id=transfer_id,
        reverses=event.reverses if isinstance(event, EntryReversed) else None,
        recorded_at=record.recorded_at,
        effective_at=record.effective_at,
        position=record.position,
    )


@fold(Hold, key=lambda event: event.hold_id, own_keys=True)
def holds(row: Hold | None, event: HoldEvent, record: Recorded[Any]) -> Hold:
    """Each hold, and what became of it."""
    match event:
        case HoldPlaced():
            row = _hold(event, record)
        case HoldCaptured():
            row = _ended(row, Hold.Status.CAPTURED, record)
            row.captured, row.entry_id = event.amount, event.entry_id
        case HoldReleased():
            row = _ended(row, Hold.Status.RELEASED, record)
            row.reason = event.reason
        case HoldExpired():
            row = _ended(row, Hold.Status.EXPIRED, record)
        case _:
            assert_never(event)
    row.position = record.position
    return row


def _hold(event: HoldPlaced, record: Recorded[Any]) -> Hold:
    return Hold(
        hold_id=event.hold_id,
        account_id=event.account_id,
        amount=event.amount,
        currency=event.currency,
        reference=event.reference,
        placed_at=record.recorded_at,
        expires_at=event.expires_at,
    )


def _ended(row: Hold | None, status: Hold.Status, record: Recorded[Any]) -> Hold:
    row = _known(row)
    row.status, row.ended_at = status, record.recorded_at
    return row


@fold(Approval, key=lambda event: event.approval_id)
def approvals(row: Approval | None, event: ApprovalEvent, record: Recorded[Any]) -> Approval:
    """Each request that takes a second person, and what they decided."""
    match event:
        case ApprovalRequested():
            row = _request(event, record)
        case ApprovalGranted():
            row = _decided(row, Approval.Status.GRANTED, record)
        case ApprovalRefused():
            row = _decided(row, Approval.Status.REFUSED, record)
            row.decision_reason = event.reason
        case ApprovalWithdrawn():
            row = _decided(row, Approval.Status.WITHDRAWN, record)
        case _:
            assert_never(event)
    row.position = record.position
    return row


def _request(event: ApprovalRequested, record: Recorded[Any]) -> Approval:
    return Approval(
        approval_id=event.approval_id,
        command=event.command,
        payload=event.payload,
        account_id=event.account_id,
        reason=event.reason,
        requested_by=event.requested_by,
        requested_at=record.recorded_at,
    )


def _decided(row: Approval | None, status: Approval.Status, record: Recorded[Any]) -> Approval:
    row = _known(row)
    row.status, row.decided_by, row.decided_at = status, record.metadata["actor"], record.recorded_at
    return row


@rows(JournalLeg, delayed=True, version=2)
def journal_legs(event: MoneyEvent, record: Recorded[Any]) -> Iterator[JournalLeg]:
    """Every movement of money twice: where it left and where it arrived.

    What arrives from another account gives no legs, for its departure gives both: so however far the log is read,
    and in whatever parts, the legs balance.
    """
    world, account = f"cash:{event.currency}", str(event.account_id)
    match event:
        case MoneyDeposited():
            yield from _legs(event, record, source=world, target=account, movement=event.entry_id)
        case MoneyWithdrawn() | HoldCaptured():
            yield from _legs(event, record, source=account, target=world, movement=event.entry_id)
        case TransferSent(to_account=other):
            yield from _legs(event, record, source=account, target=str(other), movement=event.transfer_id)
        case TransferReceived():
            return
        case BalanceAdjusted():
            house = f"adjustments:{event.currency}"
            yield from _legs(event, record, source=house, target=account, movement=event.entry_id)
        case EntryReversed():
            yield from _reversal_legs(event, record, str(event.counterparty or world))
        case _:
            assert_never(event)


def _reversal_legs(event: EntryReversed, record: Recorded[Any], other: str) -> Iterator[JournalLeg]:
    account, movement = str(event.account_id), event.transfer_id or event.entry_id
    if event.direction == Entry.Direction.DEBIT:
        yield from _legs(event, record, source=account, target=other, movement=movement)
    elif event.counterparty is None:
        yield from _legs(event, record, source=other, target=account, movement=movement)


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


def _as_of(record: Recorded[Any], row: Stream) -> Stream:
    row.version, row.position = record.version, record.position
    return row
