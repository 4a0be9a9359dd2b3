"""Figures of the log: what there is to watch, in bounded queries, and each part for itself."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import Settings

from eventstore import feed
from eventstore.execute import execute
from eventstore.models import Drill, Parked, Verification
from eventstore.projecting.runner import Runner
from eventstore.telemetry import catalogue, figures
from tests.eventstore.relay.fakes import Fake, relay_to
from tests.eventstore.sample import Count
from tests.eventstore.sample_projections import UNLUCKY

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sample")]

NOW = datetime.now(UTC)


def told() -> dict[str, float]:
    """The figures, by the metric's name and its labels."""
    return {" ".join([figure.metric.name, *figure.labels]): float(figure.value) for figure in figures.figures()}


def count(amount: int = 1) -> int:
    return execute(Count(UUID(int=1), amount), uuid4(), actor="ann").position


def test_how_far_everything_is_behind() -> None:
    relay_to(Fake())
    count()
    end = count()
    feed.advance()
    found = told()
    assert found["tidemark_database_up"] == 1
    assert found["tidemark_mark_position"] == end
    assert found["tidemark_mark_age_seconds"] == 0
    assert found["tidemark_epoch"] == 1
    assert found["tidemark_projection_lag_events lines"] == 2
    assert found["tidemark_projection_lag_seconds lines"] > 0
    assert found["tidemark_projection_lag_events standings"] == 0
    assert found["tidemark_relay_lag_events bus"] == 2
    assert found["tidemark_relay_lag_seconds bus"] > 0
    assert "tidemark_projection_lag_events relay-bus" not in found
    assert found["tidemark_problems not_served"] == 2, "the runner's, and the relay's"
    assert found["tidemark_runners"] == 0
    assert found["tidemark_unsealed_age_seconds events"] > 0
    assert "tidemark_last_seal_timestamp_seconds events" not in found


def test_what_is_parked() -> None:
    count(UNLUCKY)
    Runner(["lines"]).catch_up()
    assert (told()["tidemark_parked_streams lines"], told()["tidemark_given_up_streams lines"]) == (1, 0)
    Parked.objects.update(retry_at=None)
    assert told()["tidemark_given_up_streams lines"] == 1


def test_when_it_was_sealed_verified_rehearsed_and_backed_up(settings: Settings, tmp_path: Path) -> None:
    assert not {name for name in told() if "_last_" in name and "wal" not in name}, "it never was"
    count()
    feed.advance()
    settings.SEAL_FILE, settings.METRICS_BACKUP_FILE = str(tmp_path / "heads"), str(tmp_path / "backup")
    call_command("seal", verbosity=0)
    Verification.objects.create(began_at=NOW, ended_at=NOW, faults=0)
    Verification.objects.create(began_at=NOW, ended_at=NOW, faults=3, scope="since 1")
    Drill.objects.create(began_at=NOW, ended_at=NOW, source="a", succeeded=False)
    Path(settings.METRICS_BACKUP_FILE).touch()
    os.utime(settings.METRICS_BACKUP_FILE, (1_700_000_000, 1_700_000_000))
    found = told()
    assert found["tidemark_last_seal_timestamp_seconds events"] == pytest.approx(NOW.timestamp(), abs=3_600)
    assert found["tidemark_unsealed_age_seconds events"] == 0
    assert found["tidemark_last_verification_timestamp_seconds"] == pytest.approx(NOW.timestamp())
    assert found["tidemark_verification_faults"] == 3
    assert found["tidemark_last_drill_timestamp_seconds"] == pytest.approx(NOW.timestamp())
    assert found["tidemark_last_drill_succeeded"] == 0
    assert found["tidemark_last_backup_timestamp_seconds"] == 1_700_000_000


def test_all_of_them_are_in_the_catalogue() -> None:
    found = {figure.metric for figure in figures.figures()}
    assert found <= set(catalogue.OF_THE_DATABASE)
    for figure in figures.figures():
        assert len(figure.labels) == len(figure.metric.labels)
    assert len({metric.name for metric in catalogue.ALL}) == len(catalogue.ALL)


@pytest.mark.postgresql
def test_what_the_server_tells_of_itself() -> None:
    found = told()
    assert found["tidemark_database_connections active"] >= 1
    assert found["tidemark_database_connections_max"] >= 10
    assert found["tidemark_wal_archiving_failing"] == 0


def test_what_they_cost_does_not_grow_with_the_log() -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            figures.figures()
        return len(asked)

    count()
    Runner().catch_up()
    few = queries()
    for _ in range(20):
        count()
    Runner().catch_up()
    assert queries() == few


def test_a_part_that_can_not_be_read_hides_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_tree: object) -> None:
        raise OperationalError("canceling statement due to statement timeout")

    monkeypatch.setattr(figures, "unsealed_since", refuse)
    found = told()
    assert found["tidemark_unreadable seals"] == 1
    assert found["tidemark_unreadable projections"] == 0
    assert "tidemark_projection_lag_events lines" in found


def test_a_database_that_is_away_is_a_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(figures, "statement_timeout", refuse)
    assert told()["tidemark_database_up"] == 0
    assert {name.split()[0] for name in told()} == {"tidemark_database_up", "tidemark_scrape_seconds"}


def test_ages_are_by_the_database_s_clock() -> None:
    count()
    assert 0 < told()["tidemark_unsealed_age_seconds commands"] < timedelta(hours=1).total_seconds()
