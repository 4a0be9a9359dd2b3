"""Approvals: one member of staff requests what another one grants or refuses."""

from collections.abc import Callable, Mapping
from typing import Any, Final
from uuid import UUID

from rest_framework import serializers

from accounts.api.amounts import UNKNOWN_CURRENCY_AMOUNT
from accounts.api.command_views import CommandResult, HttpCommand, PostCommandView
from accounts.api.fields import Amount
from accounts.api.parameters import APPROVAL_ID
from accounts.api.reasons import ReasonRequestSerializer
from accounts.api.refusals import AMOUNT_CODES
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
from accounts.users.access import staff_who
from eventstore.decider import Refused, phrase
from eventstore.http.endpoint import validated
from eventstore.http.fields import EmptyRequestSerializer, Id, StrictSerializer, Text
from eventstore.http.openapi import command_operation


class AdjustmentPayloadSerializer(StrictSerializer):
    """The payload of `AdjustBalance`."""

    account_id = Id()
    amount = Amount(help_text="With a minus before it where money is taken away.")


class ReversalPayloadSerializer(StrictSerializer):
    """The payload of `ReverseEntry`."""

    entry_id = Id()


class OverdraftPayloadSerializer(StrictSerializer):
    """The payload of `SetOverdraftLimit`."""

    account_id = Id()
    limit = Amount()


def _adjustment(payload: Mapping[str, Any], reason: str) -> AdjustBalance:
    account_id: UUID = payload["account_id"]
    return build_adjustment(account_id, _parsed(parse_signed, payload["amount"], account_id), reason)


def _reversal(payload: Mapping[str, Any], reason: str) -> ReverseEntry:
    return build_reversal(payload["entry_id"], reason)


def _overdraft(payload: Mapping[str, Any], reason: str) -> SetOverdraftLimit:
    def parse(text: str, currency: str) -> int:
        return parse_amount(text, currency, field="limit", may_be_zero=True)

    account_id: UUID = payload["account_id"]
    return SetOverdraftLimit(account_id, _parsed(parse, payload["limit"], account_id), reason)


def _parsed(parse: Callable[[str, str], int], text: str, account_id: UUID) -> int:
    """An amount in an account's currency; an account that does not exist is for the decision to refuse."""
    currency = currency_of(account_id, None)
    return parse(text, currency) if currency else UNKNOWN_CURRENCY_AMOUNT


KINDS: Final[Mapping[str, tuple[type[StrictSerializer], Callable[[Mapping[str, Any], str], Approvable]]]] = {
    "AdjustBalance": (AdjustmentPayloadSerializer, _adjustment),
    "ReverseEntry": (ReversalPayloadSerializer, _reversal),
    "SetOverdraftLimit": (OverdraftPayloadSerializer, _overdraft),
}
COMMANDS: Final = tuple(KINDS)


def _clean_command(name: str) -> str:
    if name not in KINDS:
        raise Refused("MALFORMED", phrase("This is nothing that can be asked for."), field="command")
    return name


class ApprovalRequestSerializer(ReasonRequestSerializer):
    """The command that needs approval, and why it is requested."""

    command = Text(_clean_command, json_schema={"enum": list(COMMANDS)}, help_text=f"{', '.join(COMMANDS)}.")
    payload = serializers.DictField(help_text="The fields of that command, with amounts as text in major units.")

    def validate(self, attrs: Any) -> Any:
        """The fields, with the parsed payload; raises ValidationError if the payload misfits the command."""
        kind, _make = KINDS[attrs["command"]]
        return {**attrs, "parsed": validated(kind, attrs["payload"])}


class ApprovalStatusSerializer(CommandResult):
    """The status of a request for approval."""

    approval_id = serializers.UUIDField()
    status = serializers.CharField(help_text="`open`, `granted`, `refused` or `withdrawn`")


