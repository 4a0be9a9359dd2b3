"""A disk that is full: nothing is stored, everybody says so in one line, and all goes on once there is space."""

import json
import logging
import shutil
import sqlite3
from collections import namedtuple
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection
from django.test import Client

from accounts.users.models import User
from eventstore.backends import faults
from eventstore.checks.watch import Code, Limits, problems
from eventstore.execute import execute
from eventstore.models import Command
from eventstore.projecting.runner.runner import Runner
from projections.models import Account
from tests.eventstore.sample import Count
from tests.eventstore.sample_projections import Line
from tests.factories import AccountFactory, CustomerFactory
from tests.pages.browser import command_id_of, errors_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]

Space = namedtuple("Space", "total used free")


@pytest.fixture
def ada() -> User:
    return CustomerFactory.create()


@pytest.fixture
def account(ada: User) -> Account:
    return AccountFactory.create(owner=ada, balance=10_000)


@pytest.fixture
def client(ada: User, account: Account) -> Client:
    client = Client()
    client.force_login(ada)
    return client


@pytest.fixture(autouse=True)
def space_at_the_end() -> Iterator[None]:
    faults.forget()
    yield
    make_space()
    faults.forget()


def fill() -> None:
    """Let SQLite have no further page, as if the disk were full: 'database or disk is full'."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS filler (bytes BLOB)")
        cursor.execute("PRAGMA page_count")
        (pages,) = cursor.fetchone()
        cursor.execute(f"PRAGMA max_page_count = {pages}")
        try:
            while True:
                cursor.execute("INSERT INTO filler VALUES (zeroblob(10))")
        except OperationalError:
            pass
    with connection.cursor() as cursor:
        for size in (3_000, 300, 100, 30, 1):
            try:
                while True:
                    cursor.execute("INSERT INTO filler VALUES (zeroblob(%s))", [size])
            except OperationalError:
                continue


def make_space() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA max_page_count = {2**30}")
        cursor.execute("DROP TABLE IF EXISTS filler")


def open_account(client: Client, key: str) -> Any:
    body = json.dumps({"currency": "EUR", "label": "x" * 100})
    return client.post("/api/v1/accounts", body, content_type="application/json", headers={"Idempotency-Key": key})


def until_it_fails(client: Client) -> Any:
    """The first answer that fails: what fits into pages that are not full may still be stored."""
    answers = (open_account(client, f"account {number}") for number in range(10_000))
    return next(answer for answer in answers if answer.status_code != 201)


def test_the_caller_is_told_to_come_again_in_one_line_of_the_log(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    fill()
    with caplog.at_level(logging.WARNING):
        answer = until_it_fails(client)
    assert (answer.status_code, answer.json()["code"]) == (503, "RETRY_LATER")
    (record,) = caplog.records
    assert record.getMessage() == (
        "RETRY_LATER POST /api/v1/accounts: disk_full: database or disk is full (SQLITE_FULL)"
    )
    assert not record.exc_info
    assert client.get("/api/v1/accounts").status_code == 200, "who reads is served"
    make_space()
    assert open_account(client, "afterwards").status_code == 201


def test_the_visitors_form_comes_back(client: Client, account: Account) -> None:
    fill()
    until_it_fails(client)
    page, stored = f"/accounts/{account.account_id}/deposit", Command.objects.count()
    fields = {"command_id": command_id_of(client.get(page)), "amount": "5", "reference": "r" * 140}
    while (answer := client.post(page, fields)).status_code == 302:
        stored, fields["command_id"] = Command.objects.count(), command_id_of(client.get(page))
    assert list(errors_of(answer, status=503)) == ["__all__"]
    assert Command.objects.count() == stored
    make_space()
    assert client.post(page, fields).status_code == 302


def test_readiness_is_red_until_something_is_written_again(client: Client) -> None:
    assert client.get("/readyz").status_code == 200
    fill()
    until_it_fails(client)
    assert client.get("/readyz").status_code == 503
    assert client.get("/livez").status_code == 200
    make_space()
    open_account(client, "afterwards")
    assert client.get("/readyz").status_code == 200


def test_a_disk_without_space_is_a_finding(client: Client, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Space(100, 100, 4096))
    assert client.get("/readyz").status_code == 503
    (problem,) = [each for each in problems(Limits()) if each.code == Code.DISK_FULL]
    assert problem.sentence.startswith("Only 0 MiB are free in ")
    with pytest.raises(SystemExit):
        call_command("doctor")
    assert "act   disk: Only 0 MiB are free" in capsys.readouterr().out


def test_a_disk_that_takes_no_file_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.TemporaryFile", refuse)
    (problem,) = [each for each in problems(Limits()) if each.code == Code.DISK_FULL]
    assert "No space left on device" in problem.sentence


def test_a_runner_waits_longer_and_longer_and_goes_on_when_there_is_space(
    sample: None, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        execute(Count(UUID(int=1 + number), 1), "count", actor=f"ann {number}")
    runner, pauses = Runner(["lines"]), list[float]()

    def wait(seconds: float) -> bool:
        if Line.objects.count() == 5:
            runner.stop.set()
        if seconds >= 1:
            pauses.append(seconds)
            if len(pauses) == 6:
                monkeypatch.undo()
                monkeypatch.setattr(runner.stop, "wait", wait)
        return runner.stop.is_set()

    def fail(*_: object) -> None:
        error = OperationalError("database or disk is full")
        error.__cause__ = full
        raise error

    full = sqlite3.OperationalError("database or disk is full")
    full.sqlite_errorcode, full.sqlite_errorname = sqlite3.SQLITE_FULL, "SQLITE_FULL"
    monkeypatch.setattr(runner.stop, "wait", wait)
    monkeypatch.setattr("eventstore.projecting.runner.heartbeat.Heartbeat.beat", fail)
    runner.run()
    assert pauses == [1, 2, 4, 8, 10, 10]
    assert Line.objects.count() == 5
    said = [record for record in caplog.records if "could not go on" in record.getMessage()]
    assert len(said) == 6
    assert not any(record.exc_info for record in said)
