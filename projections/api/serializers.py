"""What the answers of the read side look like."""

from typing import Any

import msgspec
from rest_framework import serializers

from accounts.api.fields import Money

Shape = serializers.Serializer[Any]


class Data(serializers.DictField):
    """A message, or whatever else the engine codes as JSON."""

    def to_representation(self, value: Any) -> dict[str, Any]:
        """As it is coded: ids and times as text."""
        coded: dict[str, Any] = msgspec.to_builtins(value)
        return coded


def pages_of(shape: type[Shape]) -> type[Shape]:
    """What a page of a list looks like."""
    fields = {
        "results": shape(many=True),
        "next": serializers.URLField(allow_null=True, help_text="The next page; null on the last one."),
        "position": serializers.IntegerField(help_text="The list reflects the log up to here."),
        "__doc__": "A page of a list.",
    }
    return type(f"{shape.__name__.removesuffix('Shape')}List", (serializers.Serializer,), fields)


class EntrySerializer(Shape):
    """A line in the history of an account."""

    entry_id = serializers.UUIDField()
    kind = serializers.CharField(
        help_text="`deposit`, `withdrawal`, `transfer`, `capture` (of a hold), `reversal` or `adjustment`"
    )
    amount = Money(help_text="Never negative.")
    direction = serializers.CharField(help_text="`credit`: money came in; `debit`: it left.")
    balance = Money(help_text="After this line.")
    currency = serializers.CharField()
    reference = serializers.CharField(help_text="Of a reversal or an adjustment: the reason.")
    recorded_at = serializers.DateTimeField()
    effective_at = serializers.DateTimeField(help_text="From when it counts; never later than it was recorded.")
    counterparty = serializers.UUIDField(allow_null=True, help_text="The other account of a transfer.")
    transfer_id = serializers.UUIDField(allow_null=True)
    reverses = serializers.UUIDField(allow_null=True, help_text="The entry that this one undoes.")
    reversed_by = serializers.UUIDField(allow_null=True, help_text="The entry that undoes this one.")
    position = serializers.IntegerField(help_text="Where its event stands in the log.")


class TransferSerializer(Shape):
    """Money on its way from one account to another; what is in them stays their owners' affair."""

    transfer_id = serializers.UUIDField()
    entry_id = serializers.UUIDField(help_text="The line of history on the asking side.")
    from_account = serializers.UUIDField()
    to_account = serializers.UUIDField()
    amount = Money()
    currency = serializers.CharField()
    reference = serializers.CharField()
    recorded_at = serializers.DateTimeField()
    reversed_by = serializers.UUIDField(
        allow_null=True, help_text="The entry on the asking side that undoes it; null, if it stands."
    )
    position = serializers.IntegerField(help_text="The answer reflects the log up to here.")


class BalanceSerializer(Shape):
    """What an account held at a time."""

    account_id = serializers.UUIDField()
    balance = Money()
    currency = serializers.CharField()
    as_of = serializers.DateTimeField(help_text="What happened at this very moment is counted.")
    axis = serializers.CharField(help_text="`recorded` or `effective`")
    position = serializers.IntegerField(help_text="The answer reflects the log up to here.")


class DailyBalanceSerializer(Shape):
    """An account on one day of its time zone."""

    day = serializers.DateField()
    balance = Money(help_text="At the end of the day; of today, so far.")
    credits = Money(help_text="What came in.")
    debits = Money(help_text="What left.")
    currency = serializers.CharField()


class HoldSerializer(Shape):
    """Money that is, or was, set aside."""

    hold_id = serializers.UUIDField()
    account_id = serializers.UUIDField()
    amount = Money()
    captured = Money(help_text="What was taken of it.")
    currency = serializers.CharField()
    reference = serializers.CharField()
    status = serializers.CharField(
        help_text="`open`, `captured`, `released` or `expired`. It is open, and the money is not available, until its "
        "end stands in the log: that follows `expires_at` within moments, and nothing can be captured meanwhile."
    )
    placed_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True, help_text="Null while it is open.")
    entry_id = serializers.UUIDField(allow_null=True, help_text="The line of history, if it was captured.")
    reason = serializers.CharField(help_text="Why it was released; may be empty.")
    position = serializers.IntegerField(help_text="Where its last event stands in the log.")