@command_operation(
    "create_approval",
    "Request an approval",
    "For operators. The requested command must be possible as things are; it is executed when another member of staff "
    "approves.",
    tag="approvals",
    refuses=f"ACCOUNT_NOT_FOUND ENTRY_NOT_FOUND REASON_REQUIRED {AMOUNT_CODES} OVERDRAFT_BELOW_USAGE ALREADY_REVERSED "
    "REVERSAL_NOT_REVERSIBLE INSUFFICIENT_FUNDS ACCOUNT_FROZEN ACCOUNT_CLOSED SIGN_IN_AGAIN",
    example={
        "command": "AdjustBalance",
        "payload": {"account_id": "0190a6f2-7c3e-7d4a-8b1f-3c2d1e0f9a8b", "amount": "-10.50"},
        "reason": "Fee that was forgotten",
    },
)
class RequestApprovalView(PostCommandView):
    """`POST approvals`."""

    permission_classes = (staff_who(staff_task_for(RequestApproval)),)
    body = ApprovalRequestSerializer
    answer = ApprovalStatusSerializer

    def command(self, http_command: HttpCommand) -> RequestApproval:
        """The request, which holds in full the command that a grant executes."""
        _kind, make = KINDS[http_command.body["command"]]
        requested = make(http_command.body["parsed"], http_command.body["reason"])
        return build_approval_request(
            requested, http_command.body["payload"], http_command.body["reason"], self.user.actor
        )


class ApprovalDecisionView(PostCommandView):
    """The base of views that end a request."""

    answer = ApprovalStatusSerializer
    status = 200

    @property
    def approval_id(self) -> UUID:
        """The request in the address; raises Refused APPROVAL_NOT_FOUND for a malformed id."""
        found = self.id_of("approval_id")
        if found is None:
            raise not_found()
        return found


@command_operation(
    "grant_approval",
    "Approve a request",
    "For approvers, of another member's requests. The command is decided anew and executed at once; if it is refused "
    "now, the request stays open.",
    tag="approvals",
    refuses=f"APPROVAL_NOT_FOUND APPROVAL_NOT_OPEN SELF_APPROVAL {AMOUNT_CODES} OVERDRAFT_BELOW_USAGE ALREADY_REVERSED "
    "INSUFFICIENT_FUNDS ACCOUNT_FROZEN ACCOUNT_CLOSED SIGN_IN_AGAIN",
    path=[APPROVAL_ID],
    example={},
)
class ApproveView(ApprovalDecisionView):
    """`POST approvals/{id}/approve`."""

    permission_classes = (staff_who(staff_task_for(Approve)),)
    body = EmptyRequestSerializer

    def command(self, _http_command: HttpCommand) -> Approve:
        """The command to approve the request, with the command that it holds."""
        return build_approval(self.approval_id, self.user.actor)


@command_operation(
    "refuse_approval",
    "Refuse a request",
    "For approvers, of another member's requests.",
    tag="approvals",
    refuses="APPROVAL_NOT_FOUND APPROVAL_NOT_OPEN SELF_APPROVAL REASON_REQUIRED",
    path=[APPROVAL_ID],
    example={"reason": "There is no such fee"},
)
class RefuseView(ApprovalDecisionView):
    """`POST approvals/{id}/refuse`."""

    permission_classes = (staff_who(staff_task_for(Refuse)),)
    body = ReasonRequestSerializer

    def command(self, http_command: HttpCommand) -> Refuse:
        """The command to refuse the request."""
        return Refuse(self.approval_id, self.user.actor, http_command.body["reason"])


@command_operation(
    "withdraw_approval",
    "Withdraw a request",
    "For the member of staff who made it.",
    tag="approvals",
    refuses="APPROVAL_NOT_FOUND APPROVAL_NOT_OPEN",
    path=[APPROVAL_ID],
    example={},
)
class WithdrawRequestView(ApprovalDecisionView):
    """`POST approvals/{id}/withdraw`."""

    permission_classes = (staff_who(staff_task_for(WithdrawRequest)),)
    body = EmptyRequestSerializer

    def command(self, _http_command: HttpCommand) -> WithdrawRequest:
        """The command to withdraw the request."""
        return WithdrawRequest(self.approval_id, self.user.actor)
