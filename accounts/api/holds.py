"""Holds: money is set aside, captured, or released."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from django.utils import timezone
from rest_framework import serializers

from accounts.api.amounts import AmountSerializer, amount_in
from accounts.api.command_views import CommandResult, HttpCommand, PostCommandView
from accounts.api.deposits import NewEntrySerializer
from accounts.api.fields import Amount, Money
from accounts.api.parameters import ACCOUNT_ID, HOLD_ID
from accounts.api.reasons import OptionalReasonSerializer
from accounts.api.refusals import ACCOUNT_CODES
from accounts.domain import account as accounts
from accounts.domain import holds
from accounts.domain.commands import CaptureHold, PlaceHold, ReleaseHold
from accounts.services.id_lookup import id_lookup
from accounts.services.ids import new_id
from accounts.services.use_cases import staff_task_for
from accounts.users.access import customers_and
from eventstore.http.fields import StoredMoment, StrictSerializer
from eventstore.http.openapi import command_operation

DEFAULT_DURATION: Final = timedelta(days=7)
HOLD_CODES: Final = "HOLD_NOT_FOUND HOLD_NOT_OPEN CUSTOMER_SUSPENDED"


class HoldRequestSerializer(AmountSerializer):
    """The money to set aside, and until when."""

    expires_at = StoredMoment(
        required=False, help_text="RFC 3339 with an offset, in the future; in 7 days, if not given."
    )


class CaptureRequestSerializer(StrictSerializer):
    """The part of a hold that leaves the account."""

    amount = Amount(required=False, help_text="All of it, if not given; what is not captured is released.")


class ReleaseRequestSerializer(OptionalReasonSerializer):
    """The reason of a release."""


class HeldMoneySerializer(CommandResult):
    """The base of answers about a hold: what is held, and what is available beside it."""

    hold_id = serializers.UUIDField()
    held = Money(help_text="By all open holds of the account.")
    available = Money()
    currency = serializers.CharField()


class PlacedHoldSerializer(HeldMoneySerializer):
    """The new hold, and what it leaves available."""


class ReleasedHoldSerializer(HeldMoneySerializer):
    """The released hold, and what is available now."""


class CapturedHoldSerializer(NewEntrySerializer, HeldMoneySerializer):
    """The capture's entry in the history of the account, and what the account holds after it."""


class HoldCommandView(PostCommandView):
    """The base of views for customers on their own accounts, and for staff who handle holds."""

    def hold_in_address(self) -> tuple[UUID, UUID]:
        """The hold in the address, and its account; raises Refused HOLD_NOT_FOUND, also for another customer's.

        It is not left to the decision, which would be stored under the key: the refusal of no hold is not.
        """
        hold_id = self.id_of("hold_id")
        account_id = id_lookup().account_of_hold(hold_id, customer_id=self.user.customer_id) if hold_id else None
        if hold_id is None or account_id is None:
            raise holds.not_found()
        return hold_id, account_id


@command_operation(
    "place_hold",
    "Place a hold",
    "The money stays in the account, but is not available until it is captured or released, or until the hold expires.",
    tag="holds",
    refuses=f"INSUFFICIENT_FUNDS EFFECTIVE_DATE_INVALID {ACCOUNT_CODES}",
    path=[ACCOUNT_ID],
    example={"amount": "80.00", "reference": "Hotel", "expires_at": "2030-01-01T12:00:00Z"},
)
class PlaceHoldView(HoldCommandView):
    """`POST accounts/{id}/holds`."""

    permission_classes = (customers_and(staff_task_for(PlaceHold)),)
    body = HoldRequestSerializer
    answer = PlacedHoldSerializer

    def command(self, http_command: HttpCommand) -> PlaceHold:
        """The command to set the money aside now; raises Refused for a malformed account id or amount."""
        account_id = self.id_of("account_id")
        if account_id is None:
            raise accounts.not_found()
        now = timezone.now()
        return PlaceHold(
            account_id=account_id,
            customer_id=self.user.customer_id,
            hold_id=new_id(),
            amount=amount_in(http_command.body["amount"], account_id, self.user),
            now=now,
            expires_at=http_command.body.get("expires_at") or now + DEFAULT_DURATION,
            reference=http_command.body["reference"],
        )


@command_operation(
    "capture_hold",
    "Capture a hold",
    "The money leaves, all of it or a part; the rest is available again.",
    tag="holds",
    refuses=f"CAPTURE_EXCEEDS_HOLD LIMIT_EXCEEDED {HOLD_CODES} {ACCOUNT_CODES}".replace("ACCOUNT_NOT_FOUND ", ""),
    path=[HOLD_ID],
    example={"amount": "75.00"},
)
class CaptureHoldView(HoldCommandView):
    """`POST holds/{id}/capture`."""

    permission_classes = (customers_and(staff_task_for(CaptureHold)),)
    body = CaptureRequestSerializer
    answer = CapturedHoldSerializer

    def command(self, http_command: HttpCommand) -> CaptureHold:
        """The command to capture the hold now; raises Refused for a hold that is not there or a malformed amount."""
        hold_id, account_id = self.hold_in_address()
        amount = http_command.body.get("amount")
        return CaptureHold(
            account_id=account_id,
            customer_id=self.user.customer_id,
            hold_id=hold_id,
            entry_id=new_id(),
            now=timezone.now(),
            amount=None if amount is None else amount_in(amount, account_id, self.user),
        )


@command_operation(
    "release_hold",
    "Release a hold",
    "The money is available again.",
    tag="holds",
    refuses=HOLD_CODES,
    path=[HOLD_ID],
    example={"reason": "Cancelled"},
)
class ReleaseHoldView(HoldCommandView):
    """`POST holds/{id}/release`."""

    permission_classes = (customers_and(staff_task_for(ReleaseHold)),)
    body = ReleaseRequestSerializer
    answer = ReleasedHoldSerializer
    status = 200

    def command(self, http_command: HttpCommand) -> ReleaseHold:
        """The command to release the hold; raises Refused for a hold that is not there."""
        hold_id, account_id = self.hold_in_address()
        return ReleaseHold(
            account_id=account_id,
            customer_id=self.user.customer_id,
            hold_id=hold_id,
            now=timezone.now(),
            reason=http_command.body["reason"],
        )
