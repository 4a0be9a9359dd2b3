"""SQLite: a program that is the writer, and does not end, is named; others are told to come again."""

import subprocess
import sys
from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client
from pytest_django.fixtures import Settings

from accounts.users.models import User
from eventstore.backends.sqlite import holders
from eventstore.checks.watch import Code, problems
from tests.factories import PASSWORD, CustomerFactory
from tests.torture.test_full_disk import open_account

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.sqlite,
    pytest.mark.skipif(sys.platform != "linux", reason="needs Linux's /proc/locks"),
]

HOLD = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.readline()
"""


@pytest.fixture
def ada() -> User:
    return CustomerFactory.create()


@pytest.fixture
def holder(ada: User) -> Iterator[subprocess.Popen[str]]:
    program = [sys.executable, "-c", HOLD, str(connection.settings_dict["NAME"])]
    with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == "held\n"
        yield holder
        holder.kill()


def test_the_caller_is_told_to_come_again(ada: User, settings: Settings, request: pytest.FixtureRequest) -> None:
    settings.EVENTSTORE_LOCK_TIMEOUT = 0.2
    client = Client()
    client.force_login(ada)
    holder: subprocess.Popen[str] = request.getfixturevalue("holder")
    answer = open_account(client, "one")
    assert (answer.status_code, answer.json()["code"]) == (503, "RETRY_LATER")
    assert client.get("/api/v1/accounts").status_code == 200, "who reads is served"
    holder.kill()
    holder.wait()
    assert open_account(client, "one").status_code == 201


def test_who_signs_in_is_told_to_come_again(ada: User, settings: Settings, request: pytest.FixtureRequest) -> None:
    settings.EVENTSTORE_LOCK_TIMEOUT = 0.2
    holder: subprocess.Popen[str] = request.getfixturevalue("holder")
    right = {"username": ada.email, "password": PASSWORD}
    for door in ("/sign-in", "/admin/login/"):
        assert Client().post(door, right).status_code == 503
    token = Client().post("/api/v1/token", {"email": ada.email, "password": PASSWORD}, "application/json")
    assert (token.status_code, token.json()["code"]) == (503, "RETRY_LATER")
    holder.kill()
    holder.wait()
    assert Client().post("/sign-in", right).status_code == 302


def test_the_watcher_names_the_process(monkeypatch: pytest.MonkeyPatch, holder: subprocess.Popen[str]) -> None:
    monkeypatch.setattr(holders, "TRIAL_MILLISECONDS", 100)
    (problem,) = [each for each in problems() if each.code == Code.STREAM_BLOCKED]
    assert problem.subject == str(holder.pid)
    assert f"Process {holder.pid} (" in problem.sentence
    holder.kill()
    holder.wait()
    assert [each for each in problems() if each.code == Code.STREAM_BLOCKED] == []
