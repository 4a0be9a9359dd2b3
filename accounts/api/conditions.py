"""What staff set for an account: freezes, overdrafts, limits."""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from msgspec import UNSET, UnsetType
from rest_framework import serializers

from accounts.account import not_found
from accounts.api.access import staff_who
from accounts.api.acting import Done, Order, Post
from accounts.api.fields import Amount, Money, Text
from accounts.api.money import amount_in
from accounts.api.reasons import MaybeReasoned, Reasoned
from accounts.api.schema import ACCOUNT_ID, acts
from accounts.approving import must_not_need_approval
from accounts.commands import FreezeAccount, SetLimits, SetOverdraftLimit, UnfreezeAccount
from accounts.conditions import SCOPES
from accounts.roles import Task
from eventstore.decider import Refused, phrase


class Conditions(Done):
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


class Condition(Post):
    """For members of staff, about any account."""

    answer = Conditions
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


class Freezing(Reasoned):
    """What is to be stopped, and why."""

    scope = Text(
        rule=_clean_scope,
        like={"enum": list(SCOPES)},
        help_text="`debits`: money may not leave. `all`: it may not move at all.",
    )


@acts(
    "Freeze an account",
    "For support and operators. An account that is frozen already gets the new scope.",
    refuses="ACCOUNT_NOT_FOUND ACCOUNT_CLOSED REASON_REQUIRED",
    path=[ACCOUNT_ID],
    example={"scope": "debits", "reason": "The card was stolen"},
)
class Freeze(Condition):
    """`POST accounts/{id}/freeze`."""

    permission_classes = (staff_who(Task.RESTRICT),)
    body = Freezing

    def command(self, order: Order) -> FreezeAccount:
        """Freeze it."""
        return FreezeAccount(self.account_id, order.asked["scope"], order.asked["reason"])


@acts(
    "Unfreeze an account",
    "For support and operators. Nothing happens to an account that is not frozen.",
    refuses="ACCOUNT_NOT_FOUND ACCOUNT_CLOSED REASON_REQUIRED",
    path=[ACCOUNT_ID],
    example={"reason": "The card was found"},
)
class Unfreeze(Condition):
    """`POST accounts/{id}/unfreeze`."""

    permission_classes = (staff_who(Task.RESTRICT),)
    body = Reasoned

    def command(self, order: Order) -> UnfreezeAccount:
        """Let money move again."""
        return UnfreezeAccount(self.account_id, order.asked["reason"])


class Overdraft(MaybeReasoned):
    """How far below zero the account may go."""

    limit = Amount(help_text='In major units; "0.00" for not at all.')


@acts(
    "Set the overdraft limit",
    "For operators. What is above the site's limit for one person needs an approval.",
    refuses="ACCOUNT_NOT_FOUND ACCOUNT_CLOSED INVALID_AMOUNT AMOUNT_OUT_OF_RANGE TOO_MANY_DECIMALS "
    "OVERDRAFT_BELOW_USAGE APPROVAL_REQUIRED",
    path=[ACCOUNT_ID],
    example={"limit": "500.00"},
)
class SetOverdraft(Condition):
    """`POST accounts/{id}/overdraft`."""

    permission_classes = (staff_who(Task.SET_LIMITS),)
    body = Overdraft

    def command(self, order: Order) -> SetOverdraftLimit:
        """Set it."""
        account = self.account_id
        limit = amount_in(order.asked["limit"], account, self.user, may_be_zero=True, field="limit")
        command = SetOverdraftLimit(account, limit, order.asked["reason"])
        must_not_need_approval(command)
        return command


class Limits(MaybeReasoned):
    """What may leave; `null` is without limit, and what is not given stays as it is."""

    per_entry = Amount(required=False, allow_null=True, help_text="At once, in major units.")
    daily_out = Amount(required=False, allow_null=True, help_text="On one day of the account's time zone.")

    def validate(self, attrs: Any) -> Any:
        """One of them at least."""
        if not {"per_entry", "daily_out"} & set(attrs):
            raise serializers.ValidationError({"per_entry": [_("Give one of the limits, or both.")]})
        return attrs


@acts(
    "Set the limits",
    "For operators. Withdrawals, transfers and captures count; reversals give nothing back.",
    refuses="ACCOUNT_NOT_FOUND ACCOUNT_CLOSED INVALID_AMOUNT AMOUNT_OUT_OF_RANGE TOO_MANY_DECIMALS",
    path=[ACCOUNT_ID],
    example={"per_entry": "500.00", "daily_out": None},
)
class LimitAccount(Condition):
    """`POST accounts/{id}/limits`."""

    permission_classes = (staff_who(Task.SET_LIMITS),)
    body = Limits

    def command(self, order: Order) -> SetLimits:
        """Set them."""
        account = self.account_id
        return SetLimits(
            account_id=account,
            per_entry=self._limit("per_entry", account, order),
            daily_out=self._limit("daily_out", account, order),
            reason=order.asked["reason"],
        )

    def _limit(self, name: str, account: UUID, order: Order) -> int | UnsetType | None:
        text = order.asked.get(name, UNSET)
        if text is UNSET or text is None:
            return text
        return amount_in(text, account, self.user, may_be_zero=True, field=name)
