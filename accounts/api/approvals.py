"""What takes two people: one asks, another one decides."""

from collections.abc import Callable, Mapping
from typing import Any, Final
from uuid import UUID

from rest_framework import serializers

from accounts.api.access import staff_who
from accounts.api.command_views import CommandResult, HttpCommand, PostCommandView
from accounts.api.endpoint import validated
from accounts.api.fields import Amount, Id, StrictSerializer, Text
from accounts.api.money import UNREAD
from accounts.api.reasons import ReasonSerializer
from accounts.api.schema import command_operation, in_path
from accounts.domain.approval import Approvable, not_found
from accounts.domain.commands import (
    AdjustBalance,
    Approve,
    Refuse,
    RequestApproval,
    ReverseEntry,
    SetOverdraftLimit,
    WithdrawRequest,
)
from accounts.domain.money import parse_amount, parse_signed
from accounts.services.approvals import build_adjustment, build_approval, build_approval_request
from accounts.services.currencies import currency_of
from accounts.services.reversals import build_reversal
from accounts.services.use_cases import staff_task_for
from eventstore.decider import Refused, phrase

APPROVAL_ID: Final = in_path("approval_id", "The request.")
AMOUNTS: Final = "INVALID_AMOUNT AMOUNT_OUT_OF_RANGE TOO_MANY_DECIMALS"


class AdjustmentPayload(StrictSerializer):
    """What is to be corrected."""

    account_id = Id()
    amount = Amount(help_text="With a minus before it where money is taken away.")


class ReversalPayload(StrictSerializer):
    """What is to be undone."""

    entry_id = Id()


class OverdraftPayload(StrictSerializer):
    """What is to be allowed."""

    account_id = Id()
    limit = Amount()


def _adjustment(payload: Mapping[str, Any], reason: str) -> AdjustBalance:
    account_id: UUID = payload["account_id"]
    return build_adjustment(account_id, _read(parse_signed, payload["amount"], account_id), reason)


def _reversal(payload: Mapping[str, Any], reason: str) -> ReverseEntry:
    return build_reversal(payload["entry_id"], reason)


def _overdraft(payload: Mapping[str, Any], reason: str) -> SetOverdraftLimit:
    def parse(text: str, currency: str) -> int:
        return parse_amount(text, currency, field="limit", may_be_zero=True)

    account_id: UUID = payload["account_id"]
    return SetOverdraftLimit(account_id, _read(parse, payload["limit"], account_id), reason)


def _read(parse: Callable[[str, str], int], text: str, account_id: UUID) -> int:
    """An amount in an account's currency; where there is no such account, it is for the decision to say so."""
    currency = currency_of(account_id, None)
    return parse(text, currency) if currency else UNREAD


KINDS: Final[Mapping[str, tuple[type[StrictSerializer], Callable[[Mapping[str, Any], str], Approvable]]]] = {
    "AdjustBalance": (AdjustmentPayload, _adjustment),
    "ReverseEntry": (ReversalPayload, _reversal),
    "SetOverdraftLimit": (OverdraftPayload, _overdraft),
}


def _clean_command(name: str) -> str:
    if name not in KINDS:
        raise Refused("MALFORMED", phrase("This is nothing that can be asked for."), field="command")
    return name


class RequestApprovalSerializer(ReasonSerializer):
    """What is asked for, and why."""

    command = Text(rule=_clean_command, like={"enum": list(KINDS)}, help_text=f"{', '.join(KINDS)}.")
    payload = serializers.DictField(help_text="The fields of that command, with amounts as text in major units.")

    def validate(self, attrs: Any) -> Any:
        """With a payload that fits the command."""
        kind, _order = KINDS[attrs["command"]]
        return {**attrs, "read": validated(kind, attrs["payload"])}


class ApprovalStatusSerializer(CommandResult):
    """How the request stands."""

    approval_id = serializers.UUIDField()
    status = serializers.CharField(help_text="`open`, `granted`, `refused` or `withdrawn`")


