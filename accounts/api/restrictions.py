"""Restrictions of accounts by staff: freezes, overdrafts, limits."""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from msgspec import UNSET, UnsetType
from rest_framework import serializers

from accounts.api.amounts import amount_in
from accounts.api.command_views import CommandResult, HttpCommand, PostCommandView
from accounts.api.fields import Amount, Money
from accounts.api.parameters import ACCOUNT_ID
from accounts.api.reasons import OptionalReasonSerializer, ReasonRequestSerializer
from accounts.api.refusals import AMOUNT_CODES
from accounts.domain.account import not_found
from accounts.domain.commands import FreezeAccount, SetLimits, SetOverdraftLimit, UnfreezeAccount
from accounts.domain.restrictions import SCOPES
from accounts.services.use_cases import staff_task_for
from accounts.users.access import staff_who
from eventstore.decider import Refused, phrase
from eventstore.http.fields import Text
from eventstore.http.openapi import command_operation


class RestrictionsSerializer(CommandResult):
    """The account with its restrictions."""

    account_id = serializers.UUIDField()
    status = serializers.CharField()
    frozen_scope = serializers.CharField(allow_null=True)
    balance = Money()
    held = Money()
    available = Money()
    overdraft_limit = Money()
    per_entry = Money(allow_null=True)
    daily_out = Money(allow_null=True)
    currency = serializers.CharField()


class RestrictionView(PostCommandView):
    """The base of views in which staff restrict an account."""

    answer = RestrictionsSerializer
    status = 200

    @property
    def account_id(self) -> UUID:
        """The account in the address; raises Refused ACCOUNT_NOT_FOUND for a malformed id."""
        found = self.id_of("account_id")
        if found is None:
            raise not_found()
        return found


def _clean_scope(text: str) -> str:
    if text not in SCOPES:
        raise Refused("MALFORMED", phrase("An account is frozen for debits, or for all."), field="scope")
    return text


class FreezeRequestSerializer(ReasonRequestSerializer):
    """The movements to stop, and why."""

    scope = Text(
        _clean_scope,
        json_schema={"enum": list(SCOPES)},
        help_text="`debits`: money may not leave. `all`: it may not move at all.",
    )


@command_operation(
    "freeze_account",
    "Freeze an account",
    "For support and operators. An account that is frozen already gets the new scope.",
    tag="accounts",
    refuses="ACCOUNT_NOT_FOUND ACCOUNT_CLOSED REASON_REQUIRED",
    path=[ACCOUNT_ID],
    example={"scope": "debits", "reason": "The card was stolen"},
)
class FreezeAccountView(RestrictionView):
    """`POST accounts/{id}/freeze`."""

    permission_classes = (staff_who(staff_task_for(FreezeAccount)),)
    body = FreezeRequestSerializer

    def command(self, http_command: HttpCommand) -> FreezeAccount:
        """The command to freeze the account."""
        return FreezeAccount(self.account_id, http_command.body["scope"], http_command.body["reason"])


@command_operation(
    "unfreeze_account",
    "Unfreeze an account",
    "For support and operators. Nothing happens to an account that is not frozen.",
    tag="accounts",
    refuses="ACCOUNT_NOT_FOUND ACCOUNT_CLOSED REASON_REQUIRED",
    path=[ACCOUNT_ID],
    example={"reason": "The card was found"},
)
class UnfreezeAccountView(RestrictionView):
    """`POST accounts/{id}/unfreeze`."""

    permission_classes = (staff_who(staff_task_for(UnfreezeAccount)),)
    body = ReasonRequestSerializer

    def command(self, http_command: HttpCommand) -> UnfreezeAccount:
        """The command to unfreeze the account."""
        return UnfreezeAccount(self.account_id, http_command.body["reason"])


class OverdraftRequestSerializer(OptionalReasonSerializer):
    """How far below zero the account may go."""

    limit = Amount(help_text='In major units; "0.00" for not at all.')


@command_operation(
    "set_overdraft",
    "Set the overdraft limit of an account",
    "For operators. What is above the site's limit for one person needs an approval.",
    tag="accounts",
    refuses=f"ACCOUNT_NOT_FOUND ACCOUNT_CLOSED {AMOUNT_CODES} OVERDRAFT_BELOW_USAGE APPROVAL_REQUIRED",
    path=[ACCOUNT_ID],
    example={"limit": "500.00"},
)
class SetOverdraftView(RestrictionView):
    """`POST accounts/{id}/overdraft`."""

    permission_classes = (staff_who(staff_task_for(SetOverdraftLimit)),)
    body = OverdraftRequestSerializer

    def command(self, http_command: HttpCommand) -> SetOverdraftLimit:
        """The command to set the limit; raises Refused for a malformed amount."""
        account_id = self.account_id
        limit = amount_in(http_command.body["limit"], account_id, self.user, may_be_zero=True, field="limit")
        return SetOverdraftLimit(account_id, limit, http_command.body["reason"])


class LimitsRequestSerializer(OptionalReasonSerializer):
    """The limits to set; `null` is without limit, and a limit that is not given stays as it is."""

    per_entry = Amount(required=False, allow_null=True, help_text="At once, in major units.")
    daily_out = Amount(required=False, allow_null=True, help_text="On one day of the account's time zone.")

    def validate(self, attrs: Any) -> Any:
        """The fields; raises ValidationError if both limits are left out."""
        if not {"per_entry", "daily_out"} & set(attrs):
            raise serializers.ValidationError({"per_entry": [_("Give one of the limits, or both.")]})
        return attrs


@command_operation(
    "set_limits",
    "Set the limits of an account",
    "For operators. Withdrawals, transfers and captures count; reversals give nothing back.",
    tag="accounts",
    refuses=f"ACCOUNT_NOT_FOUND ACCOUNT_CLOSED {AMOUNT_CODES}",
    path=[ACCOUNT_ID],
    example={"per_entry": "500.00", "daily_out": None},
)
class SetLimitsView(RestrictionView):
    """`POST accounts/{id}/limits`."""

    permission_classes = (staff_who(staff_task_for(SetLimits)),)
    body = LimitsRequestSerializer

    def command(self, http_command: HttpCommand) -> SetLimits:
        """The command to set the limits; raises Refused for a malformed amount."""
        account_id = self.account_id
        return SetLimits(
            account_id=account_id,
            per_entry=self._limit("per_entry", account_id, http_command),
            daily_out=self._limit("daily_out", account_id, http_command),
            reason=http_command.body["reason"],
        )

    def _limit(self, name: str, account_id: UUID, http_command: HttpCommand) -> int | UnsetType | None:
        text = http_command.body.get(name, UNSET)
        if text is UNSET or text is None:
            return text
        return amount_in(text, account_id, self.user, may_be_zero=True, field=name)
