"""The admin's front page: how things stand, and the ways in."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.test import Client

from accounts.services.staff_rights import record_rights
from accounts.users.models import User
from eventstore import models
from eventstore.checks.watch import timeouts
from eventstore.models import Event
from eventstore.projecting.runner.heartbeat import Heartbeat
from eventstore.projecting.runner.runner import Runner
from tests.admin.conftest import World
from tests.admin.pages import links_of, read
from tests.eventstore.test_watch_mark import other_session
from tests.verified import verified


def test_tells_how_far_the_log_is_known(staff: Client, world: World) -> None:
    last = Event.objects.order_by("-position")[0]
    text = read(staff, "")
    assert f"Last position drawn {last.position}" in text
    assert f"Last event recorded at {last.recorded_at:%Y-%m-%d %H:%M:%S} UTC" in text


def test_tells_which_projections_are_behind(staff: Client, world: World) -> None:
    assert "journal_legs live delayed 0 3 for" in read(staff, "")
    Runner().catch_up()
    assert "3 for" not in read(staff, "")


def test_tells_what_is_wrong_and_what_to_do(staff: Client, world: World) -> None:
    text = read(staff, "")
    silent = "daily_balances, journal_legs, volumes"
    assert f"No runner that is alive serves {silent}, so they stand still. Start a runner: manage.py" in text
    assert "None is at work." in text


def test_tells_who_is_at_work_and_that_all_is_well(staff: Client, world: World) -> None:
    Heartbeat(["daily_balances", "journal_legs", "volumes"]).beat()
    Runner().catch_up()
    text = read(staff, "")
    assert "All moves" in text
    assert " alive " in text
    models.Runner.objects.update(seen_at=Now() - timedelta(hours=1))
    assert " silent " in read(staff, "eventstore/projection/")


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_does_not_hang_while_the_tidemark_is_locked(
    staff: Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timeouts, "STATEMENT_TIMEOUT_SECONDS", 0.1)
    with other_session() as careless:
        careless.execute("SELECT * FROM eventstore_tidemark FOR UPDATE")
        assert "journal_legs live delayed 0 3 for" in read(staff, "")
        careless.execute("LOCK TABLE eventstore_tidemark")
        text = read(staff, "")
        careless.rollback()
    assert "The database does not answer in time" in text
    assert "Last position drawn" not in text


def test_leads_to_the_latest(staff: Client, world: World) -> None:
    links = links_of(staff, "")
    assert "/admin/eventstore/command/?outcome=refused" in links
    assert {"/admin/eventstore/event/", "/admin/projections/customer/", "/admin/accounts/user/"} <= links


def test_who_has_no_role_is_told_so(client: Client, newcomer: User) -> None:
    client.force_login(newcomer)
    text = read(client, "")
    assert "You have no role yet" in text
    assert "tidemark" not in text


def test_each_app_has_a_page(staff: Client) -> None:
    assert "/admin/eventstore/stream/" in links_of(staff, "eventstore/")
    assert "Audit lines" in read(staff, "projections/")


def test_a_projection_tells_how_far_each_slot_is(staff: Client, world: World) -> None:
    text = read(staff, "eventstore/projection/journal_legs/change/")
    assert "State live Mode delayed" in text
    assert "How far each slot is read" in text


def test_tells_when_all_was_verified_and_what_was_found(staff: Client, world: World) -> None:
    assert "The log was never verified." in read(staff, "")
    for user in User.objects.filter(is_staff=True):
        record_rights(user, actor="system:tests")
    report = verified()
    text = read(staff, "")
    assert "Everything was verified at" in text
    assert f"Events {report.events}" in text
    assert "Faults 0" in text
