"""Opening accounts."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from accounts.api.command_views import CommandResult, HttpCommand, PostCommandView
from accounts.api.fields import Money, label_field, timezone_field
from accounts.domain.commands import OpenAccount
from accounts.services.ids import new_id
from accounts.services.use_cases import staff_task_for
from accounts.users.access import customers_and
from eventstore.decider import Refused, phrase
from eventstore.execute import Receipt
from eventstore.http.fields import Id, StrictSerializer, Text
from eventstore.http.openapi import command_operation

NEW_ACCOUNT: Final = {"held": 0, "overdraft_limit": 0, "status": "open", "version": 1}


class AccountRequestSerializer(StrictSerializer):
    """The account to open."""

    currency = Text(help_text="ISO 4217, in capitals; an account keeps its currency for as long as it lives.")
    label = label_field()  # type: ignore[assignment]  # a serializer's own label is something else
    timezone = timezone_field(required=False, help_text="The customer's, if not given.")
    customer_id = Id(required=False, help_text="The owner; members of staff have to name one.")


class OpenedAccountSerializer(CommandResult):
    """The new account, with the fields that `GET accounts/{id}` answers."""

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
    status = serializers.CharField(help_text="`open`")
    frozen_scope = serializers.CharField(default=None, allow_null=True, help_text="Null, as it is not frozen.")
    version = serializers.IntegerField(help_text="How many events the account has had.")
    opened_at = serializers.DateTimeField()


@command_operation(
    "create_account",
    "Open an account",
    "Customers for themselves; members of staff, as support or operator, for a customer.",
    tag="accounts",
    refuses="CUSTOMER_NOT_FOUND CUSTOMER_SUSPENDED UNKNOWN_CURRENCY FORBIDDEN",
    example={"currency": "EUR", "label": "Everyday"},
)
class OpenAccountView(PostCommandView):
    """`POST accounts`."""

    permission_classes = (customers_and(staff_task_for(OpenAccount)),)
    body = AccountRequestSerializer
    answer = OpenedAccountSerializer

    def command(self, http_command: HttpCommand) -> OpenAccount:
        """The command to open the account now; raises Refused and ValidationError for a wrong owner."""
        return OpenAccount(
            account_id=new_id(),
            customer_id=self._owner(http_command.body.get("customer_id")),
            currency=http_command.body["currency"],
            now=timezone.now(),
            label=http_command.body["label"],
            timezone=http_command.body.get("timezone"),
            by_staff=self.user.is_staff,
        )

    def _owner(self, named: UUID | None) -> UUID:
        own = self.user.customer_id
        if own is not None and named not in {None, own}:
            raise Refused("CUSTOMER_NOT_FOUND", phrase("There is no such customer."), field="customer_id")
        owner = named or own
        if owner is None:
            raise ValidationError({"customer_id": [_("Say for which customer.")]})
        return owner

    def result_fields(self, http_command: HttpCommand, receipt: Receipt) -> Mapping[str, Any]:
        """The account as it is after its first event."""
        return {**NEW_ACCOUNT, **receipt.answer, "opened_at": datetime.fromisoformat(receipt.answer["opened_at"])}
