"""What customers and accounts look like, whichever side tells it."""

from typing import Any

from rest_framework import serializers

from accounts.api.fields import Money

REFLECTS = "Up to this position of the log, all that concerns this one is reflected here."


class CustomerSerializer(serializers.Serializer[Any]):
    """A customer. What they told about themselves is null once the customer is erased."""

    customer_id = serializers.UUIDField(allow_null=True, help_text="Null for a member of staff, who asks for `me`.")
    name = serializers.CharField(allow_null=True)
    email = serializers.CharField(allow_null=True)
    locale = serializers.CharField(allow_null=True)
    timezone = serializers.CharField(allow_null=True)
    status = serializers.CharField(help_text="`active`, `suspended` or `erased`")
    position = serializers.IntegerField(help_text=REFLECTS)


class AccountSerializer(serializers.Serializer[Any]):
    """An account as it stands."""

    account_id = serializers.UUIDField()
    customer_id = serializers.UUIDField()
    label = serializers.CharField()  # type: ignore[assignment]  # a serializer's own label is something else
    currency = serializers.CharField(help_text="ISO 4217")
    timezone = serializers.CharField(help_text="Its days and months are those of this time zone, for ever.")
    balance = Money()
    held = Money()
    available = Money(help_text="What may leave the account now: balance − held + overdraft_limit.")
    overdraft_limit = Money()
    per_entry = Money(default=None, allow_null=True, help_text="What may leave at once; null is without limit.")
    daily_out = Money(default=None, allow_null=True, help_text="What may leave on one day; null is without limit.")
    status = serializers.CharField(help_text="`open`, `frozen` or `closed`")
    frozen_scope = serializers.CharField(
        default=None,
        allow_null=True,
        help_text="Null unless it is frozen: `debits`, money may not leave; `all`, nor may it arrive.",
    )
    version = serializers.IntegerField(help_text="How many events the account has had.")
    opened_at = serializers.DateTimeField()
    position = serializers.IntegerField(help_text=REFLECTS)
