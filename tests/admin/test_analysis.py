"""Staff see what analysis says: as charts, as figures and as a file, over a period, and up to where it goes."""

import csv
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from accounts.users.models import User
from eventstore import feed
from eventstore.analysis import Bounds, session
from projections.analysis import answers
from projections.analysis.period import Days
from projections.analysis.questions import QUESTIONS
from tests.admin.conftest import World
from tests.admin.pages import ADMIN, read
from tests.factories import AccountFactory, DepositFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def seen(world: World) -> World:
    """A world of which the mark has come to know."""
    AccountFactory.create(currency="JPY", balance=150)
    feed.advance()
    return world


def test_balances_are_drawn_and_written_by_currency(seen: World, staff: Client) -> None:
    text = read(staff, "analysis/balances/")
    assert "Balances in EUR in credit: 100.00 EUR; overdrawn: 0.00 EUR; balance: 100.00 EUR." in text
    assert "Balances in JPY in credit: 150 JPY" in text
    assert f"Up to position {feed.tidemark()}" in text
    assert "All of it is from the database" in text


def test_flows_are_those_of_one_currency_and_each_day(seen: World, staff: Client) -> None:
    text = read(staff, "analysis/flows/")
    assert "Flows in EUR by day" in text
    assert "paid in: least 0.00 EUR, greatest 100.00 EUR, last 100.00 EUR." in text
    assert "transferred: least 0.00 EUR, greatest 25.00 EUR" in text
    assert "paid in: least 0 JPY, greatest 150 JPY" in read(staff, "analysis/flows/", currency="JPY")


def test_refusals_and_activity_are_shown(seen: World, staff: Client) -> None:
    assert "Refusals by code INSUFFICIENT_FUNDS: 1." in read(staff, "analysis/refusals/")
    assert "refused: least 0, greatest 1" in read(staff, "analysis/activity/")


def test_the_period_is_in_the_address(seen: World, staff: Client) -> None:
    before = {"since": "2020-01-01", "until": "2020-01-31"}
    for name in ("flows", "refusals", "activity"):
        assert "There was nothing in this period." in read(staff, f"analysis/{name}/", **before)
    assert "There was nothing in this period." in read(staff, "analysis/balances/", until="2020-01-31")
    today = f"{timezone.now().astimezone(UTC):%Y-%m-%d}"
    assert "INSUFFICIENT_FUNDS" in read(staff, "analysis/refusals/", since=today, until=today)


@pytest.mark.once("the form reads no database")
@pytest.mark.parametrize(
    ("since", "until", "said"),
    [
        ("2026-02-01", "2026-01-01", "The first day is after the last one."),
        ("2020-01-01", "2026-01-01", "That is too long: 366 days at most."),
        ("nonsense", "", "Enter a valid date."),
        ("", "0001-01-01", "There is no such day in the calendar of this site."),
        ("", "9999-12-31", "There is no such day in the calendar of this site."),
    ],
)
def test_a_period_that_cannot_be_is_told(staff: Client, since: str, until: str, said: str) -> None:
    page = staff.get(f"{ADMIN}analysis/flows/", {"since": since, "until": until})
    assert page.status_code == 400
    assert said in page.content.decode()


def test_a_file_has_the_figures_in_major_units(seen: World, staff: Client) -> None:
    file = staff.get(f"{ADMIN}analysis/flows.csv")
    rows = {row["currency"]: row for row in csv.DictReader(StringIO(file.content.decode()))}
    assert rows["EUR"]["paid_in"] == "100.00"
    assert rows["JPY"]["paid_in"] == "150"
    assert file["Tidemark-Position"] == str(feed.tidemark())
    assert file["Content-Disposition"].startswith('attachment; filename="flows-')


def test_it_says_how_old_the_archive_is(
    seen: World, staff: Client, settings: LazySettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.ANALYSIS_ARCHIVE = str(tmp_path / "archive")
    assert "There is no archive yet. It is made by: manage.py archive" in read(staff, "analysis/balances/")
    call_command("archive", settings.ANALYSIS_ARCHIVE, stdout=StringIO())
    archived = feed.tidemark()
    DepositFactory.create(account=seen.adas, amount=1)
    text = read(staff, "analysis/balances/")
    assert f"Up to {archived} it is from the archive, which was written 0 minutes ago" in text.replace("\xa0", " ")
    assert "balance: 100.01 EUR." in text


def bounded(monkeypatch: pytest.MonkeyPatch, **bounds: float) -> None:
    monkeypatch.setattr(answers, "BOUNDS", Bounds(**bounds))  # type: ignore[arg-type]


def test_what_stands_in_the_way_is_said_with_the_command_that_helps(
    seen: World, staff: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    bounded(monkeypatch, live_limit=1)
    text = read(staff, "analysis/flows/")
    assert "Make one, and name it in ANALYSIS_ARCHIVE: manage.py archive /srv/archive" in text
    bounded(monkeypatch, seconds=0)
    assert "or have it answered by: manage.py analyse --view flows" in read(staff, "analysis/flows/")
    monkeypatch.setattr(session, "find_spec", lambda name: None)
    assert "pip install duckdb pyarrow" in read(staff, "analysis/flows/")
    back = staff.get(f"{ADMIN}analysis/flows.csv", {"since": "2026-01-01", "until": "2026-01-02", "x": "y"})
    assert (back.status_code, back["Location"]) == (302, f"{ADMIN}analysis/flows/?since=2026-01-01&until=2026-01-02")


def test_one_question_is_answered_at_a_time(staff: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "WAIT_SECONDS", 0)
    with answers._turn:
        assert "Ask again in a moment." in read(staff, "analysis/flows/")
    assert not answers._turn.locked()


@pytest.mark.once("permissions are the same on both")
def test_without_a_role_there_is_nothing_to_see(newcomer: User, client: Client) -> None:
    client.force_login(newcomer)
    for address in ("", "balances/", "flows.csv"):
        assert client.get(f"{ADMIN}analysis/{address}").status_code == 403
    assert "/admin/analysis/" not in client.get(ADMIN).content.decode()


@pytest.mark.once("no question, no database")
def test_another_question_is_not_there(staff: Client) -> None:
    assert staff.get(f"{ADMIN}analysis/nothing/").status_code == 404


def test_each_column_of_an_answer_is_shown(seen: World) -> None:
    now = datetime.now(UTC)
    for name, question in QUESTIONS.items():
        since = now.date() - timedelta(days=2) if question.days else None
        (row, *_) = answers.answer(name, Days(since, now.date())).rows
        assert list(row) == sorted(row, key=[column.name for column in question.columns].index)
