"""The serializers of the read side's answers."""

from typing import Any, Final

from rest_framework import serializers

from eventstore.http.fields import CursorField, Message
from projections.api.fields import Money

REFLECTS: Final = "The answer reflects the log up to here."


class CustomerSerializer(serializers.Serializer[Any]):
    """A customer. Personal data is null once the customer is erased, the e-mail also once its owner took it back."""

    customer_id = serializers.UUIDField(allow_null=True, help_text="Null for a member of staff, in `me`.")
    name = serializers.CharField(allow_null=True)
    email = serializers.CharField(allow_null=True)
    locale = serializers.CharField(allow_null=True)
    timezone = serializers.CharField(allow_null=True)
    status = serializers.CharField(help_text="`active`, `suspended` or `erased`")
    position = serializers.IntegerField(
        help_text="Everything about it up to this position of the log is reflected here."
    )
    cursor = CursorField()


class MeSerializer(CustomerSerializer):
    """The signed-in user, and what has to be confirmed of their e-mail."""

    email_confirmed = serializers.BooleanField(
        help_text="Until it is true, whoever proves to own the e-mail may take it back."
    )
    new_email = serializers.CharField(
        allow_null=True, help_text="The e-mail that was asked for; it counts once it is confirmed."
    )


class AccountSerializer(serializers.Serializer[Any]):
    """An account."""

    account_id = serializers.UUIDField()
    customer_id = serializers.UUIDField()
    label = serializers.CharField()  # type: ignore[assignment]  # a serializer's own label is something else
    currency = serializers.CharField(help_text="ISO 4217")
    timezone = serializers.CharField(help_text="Its days and months are those of this time zone, for ever.")
    balance = Money()
    held = Money()
    available = Money(help_text="The money that may leave now: balance − held + overdraft_limit.")
    overdraft_limit = Money()
    per_entry = Money(default=None, allow_null=True, help_text="The most that may leave at once; null: no limit.")
    daily_out = Money(default=None, allow_null=True, help_text="The most that may leave on one day; null: no limit.")
    status = serializers.CharField(help_text="`open`, `frozen` or `closed`")
    frozen_scope = serializers.CharField(
        default=None,
        allow_null=True,
        help_text="Null unless it is frozen: `debits`, money may not leave; `all`, nor may it arrive.",
    )
    version = serializers.IntegerField(help_text="How many events the account has had.")
    opened_at = serializers.DateTimeField()
    position = serializers.IntegerField(
        help_text="Everything about it up to this position of the log is reflected here."
    )
    cursor = CursorField()


class EntrySerializer(serializers.Serializer[Any]):
    """An entry in the history of an account."""

    entry_id = serializers.UUIDField()
    kind = serializers.CharField(
        help_text="`deposit`, `withdrawal`, `transfer`, `capture` (of a hold), `reversal` or `adjustment`"
    )
    amount = Money(help_text="Never negative.")
    direction = serializers.CharField(help_text="`credit`: money came in; `debit`: it left.")
    balance = Money(help_text="After this entry.")
    currency = serializers.CharField()
    reference = serializers.CharField(help_text="Of a reversal or an adjustment: the reason.")
    recorded_at = serializers.DateTimeField()
    effective_at = serializers.DateTimeField(help_text="From when it counts; never later than it was recorded.")
    counterparty = serializers.UUIDField(allow_null=True, help_text="The other account of a transfer.")
    transfer_id = serializers.UUIDField(allow_null=True)
    reverses = serializers.UUIDField(allow_null=True, help_text="The entry that this one reverses.")
    reversed_by = serializers.UUIDField(allow_null=True, help_text="The entry that reverses this one.")
    position = serializers.IntegerField(help_text="The position of its event in the log.")
    cursor = CursorField()


class TransferSerializer(serializers.Serializer[Any]):
    """Money that went from one account to another; the balance of neither is shown."""

    transfer_id = serializers.UUIDField()
    entry_id = serializers.UUIDField(help_text="The entry of the caller's side.")
    from_account = serializers.UUIDField()
    to_account = serializers.UUIDField()
    amount = Money()
    currency = serializers.CharField()
    reference = serializers.CharField()
    recorded_at = serializers.DateTimeField()
    reversed_by = serializers.UUIDField(
        allow_null=True, help_text="The entry of the caller's side that reverses it, or null."
    )
    position = serializers.IntegerField(help_text=REFLECTS)
    cursor = CursorField()


class BalanceSerializer(serializers.Serializer[Any]):
    """The balance of an account at a time."""

    account_id = serializers.UUIDField()
    balance = Money()
    currency = serializers.CharField()
    as_of = serializers.DateTimeField(help_text="Entries of this very moment are counted.")
    axis = serializers.CharField(help_text="`recorded` or `effective`")
    position = serializers.IntegerField(help_text=REFLECTS)
    cursor = CursorField()


class DailyBalanceSerializer(serializers.Serializer[Any]):
    """An account on one day of its time zone."""

    day = serializers.DateField()
    balance = Money(help_text="At the end of the day; of today, so far.")
    credits = Money(help_text="The money that came in.")
    debits = Money(help_text="The money that left.")
    currency = serializers.CharField()