class ApprovalSerializer(Shape):
    """Something that takes two people."""

    approval_id = serializers.UUIDField()
    command = serializers.CharField(help_text="What is asked for, such as `AdjustBalance`.")
    payload = Data(help_text="As it was asked for.")
    account_id = serializers.UUIDField()
    reason = serializers.CharField()
    status = serializers.CharField(help_text="`open`, `granted`, `refused` or `withdrawn`")
    requested_by = serializers.CharField()
    requested_at = serializers.DateTimeField()
    decided_by = serializers.CharField(help_text="Empty while it is open.")
    decided_at = serializers.DateTimeField(allow_null=True)
    decision_reason = serializers.CharField(help_text="Why it was refused.")
    position = serializers.IntegerField(help_text="Where its last event stands in the log.")


class VolumeSerializer(Shape):
    """How much money moved on a day in a currency by one type of event."""

    day = serializers.DateField(help_text="In UTC.")
    currency = serializers.CharField()
    type = serializers.CharField(help_text="The stored name of the event, such as `account.money_deposited`.")
    number = serializers.IntegerField(help_text="How many there were.")
    amount = Money(help_text="What they add up to, whichever way the money went.")


class EventSerializer(Shape):
    """A fact, as it stands in the log. Amounts are integers of minor units."""

    position = serializers.IntegerField()
    event_id = serializers.UUIDField()
    category = serializers.CharField()
    stream_id = serializers.UUIDField()
    version = serializers.IntegerField(help_text="Its place in its stream, from 1.")
    type = serializers.CharField()
    schema_version = serializers.IntegerField()
    data = Data(source="event")  # type: ignore[assignment]  # a serializer's own data is something else
    metadata = Data()
    recorded_at = serializers.DateTimeField()
    effective_at = serializers.DateTimeField()


class StreamSerializer(Shape):
    """The state of a stream. Amounts are integers of minor units."""

    category = serializers.CharField()
    stream_id = serializers.UUIDField()
    version = serializers.IntegerField(help_text="How many of its events are reflected.")
    state = Data(help_text="What the next decision would be based on.")
    position = serializers.IntegerField(help_text="The answer reflects the log up to here.")


class CommandSerializer(Shape):
    """A command with what came of it. Its own data and its events' have amounts in minor units."""

    command_id = serializers.UUIDField()
    key = serializers.CharField()
    actor = serializers.CharField()
    type = serializers.CharField()
    command = Data()
    accepted = serializers.BooleanField()
    response = Data(help_text="The answer, or the refusal, that every replay tells again.")
    events = EventSerializer(many=True)
    recorded_at = serializers.DateTimeField()
    position = serializers.IntegerField(help_text="The answer reflects the log up to here.")


class TrialBalanceRowSerializer(Shape):
    """What stands on one account of the journal."""

    currency = serializers.CharField()
    account = serializers.CharField(
        help_text="The id of an account; `cash:EUR` for the world outside, `adjustments:EUR` for the house."
    )
    amount = Money(help_text="Signed; those of a currency sum to zero.")


class AuditLineSerializer(Shape):
    """Who asked for what, and what came of it."""

    number = serializers.IntegerField()
    command_id = serializers.UUIDField()
    command = serializers.CharField()
    actor = serializers.CharField()
    category = serializers.CharField()
    stream_id = serializers.UUIDField(help_text="What it was about.")
    accepted = serializers.BooleanField()
    code = serializers.CharField(help_text="Of the refusal; empty if there was none.")
    reason = serializers.CharField(help_text="Why it was asked, if a reason was given.")
    position = serializers.IntegerField(
        allow_null=True, help_text="Where the last event that it caused stands in the log; null, if it caused none."
    )
    recorded_at = serializers.DateTimeField()


class ProjectionSerializer(Shape):
    """How far a read model is."""

    name = serializers.CharField()
    mode = serializers.CharField(help_text="`real-time`, `delayed` or `reaction`")
    state = serializers.CharField(help_text="`live`, `stale`, `to be built` or `not installed`")
    version = serializers.IntegerField()
    built_version = serializers.IntegerField(allow_null=True)
    built_at = serializers.DateTimeField(allow_null=True)
    position = serializers.IntegerField(help_text="It reflects the log up to here.")
    lag = serializers.IntegerField(help_text="In events.")
    lag_seconds = serializers.FloatField(help_text="The age of the oldest event that it does not reflect.")
