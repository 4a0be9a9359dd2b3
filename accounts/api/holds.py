"""Holds: money is set aside, taken, or let go."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from django.utils import timezone
from rest_framework import serializers

from accounts.api.access import customers_and
from accounts.api.command_views import CommandResult, HttpCommand, PostCommandView
from accounts.api.fields import Amount, Moment, Money, StrictSerializer
from accounts.api.money import MONEY_REFUSALS, AmountSerializer, MovedMoneySerializer, amount_in
from accounts.api.reasons import OptionalReasonSerializer
from accounts.api.schema import ACCOUNT_ID, command_operation, in_path
from accounts.domain.account import not_found as no_account
from accounts.domain.commands import CaptureHold, PlaceHold, ReleaseHold
from accounts.domain.holds import not_found
from accounts.services.id_lookup import id_lookup
from accounts.services.ids import new_id
from accounts.services.use_cases import staff_task_for

HOLD_ID: Final = in_path("hold_id", "The hold.")
WEEK: Final = timedelta(days=7)
HOLD_REFUSALS: Final = "HOLD_NOT_FOUND HOLD_NOT_OPEN CUSTOMER_SUSPENDED"


class PlaceHoldSerializer(AmountSerializer):
    """How much is to be set aside, for how long, and what for."""

    expires_at = Moment(required=False, help_text="RFC 3339 with an offset, in the future; in 7 days, if not given.")


class PlacedHoldSerializer(CommandResult):
    """The hold, and what it leaves available."""

    hold_id = serializers.UUIDField()
    held = Money(help_text="By all open holds of the account.")
    available = Money()
    currency = serializers.CharField()


class HoldCommandView(PostCommandView):
    """For customers on their own accounts, and for staff who handle holds."""

    answer = PlacedHoldSerializer

    def named(self) -> tuple[UUID, UUID]:
        """The hold in the address, and its account; raises Refused HOLD_NOT_FOUND, also for somebody else's.

        It is not left to the decision, which would be kept under the key: that of nothing is not.
        """
        hold_id = self.id_of("hold_id")
        account_id = id_lookup().account_of_hold(hold_id, customer_id=self.user.customer_id) if hold_id else None
        if hold_id is None or account_id is None:
            raise not_found()
        return hold_id, account_id


@command_operation(
    "Set money aside",
    "It stays in the account, but is not available until it is captured or released, or until the hold expires.",
    refuses=f"INSUFFICIENT_FUNDS EFFECTIVE_DATE_INVALID {MONEY_REFUSALS}",
    path=[ACCOUNT_ID],
    example={"amount": "80.00", "reference": "Hotel", "expires_at": "2030-01-01T12:00:00Z"},
)
class PlaceHoldView(HoldCommandView):
    """`POST accounts/{id}/holds`."""

    permission_classes = (customers_and(staff_task_for(PlaceHold)),)
    body = PlaceHoldSerializer

    def command(self, http_command: HttpCommand) -> PlaceHold:
        """Set it aside, now."""
        account = self.id_of("account_id")
        if account is None:
            raise no_account()
        now = timezone.now()
        return PlaceHold(
            account_id=account,
            customer_id=self.user.customer_id,
            hold_id=new_id(),
            amount=amount_in(http_command.body["amount"], account, self.user),
            now=now,
            expires_at=http_command.body.get("expires_at") or now + WEEK,
            reference=http_command.body["reference"],
        )


class CaptureHoldSerializer(StrictSerializer):
    """How much of it is taken."""

    amount = Amount(required=False, help_text="All of it, if not given; what is not taken is released.")


class CapturedHoldSerializer(MovedMoneySerializer, PlacedHoldSerializer):
    """The new line in the history of the account, and what is in it now."""


@command_operation(
    "Capture a hold",
    "The money leaves, all of it or a part; the rest is available again.",
    refuses=f"CAPTURE_EXCEEDS_HOLD LIMIT_EXCEEDED {HOLD_REFUSALS} {MONEY_REFUSALS}".replace("ACCOUNT_NOT_FOUND ", ""),
    path=[HOLD_ID],
    example={"amount": "75.00"},
)
class CaptureHoldView(HoldCommandView):
    """`POST holds/{id}/capture`."""

    permission_classes = (customers_and(staff_task_for(CaptureHold)),)
    body = CaptureHoldSerializer
    answer = CapturedHoldSerializer

    def command(self, http_command: HttpCommand) -> CaptureHold:
        """Take it, now."""
        hold, account = self.named()
        amount = http_command.body.get("amount")
        return CaptureHold(
            account_id=account,
            customer_id=self.user.customer_id,
            hold_id=hold,
            entry_id=new_id(),
            now=timezone.now(),
            amount=None if amount is None else amount_in(amount, account, self.user),
        )


@command_operation(
    "Release a hold",
    "The money is available again.",
    refuses=HOLD_REFUSALS,
    path=[HOLD_ID],
    example={"reason": "Cancelled"},
)
class ReleaseHoldView(HoldCommandView):
    """`POST holds/{id}/release`."""

    permission_classes = (customers_and(staff_task_for(ReleaseHold)),)
    body = OptionalReasonSerializer
    status = 200

    def command(self, http_command: HttpCommand) -> ReleaseHold:
        """Let it go."""
        hold, account = self.named()
        return ReleaseHold(
            account_id=account,
            customer_id=self.user.customer_id,
            hold_id=hold,
            now=timezone.now(),
            reason=http_command.body["reason"],
        )
