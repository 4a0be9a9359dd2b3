"""Machines can ask whether this process is up, whether it can serve, and whether everything moves."""

from uuid import uuid4

import pytest
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.models.functions import Now
from django.test import Client, override_settings
from django.utils import timezone

from eventstore.models import Parked, Projection, Runner, Verification
from eventstore.projecting.runner.runner import delayed_subscribers
from tests.admin.pages import statements

pytestmark = pytest.mark.django_db


@pytest.fixture
def runner() -> Runner:
    """Somebody who serves all that is delayed."""
    names = [served.name for served in delayed_subscribers()]
    return Runner.objects.create(runner_id=uuid4(), name="here:7", projections=names, started_at=Now(), seen_at=Now())


def get(client: Client, address: str) -> tuple[int, str]:
    answer = client.get(address)
    return answer.status_code, answer.content.decode()


@pytest.mark.parametrize("address", ["/livez", "/readyz", "/healthz"])
def test_all_is_well(client: Client, runner: Runner, address: str) -> None:
    assert get(client, address) == (200, "ok\n")


@pytest.mark.parametrize(("address", "status"), [("/livez", 200), ("/readyz", 503), ("/healthz", 503)])
def test_a_database_that_does_not_answer_is_no_reason_to_start_the_process_anew(
    client: Client, monkeypatch: pytest.MonkeyPatch, address: str, status: int
) -> None:
    def fail() -> None:
        raise DatabaseError

    monkeypatch.setattr(connection, "cursor", fail)
    assert get(client, address)[0] == status


def test_health_is_not_green_while_projections_stand_still_but_the_process_serves(client: Client) -> None:
    status, text = get(client, "/healthz")
    assert status == 503
    assert text == "Something stands still (not_served): manage.py watch_projections --once says more.\n"
    assert get(client, "/readyz") == (200, "ok\n")


def test_it_is_green_again_once_they_move(client: Client, runner: Runner) -> None:
    Runner.objects.update(projections=[])
    assert get(client, "/healthz")[0] == 503
    cache.clear()
    Runner.objects.update(projections=runner.projections)
    assert get(client, "/healthz")[0] == 200


def test_what_waits_for_a_person_does_not_ring_the_alarm(client: Client, runner: Runner) -> None:
    Projection.objects.update(version=0)
    Parked.objects.create(projection_id=runner.projections[0], category="some", stream_id=uuid4(), position=1)
    assert get(client, "/healthz") == (200, "ok\n")


def test_a_log_that_was_forged_rings_the_alarm_and_takes_no_process_away(client: Client, runner: Runner) -> None:
    """A whole run that finds nothing ends the alarm; one of a part does not."""
    now = timezone.now()
    Verification.objects.create(began_at=now, ended_at=now, faults=2, first_fault={"sentence": "It was changed."})
    Verification.objects.create(began_at=now, ended_at=now, scope="--sample 3")
    status, text = get(client, "/healthz")
    assert status == 503
    assert text == "The log is not as it was written (faulty): manage.py verify says more.\n"
    assert get(client, "/readyz") == (200, "ok\n")
    cache.clear()
    Verification.objects.create(began_at=now, ended_at=now)
    assert get(client, "/healthz") == (200, "ok\n")


def test_who_asks_often_costs_the_database_next_to_nothing(client: Client, runner: Runner) -> None:
    client.get("/healthz")
    with statements() as found:
        client.get("/healthz")
    assert found == ["SELECT 1"]


@override_settings(SECURE_SSL_REDIRECT=True)
@pytest.mark.parametrize("address", ["/livez", "/readyz", "/healthz"])
def test_it_answers_over_plain_http_too(client: Client, runner: Runner, address: str) -> None:
    assert client.get(address).status_code == 200
    assert client.get("/sign-in").status_code == 301