@command_operation(
    "Ask for an approval",
    "For operators. What is asked for must be possible as things stand; it is done when somebody else approves.",
    refuses=f"ACCOUNT_NOT_FOUND ENTRY_NOT_FOUND REASON_REQUIRED {AMOUNTS} OVERDRAFT_BELOW_USAGE ALREADY_REVERSED "
    "REVERSAL_NOT_REVERSIBLE INSUFFICIENT_FUNDS ACCOUNT_FROZEN ACCOUNT_CLOSED",
    example={
        "command": "AdjustBalance",
        "payload": {"account_id": "0190a6f2-7c3e-7d4a-8b1f-3c2d1e0f9a8b", "amount": "-10.50"},
        "reason": "Fee that was forgotten",
    },
)
class RequestApprovalView(PostCommandView):
    """`POST approvals`."""

    permission_classes = (staff_who(staff_task_for(RequestApproval)),)
    body = RequestApprovalSerializer
    answer = ApprovalStatusSerializer

    def command(self, http_command: HttpCommand) -> RequestApproval:
        """Ask, with the command in full that a grant executes."""
        _kind, make = KINDS[http_command.body["command"]]
        wanted = make(http_command.body["read"], http_command.body["reason"])
        return build_approval_request(
            wanted, http_command.body["payload"], http_command.body["reason"], self.user.actor
        )


class ApprovalDecisionView(PostCommandView):
    """For members of staff, about a request."""

    answer = ApprovalStatusSerializer
    status = 200

    @property
    def approval_id(self) -> UUID:
        """The request in the address; raises Refused."""
        found = self.id_of("approval_id")
        if found is None:
            raise not_found()
        return found


@command_operation(
    "Approve a request",
    "For approvers, of what somebody else asked for. It is decided anew and done at once; if it is refused now, "
    "the request stays open.",
    refuses=f"APPROVAL_NOT_FOUND APPROVAL_NOT_OPEN SELF_APPROVAL {AMOUNTS} OVERDRAFT_BELOW_USAGE ALREADY_REVERSED "
    "INSUFFICIENT_FUNDS ACCOUNT_FROZEN ACCOUNT_CLOSED",
    path=[APPROVAL_ID],
    example={},
)
class ApproveView(ApprovalDecisionView):
    """`POST approvals/{id}/approve`."""

    permission_classes = (staff_who(staff_task_for(Approve)),)
    body = StrictSerializer

    def command(self, _http_command: HttpCommand) -> Approve:
        """Agree, and do it."""
        return build_approval(self.approval_id, self.user.actor)


@command_operation(
    "Refuse a request",
    "For approvers, of what somebody else asked for.",
    refuses="APPROVAL_NOT_FOUND APPROVAL_NOT_OPEN SELF_APPROVAL REASON_REQUIRED",
    path=[APPROVAL_ID],
    example={"reason": "There is no such fee"},
)
class RefuseView(ApprovalDecisionView):
    """`POST approvals/{id}/refuse`."""

    permission_classes = (staff_who(staff_task_for(Refuse)),)
    body = ReasonSerializer

    def command(self, http_command: HttpCommand) -> Refuse:
        """Disagree."""
        return Refuse(self.approval_id, self.user.actor, http_command.body["reason"])


@command_operation(
    "Withdraw a request",
    "For who asked for it.",
    refuses="APPROVAL_NOT_FOUND APPROVAL_NOT_OPEN",
    path=[APPROVAL_ID],
    example={},
)
class WithdrawRequestView(ApprovalDecisionView):
    """`POST approvals/{id}/withdraw`."""

    permission_classes = (staff_who(staff_task_for(WithdrawRequest)),)
    body = StrictSerializer

    def command(self, _http_command: HttpCommand) -> WithdrawRequest:
        """Take it back."""
        return WithdrawRequest(self.approval_id, self.user.actor)
