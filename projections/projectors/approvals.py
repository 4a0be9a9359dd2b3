"""The projector of requests for a second person's decision."""

from typing import Any, assert_never

from accounts.domain.events import ApprovalEvent, ApprovalGranted, ApprovalRefused, ApprovalRequested, ApprovalWithdrawn
from eventstore.log import Recorded
from eventstore.projecting import fold
from projections.models import Approval
from projections.projectors.rows import known


@fold(Approval, key=lambda event: event.approval_id)
def approvals(row: Approval | None, event: ApprovalEvent, record: Recorded[Any]) -> Approval:
    """Each request with its decision."""
    match event:
        case ApprovalRequested():
            row = _request(event, record)
        case ApprovalGranted():
            row = _decided(row, Approval.Status.GRANTED, record)
        case ApprovalRefused():
            row = _decided(row, Approval.Status.REFUSED, record)
            row.decision_reason = event.reason
        case ApprovalWithdrawn():
            row = _decided(row, Approval.Status.WITHDRAWN, record)
        case _:
            assert_never(event)
    row.position = record.position
    return row


def _request(event: ApprovalRequested, record: Recorded[Any]) -> Approval:
    return Approval(
        approval_id=event.approval_id,
        command=event.command,
        payload=event.payload,
        account_id=event.account_id,
        reason=event.reason,
        requested_by=event.requested_by,
        requested_at=record.recorded_at,
    )


def _decided(row: Approval | None, status: Approval.Status, record: Recorded[Any]) -> Approval:
    row = known(row)
    row.status, row.decided_by, row.decided_at = status, record.metadata["actor"], record.recorded_at
    return row
