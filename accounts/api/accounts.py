"""Opening accounts."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError

from accounts.api.access import customers_and
from accounts.api.command_views import CommandResult, HttpCommand, PostCommandView
from accounts.api.fields import Id, StrictSerializer, Text
from accounts.api.schema import command_operation
from accounts.api.serializers import AccountSerializer
from accounts.domain.commands import OpenAccount
from accounts.domain.text import clean_label, clean_timezone
from accounts.services.ids import new_id
from accounts.services.use_cases import staff_task_for
from eventstore.decider import Refused, phrase
from eventstore.execute import Receipt

FIRST_DAY = {"held": 0, "overdraft_limit": 0, "status": "open", "version": 1}


class OpenAccountSerializer(StrictSerializer):
    """Which account is wanted."""

    currency = Text(help_text="ISO 4217, in capitals; an account keeps its currency for as long as it lives.")
    label = Text(  # type: ignore[assignment]  # a serializer's own label is something else
        rule=clean_label, default="", allow_blank=True, help_text="At most 100 characters."
    )
    timezone = Text(rule=clean_timezone, required=False, help_text="The customer's, if not given.")
    customer_id = Id(required=False, help_text="Whose it is to be; members of staff have to say.")


class OpenedAccountSerializer(CommandResult, AccountSerializer):
    """The new account."""


@command_operation(
    "Open an account",
    "Customers for themselves; members of staff, as support or operator, for a customer.",
    refuses="CUSTOMER_NOT_FOUND CUSTOMER_SUSPENDED UNKNOWN_CURRENCY FORBIDDEN",
    example={"currency": "EUR", "label": "Everyday"},
)
class OpenAccountView(PostCommandView):
    """`POST accounts`."""

    permission_classes = (customers_and(staff_task_for(OpenAccount)),)
    body = OpenAccountSerializer
    answer = OpenedAccountSerializer

    def command(self, http_command: HttpCommand) -> OpenAccount:
        """Open it, now."""
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
        """Whose account it becomes."""
        own = self.user.customer_id
        if own is not None and named not in {None, own}:
            raise Refused("CUSTOMER_NOT_FOUND", phrase("There is no such customer."), field="customer_id")
        owner = named or own
        if owner is None:
            raise ValidationError({"customer_id": [_("Say for which customer.")]})
        return owner

    def result_fields(self, http_command: HttpCommand, receipt: Receipt) -> Mapping[str, Any]:
        """The account as it is on its first day."""
        return {**FIRST_DAY, **receipt.answer, "opened_at": datetime.fromisoformat(receipt.answer["opened_at"])}