class HoldSerializer(serializers.Serializer[Any]):
    """Money that is, or was, set aside."""

    hold_id = serializers.UUIDField()
    account_id = serializers.UUIDField()
    amount = Money()
    captured = Money(help_text="The part that was captured.")
    currency = serializers.CharField()
    reference = serializers.CharField()
    status = serializers.CharField(
        help_text="`open`, `captured`, `released` or `expired`. It is open, and the money is not available, until its "
        "end is recorded: that follows `expires_at` within moments, and nothing can be captured meanwhile."
    )
    placed_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True, help_text="Null while it is open.")
    entry_id = serializers.UUIDField(allow_null=True, help_text="The entry of its capture, if it was captured.")
    reason = serializers.CharField(help_text="Why it was released; may be empty.")
    position = serializers.IntegerField(help_text="The position of its last event in the log.")
    cursor = CursorField()


class ApprovalSerializer(serializers.Serializer[Any]):
    """A request that takes two people."""

    approval_id = serializers.UUIDField()
    command = serializers.CharField(help_text="The requested command, such as `AdjustBalance`.")
    payload = Message(help_text="As it was requested.")
    account_id = serializers.UUIDField()
    reason = serializers.CharField()
    status = serializers.CharField(help_text="`open`, `granted`, `refused` or `withdrawn`")
    requested_by = serializers.CharField()
    requested_at = serializers.DateTimeField()
    decided_by = serializers.CharField(help_text="Empty while it is open.")
    decided_at = serializers.DateTimeField(allow_null=True)
    decision_reason = serializers.CharField(help_text="Why it was refused.")
    position = serializers.IntegerField(help_text="The position of its last event in the log.")
    cursor = CursorField()


class VolumeSerializer(serializers.Serializer[Any]):
    """How much money moved on a day, in one currency, by one type of event."""

    day = serializers.DateField(help_text="In UTC.")
    currency = serializers.CharField()
    type = serializers.CharField(help_text="The stored name of the event, such as `account.money_deposited`.")
    number = serializers.IntegerField(help_text="How many there were.")
    amount = Money(help_text="The sum of their amounts, whichever way the money went.")


class EventSerializer(serializers.Serializer[Any]):
    """An event of the log. Amounts are integers of minor units."""

    position = serializers.IntegerField()
    cursor = CursorField()
    event_id = serializers.UUIDField()
    category = serializers.CharField()
    stream_id = serializers.UUIDField()
    version = serializers.IntegerField(help_text="Its place in its stream, from 1.")
    type = serializers.CharField()
    schema_version = serializers.IntegerField()
    data = Message(source="event")  # type: ignore[assignment]  # a serializer's own data is something else
    metadata = Message()
    recorded_at = serializers.DateTimeField()
    effective_at = serializers.DateTimeField()


class StreamSerializer(serializers.Serializer[Any]):
    """The state of a stream. Amounts are integers of minor units."""

    category = serializers.CharField()
    stream_id = serializers.UUIDField()
    version = serializers.IntegerField(help_text="How many of its events are reflected.")
    state = Message(help_text="The state on which the next decision would be based.")
    position = serializers.IntegerField(help_text=REFLECTS)
    cursor = CursorField()


class CommandSerializer(serializers.Serializer[Any]):
    """A command with its answer and its events. Its own data and its events' have amounts in minor units."""

    command_id = serializers.UUIDField()
    key = serializers.CharField()
    actor = serializers.CharField()
    type = serializers.CharField()
    command = Message()
    accepted = serializers.BooleanField()
    response = Message(help_text="The answer, or the refusal, that every replay gets again.")
    events = EventSerializer(many=True)
    recorded_at = serializers.DateTimeField()
    position = serializers.IntegerField(help_text=REFLECTS)
    cursor = CursorField()


class TrialBalanceRowSerializer(serializers.Serializer[Any]):
    """The balance of one account of the journal."""

    currency = serializers.CharField()
    account = serializers.CharField(
        help_text="The id of an account; `cash:EUR` for the world outside, `adjustments:EUR` for the house."
    )
    amount = Money(help_text="Signed; those of a currency sum to zero.")


class AuditLineSerializer(serializers.Serializer[Any]):
    """One command in the audit: who sent it, and its outcome."""

    number = serializers.IntegerField()
    command_id = serializers.UUIDField()
    command = serializers.CharField()
    actor = serializers.CharField()
    category = serializers.CharField()
    stream_id = serializers.UUIDField(help_text="The stream that the command was about.")
    accepted = serializers.BooleanField()
    code = serializers.CharField(help_text="Of the refusal; empty if there was none.")
    reason = serializers.CharField(help_text="The reason that was given, if any.")
    position = serializers.IntegerField(
        allow_null=True, help_text="The position of the last event that it caused; null, if it caused none."
    )
    cursor = CursorField(allow_null=True)
    recorded_at = serializers.DateTimeField()


class ProjectionSerializer(serializers.Serializer[Any]):
    """The position and the lag of a read model."""

    name = serializers.CharField()
    mode = serializers.CharField(help_text="`real-time`, `delayed` or `reaction`")
    state = serializers.CharField(help_text="`live`, `stale`, `to be built` or `not installed`")
    version = serializers.IntegerField()
    built_version = serializers.IntegerField(allow_null=True)
    built_at = serializers.DateTimeField(allow_null=True)
    position = serializers.IntegerField(help_text="It reflects the log up to here.")
    cursor = CursorField()
    lag = serializers.IntegerField(help_text="In events.")
    lag_seconds = serializers.FloatField(help_text="The age of the oldest event that it does not reflect.")
