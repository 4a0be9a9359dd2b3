"""Opening accounts."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError

from accounts.api.access import customers_and
from accounts.api.acting import Done, Order, Post
from accounts.api.fields import Id, Strict, Text
from accounts.api.schema import acts
from accounts.api.shapes import AccountShape
from accounts.commands import OpenAccount
from accounts.handlers import new_id
from accounts.roles import Task
from accounts.text import clean_label, clean_timezone
from eventstore.decider import Refused, phrase
from eventstore.records import Receipt

FIRST_DAY = {"held": 0, "overdraft_limit": 0, "status": "open", "version": 1}


class Opening(Strict):
    """Which account is wanted."""

    currency = Text(help_text="ISO 4217, in capitals; an account keeps its currency for as long as it lives.")
    label = Text(  # type: ignore[assignment]  # a serializer's own label is something else
        rule=clean_label, default="", allow_blank=True, help_text="At most 100 characters."
    )
    timezone = Text(rule=clean_timezone, required=False, help_text="The customer's, if not given.")
    customer_id = Id(required=False, help_text="Whose it is to be; members of staff have to say.")


class Opened(Done, AccountShape):
    """The new account."""


@acts(
    "Open an account",
    "Customers for themselves; members of staff, as support or operator, for a customer.",
    refuses="CUSTOMER_NOT_FOUND CUSTOMER_SUSPENDED UNKNOWN_CURRENCY FORBIDDEN",
    example={"currency": "EUR", "label": "Everyday"},
)
class Open(Post):
    """`POST accounts`."""

    permission_classes = (customers_and(Task.OPEN_ACCOUNTS),)
    body = Opening
    answer = Opened

    def command(self, order: Order) -> OpenAccount:
        """Open it, now."""
        return OpenAccount(
            account_id=new_id(),
            customer_id=self._owner(order.asked.get("customer_id")),
            currency=order.asked["currency"],
            now=timezone.now(),
            label=order.asked["label"],
            timezone=order.asked.get("timezone"),
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

    def facts(self, order: Order, receipt: Receipt) -> Mapping[str, Any]:
        """The account as it is on its first day."""
        return {**FIRST_DAY, **receipt.answer, "opened_at": datetime.fromisoformat(receipt.answer["opened_at"])}
