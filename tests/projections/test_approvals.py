"""Requests for a second person's decision."""

from projections import queries
from tests.projections.conftest import Bustle


def test_each_request_tells_who_asked_and_who_decided(bustle: Bustle) -> None:
    maker, checker = bustle.operator.actor, bustle.approver.actor
    rows = queries.approvals(limit=10).rows
    assert [(row.status, row.requested_by, row.decided_by, row.decision_reason) for row in rows] == [
        ("open", maker, "", ""),
        ("withdrawn", maker, maker, ""),
        ("refused", maker, checker, "No proof"),
        ("granted", maker, checker, ""),
        ("granted", maker, checker, ""),
    ]
    assert {(row.command, row.account_id) for row in rows} == {("AdjustBalance", bustle.caras.account_id)}


def test_the_queue_holds_what_is_open(bustle: Bustle) -> None:
    (waiting,) = queries.approvals("open", limit=10).rows
    assert queries.approval(waiting.approval_id) == waiting
    assert len(queries.approvals("granted", limit=10).rows) == 2
