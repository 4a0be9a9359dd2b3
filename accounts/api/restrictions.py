"""What staff set for an account: freezes, overdrafts, limits."""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from msgspec import UNSET, UnsetType
from rest_framework import serializers

from accounts.api.access import staff_who
from accounts.api.command_views import CommandResult, HttpCommand, PostCommandView
from accounts.api.fields import Amount, Money, Text
from accounts.api.money import amount_in
from accounts.api.reasons import OptionalReasonSerializer, ReasonSerializer
from accounts.api.schema import ACCOUNT_ID, command_operation
from accounts.domain.account import not_found
from accounts.domain.commands import FreezeAccount, SetLimits, SetOverdraftLimit, UnfreezeAccount
from accounts.domain.restrictions import SCOPES
from accounts.services.use_cases import staff_task_for
from eventstore.decider import Refused, phrase


class RestrictionsSerializer(CommandResult):
    """The account as it is now."""

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
    """For members of staff, about any account."""

    answer = RestrictionsSerializer
    status = 200

    @property
    def account_id(self) -> UUID:
        """The account in the address; raises Refused."""
        found = self.id_of("account_id")
        if found is None:
            raise not_found()
        return found


def _clean_scope(text: str) -> str:
    if text not in SCOPES:
        raise Refused("MALFORMED", phrase("An account is frozen for debits, or for all."), field="scope")
    return text


class FreezeSerializer(ReasonSerializer):
    """What is to be stopped, and why."""

    scope = Text(
        rule=_clean_scope,
        like={"enum": list(SCOPES)},
        help_text="`debits`: money may not leave. `all`: it may not move at all.",
    )


@command_operation(
    "Freeze an account",
    "For support and operators. An account that is frozen already gets the new scope.",
    refuses="ACCOUNT_NOT_FOUND ACCOUNT_CLOSED REASON_REQUIRED",
    path=[ACCOUNT_ID],
    example={"scope": "debits", "reason": "The card was stolen"},
)
class FreezeAccountView(RestrictionView):
    """`POST accounts/{id}/freeze`."""

    permission_classes = (staff_who(staff_task_for(FreezeAccount)),)
    body = FreezeSerializer

    def command(self, http_command: HttpCommand) -> FreezeAccount:
        """Freeze it."""
        return FreezeAccount(self.account_id, http_command.body["scope"], http_command.body["reason"])


@command_operation(
    "Unfreeze an account",
    "For support and operators. Nothing happens to an account that is not frozen.",
    refuses="ACCOUNT_NOT_FOUND ACCOUNT_CLOSED REASON_REQUIRED",
    path=[ACCOUNT_ID],
    example={"reason": "The card was found"},
)
class UnfreezeAccountView(RestrictionView):
    """`POST accounts/{id}/unfreeze`."""

    permission_classes = (staff_who(staff_task_for(UnfreezeAccount)),)
    body = ReasonSerializer

    def command(self, http_command: HttpCommand) -> UnfreezeAccount:
        """Let money move again."""
        return UnfreezeAccount(self.account_id, http_command.body["reason"])


class OverdraftSerializer(OptionalReasonSerializer):
    """How far below zero the account may go."""

    limit = Amount(help_text='In major units; "0.00" for not at all.')


@command_operation(
    "Set the overdraft limit",
    "For operators. What is above the site's limit for one person needs an approval.",
    refuses="ACCOUNT_NOT_FOUND ACCOUNT_CLOSED INVALID_AMOUNT AMOUNT_OUT_OF_RANGE TOO_MANY_DECIMALS "
    "OVERDRAFT_BELOW_USAGE APPROVAL_REQUIRED",
    path=[ACCOUNT_ID],
    example={"limit": "500.00"},
)
class SetOverdraftView(RestrictionView):
    """`POST accounts/{id}/overdraft`."""

    permission_classes = (staff_who(staff_task_for(SetOverdraftLimit)),)
    body = OverdraftSerializer

    def command(self, http_command: HttpCommand) -> SetOverdraftLimit:
        """Set it."""
        account = self.account_id
        limit = amount_in(http_command.body["limit"], account, self.user, may_be_zero=True, field="limit")
        return SetOverdraftLimit(account, limit, http_command.body["reason"])


class LimitsSerializer(OptionalReasonSerializer):
    """What may leave; `null` is without limit, and what is not given stays as it is."""

    per_entry = Amount(required=False, allow_null=True, help_text="At once, in major units.")
    daily_out = Amount(required=False, allow_null=True, help_text="On one day of the account's time zone.")

    def validate(self, attrs: Any) -> Any:
        """One of them at least."""
        if not {"per_entry", "daily_out"} & set(attrs):
            raise serializers.ValidationError({"per_entry": [_("Give one of the limits, or both.")]})
        return attrs


@command_operation(
    "Set the limits",
    "For operators. Withdrawals, transfers and captures count; reversals give nothing back.",
    refuses="ACCOUNT_NOT_FOUND ACCOUNT_CLOSED INVALID_AMOUNT AMOUNT_OUT_OF_RANGE TOO_MANY_DECIMALS",
    path=[ACCOUNT_ID],
    example={"per_entry": "500.00", "daily_out": None},
)
class SetLimitsView(RestrictionView):
    """`POST accounts/{id}/limits`."""

    permission_classes = (staff_who(staff_task_for(SetLimits)),)
    body = LimitsSerializer

    def command(self, http_command: HttpCommand) -> SetLimits:
        """Set them."""
        account = self.account_id
        return SetLimits(
            account_id=account,
            per_entry=self._limit("per_entry", account, http_command),
            daily_out=self._limit("daily_out", account, http_command),
            reason=http_command.body["reason"],
        )

    def _limit(self, name: str, account: UUID, http_command: HttpCommand) -> int | UnsetType | None:
        text = http_command.body.get(name, UNSET)
        if text is UNSET or text is None:
            return text
        return amount_in(text, account, self.user, may_be_zero=True, field=name)
