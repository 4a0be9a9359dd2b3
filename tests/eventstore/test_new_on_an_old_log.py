"""A projection that is added to a log with events: what it lacks is said, and never passed off as all there is."""

import logging
from io import StringIO
from uuid import UUID

import pytest
from django.core.management import call_command
from django.db import connection

from eventstore.checks import database
from eventstore.execute import execute
from eventstore.http.freshness import reflected_position
from eventstore.models import Checkpoint, Projection
from eventstore.projecting import realtime, wait_for
from eventstore.projecting.inspect.statuses import status
from eventstore.projecting.installation import install
from eventstore.projecting.runner.runner import Runner
from tests.eventstore.sample import Count
from tests.eventstore.sample_projections import Line, Standing

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sample")]

TALLY = UUID(int=1)


def count(amount: int) -> None:
    execute(Count(TALLY, amount), str(amount), actor="ann")


@pytest.fixture
def added(sample: None, caplog: pytest.LogCaptureFixture) -> None:
    """Projections that `migrate` installs when the log has events, after which more come."""
    count(1)
    Standing.objects.all()._raw_delete("default")
    Checkpoint.objects.all().delete()
    Projection.objects.all().delete()
    realtime.forget_live()
    with caplog.at_level(logging.WARNING):
        install(using="default")
    count(2)


def state(name: str) -> str:
    return next(each.state for each in status() if each.name == name)


@pytest.mark.usefixtures("added")
class TestARealTimeProjection:
    """Its rows would begin in the middle, so there are none before it is built."""

    def test_has_no_rows_rather_than_some(self) -> None:
        assert not Standing.objects.exists()
        assert state("standings") == "to be built"

    def test_is_named_by_migrate_with_the_next_step(self, caplog: pytest.LogCaptureFixture) -> None:
        said = "\n".join(record.getMessage() for record in caplog.get_records("setup"))
        assert "standings is new on a log that is not empty" in said
        assert "manage.py rebuild_projections standings" in said

    def test_is_found_by_the_check_of_the_database(self) -> None:
        found = [message.msg for message in database.rows_of_projections(connection)]
        assert [text for text in found if "standings" in text]

    @pytest.mark.parametrize("position", [0, 1])
    def test_is_up_to_date_for_nobody(self, position: int) -> None:
        """So pages say that they are catching up, and the API that the position is 0."""
        assert not wait_for(position, "standings", timeout=0.01)
        assert reflected_position("standings") == 0

    def test_is_built_with_all_that_are_stale(self) -> None:
        call_command("rebuild_projections", "--stale", stdout=StringIO())
        assert Standing.objects.get().total == 3
        assert wait_for(2, "standings")
        assert reflected_position("standings") >= 2
        count(4)
        assert Standing.objects.get().total == 7
        assert not list(database.rows_of_projections(connection))


@pytest.mark.usefixtures("added")
class TestADelayedProjection:
    """Its runner reads the log from the beginning, and the lag is seen until it has."""

    def test_is_behind_until_its_runner_has_read_all(self) -> None:
        before = next(each for each in status() if each.name == "lines")
        assert (before.lag, Line.objects.count()) == (2, 0)
        assert not wait_for(1, "lines", timeout=0.01)
        assert reflected_position("lines") == 0
        Runner().catch_up()
        assert Line.objects.count() == 2
        assert wait_for(1, "lines")

    def test_is_named_by_migrate(self, caplog: pytest.LogCaptureFixture) -> None:
        said = "\n".join(record.getMessage() for record in caplog.get_records("setup"))
        assert "lines is new on a log that is not empty. Runners fill its table from the beginning" in said


def test_on_an_empty_log_nothing_is_said(caplog: pytest.LogCaptureFixture) -> None:
    Projection.objects.all().delete()
    install(using="default")
    assert not caplog.text
    assert not list(database.rows_of_projections(connection))


def test_rows_of_another_version_are_found_by_the_check() -> None:
    Projection.objects.filter(name="lines").update(version=0)
    (found,) = database.rows_of_projections(connection)
    assert found.id == "eventstore.W042"
    assert "--stale" in str(found.hint)
