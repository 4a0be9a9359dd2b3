"""Members of staff are told by their e-mail, where rows know them by number."""

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.users.models import User
from tests.admin.conftest import World
from tests.admin.pages import ADMIN
from tests.factories import ApprovalFactory, StaffFactory

APPROVALS = "projections/approval/"


def ask(world: World, times: int) -> User:
    maker = StaffFactory.create(role="operator", email="maker@example.org")
    for amount in range(1, times + 1):
        ApprovalFactory.create(account=world.adas, amount=amount, by=maker)
    return maker


def test_the_queue_says_who_asked(staff: Client, world: World) -> None:
    maker = ask(world, 1)
    page = staff.get(f"{ADMIN}{APPROVALS}").content.decode()
    assert f'maker@example.org</span> <span class="id" title="{maker.actor}">' in page


def test_an_approval_says_who_asked(staff: Client, world: World) -> None:
    asked = ApprovalFactory.create(account=world.adas, by=StaffFactory.create(role="operator", email="m@example.org"))
    assert "m@example.org" in staff.get(f"{ADMIN}{APPROVALS}{asked.approval_id}/change/").content.decode()


def test_the_audit_says_who_asked(staff: Client, world: World) -> None:
    ask(world, 1)
    assert "maker@example.org" in staff.get(f"{ADMIN}projections/auditline/").content.decode()


def test_who_is_gone_is_told_by_number(staff: Client, world: World) -> None:
    maker = ask(world, 1)
    actor = maker.actor
    maker.delete()
    page = staff.get(f"{ADMIN}{APPROVALS}").content.decode()
    assert f'<td class="field-asked_by"><span class="id" title="{actor}">{actor}</span></td>' in page


def test_more_rows_ask_no_more_of_the_database(staff: Client, world: World) -> None:
    ask(world, 1)
    few = queries(staff)
    ApprovalFactory.create_batch(3, account=world.adas)
    assert queries(staff) == few


def queries(staff: Client) -> int:
    with CaptureQueriesContext(connection) as found:
        staff.get(f"{ADMIN}{APPROVALS}")
    return len(found)
