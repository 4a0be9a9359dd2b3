"""The database is replaced by an older copy while consumers follow the log, with tools that are not ours.

None of them is told of other events under places that it knows: each old cursor is refused, with the place to go on
from. The planted fault is a consumer that remembers plain positions; it is fooled.
"""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from accounts.users.models import User
from accounts.users.roles import Role
from eventstore.models import Event
from tests.factories import AccountFactory, CustomerFactory, StaffFactory, owner_of
from tests.tokens import token_of
from tests.torture.followers import Follower, Site, until
from tests.wire.serving import GUARD_SECONDS, served

pytestmark = pytest.mark.django_db(transaction=True)

LOST, NEW = 6, 9  # events after the copy was made: in the log that is replaced, and in the one that replaces it


class SQLiteCopies:
    """Copies of the test's database in files."""

    def __init__(self, environment: dict[str, str], folder: Path) -> None:
        self.environment, self.file, self.kept = environment, folder / "site.sqlite3", folder / "backup.sqlite3"
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(self.kept)])
        self.replace()

    def replace(self) -> None:
        for ending in ("-wal", "-shm"):
            Path(f"{self.file}{ending}").unlink(missing_ok=True)
        self.file.write_bytes(self.kept.read_bytes())

    def url(self) -> str:
        return f"sqlite:///{self.file}"

    def drop(self) -> None:
        """Nothing: the folder is the test's."""


class PostgreSQLCopies:
    """Copies of the test's database in the same server."""

    def __init__(self, environment: dict[str, str], folder: Path) -> None:
        self.source = str(connection.settings_dict["NAME"])
        self.template_url = environment["DATABASE_URL"]
        self.name, self.kept = (f"{kind}_{uuid4().hex}" for kind in ("site", "backup"))
        connection.close()
        self._run(f'CREATE DATABASE "{self.kept}" TEMPLATE "{self.source}"')
        self._run(f'CREATE DATABASE "{self.name}" TEMPLATE "{self.kept}"')

    def replace(self) -> None:
        self._run(f'DROP DATABASE "{self.name}" WITH (FORCE)')
        self._run(f'CREATE DATABASE "{self.name}" TEMPLATE "{self.kept}"')

    def url(self) -> str:
        return self.template_url.replace(f"/{self.source}?", f"/{self.name}?")

    def drop(self) -> None:
        self._run(f'DROP DATABASE "{self.name}" WITH (FORCE)')
        self._run(f'DROP DATABASE "{self.kept}"')

    def _run(self, statement: str) -> None:
        parts = urlsplit(self.template_url)
        host = parse_qs(parts.query)["host"][0]
        with closing(psycopg.connect(host=host, user=parts.username, dbname="postgres", autocommit=True)) as server:
            server.execute(statement.encode())


Copies = SQLiteCopies | PostgreSQLCopies


@pytest.fixture
def copies(program_environment: dict[str, str], tmp_path: Path) -> Iterator[Copies]:
    kind = SQLiteCopies if connection.vendor == "sqlite" else PostgreSQLCopies
    made: Copies | None = None
    account = AccountFactory.create(owner=CustomerFactory.create(), balance=10_000)
    tokens = {"owner": token_of(owner_of(account.account_id)), "auditor": token_of(auditor())}
    people = {"account": str(account.account_id), **tokens}
    (tmp_path / "people.json").write_text(json.dumps(people))
    made = kind(program_environment, tmp_path)
    yield made
    made.drop()


def auditor() -> User:
    return StaffFactory.create(role=Role.AUDITOR)


@contextmanager
def runner(environment: dict[str, str]) -> Iterator["subprocess.Popen[bytes]"]:
    """`manage.py run_projections`, which is stopped in the end, and has to stop well."""
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "run_projections"]
    process = subprocess.Popen(command, env=environment)
    try:
        yield process
        process.send_signal(signal.SIGTERM)
        assert process.wait(GUARD_SECONDS) == 0
    finally:
        process.kill()
        process.wait()


def test_no_consumer_is_told_of_two_events_under_one_place(
    copies: Copies, program_environment: dict[str, str], tmp_path: Path
) -> None:
    people = json.loads((tmp_path / "people.json").read_text())
    state = tmp_path / "state.json"
    environment = {**program_environment, "DATABASE_URL": copies.url(), "LOG_STATE_FILE": str(state)}
    site, known = Site(), Event.objects.count()
    careful, naive = (Follower(site, people["auditor"], place) for place in ("cursor", "position"))

    with following(careful, naive):
        with runner(environment):
            until(
                state.exists, careful, naive
            )  # a copy in PostgreSQL lives elsewhere, so its first start begins an epoch
            first_epoch = seen_in(state)["epoch"]
            with up(site, environment):
                lost = [deposit(site, people, f"lost {number}") for number in range(LOST)]
                until(lambda: len(careful.ids) == len(naive.ids) == known + LOST, careful, naive)
                until(lambda: seen_in(state)["event"]["place"] == lost[-1]["position"], careful, naive)
        copies.replace()
        with runner(environment):
            until(lambda: seen_in(state)["epoch"] == first_epoch + 1, careful, naive)
            with up(site, environment):
                new = [deposit(site, people, f"new {number}") for number in range(NEW)]
                until(lambda: len(careful.ids) == len(naive.ids) == known + NEW, careful, naive)
                truth = [event["event_id"] for event in everything(site, people)]
                old = [site.ask(f"events?after={done['cursor']}", people["auditor"]) for done in lost]

    assert [done["position"] for done in new[:LOST]] == [done["position"] for done in lost], "they came again"
    assert {(status, body["code"]) for status, body in old} == {(409, "LOG_CHANGED")}
    assert [refusal["code"] for refusal in careful.refusals] == ["LOG_CHANGED"]
    assert {len(ids) for ids in careful.seen.values()} == {1}, "two events under one place"
    assert careful.ids == truth

    assert naive.refusals == []
    assert {len(ids) for ids in naive.seen.values()} == {1, 2}, "the fault was planted in vain"
    assert naive.ids != truth


@contextmanager
def following(*followers: Follower) -> Iterator[None]:
    for follower in followers:
        follower.start()
    try:
        yield
    finally:
        for follower in followers:
            follower.stop()


@contextmanager
def up(site: Site, environment: dict[str, str]) -> Iterator[None]:
    """The site is up: consumers find it, wherever it listens this time."""
    with served(environment) as (server, _):
        site.address = f"http://127.0.0.1:{server.port}"
        try:
            yield
        finally:
            site.address = ""


def deposit(site: Site, people: dict[str, str], key: str) -> dict[str, Any]:
    path = f"accounts/{people['account']}/deposits"
    status, done = site.ask(path, people["owner"], {"amount": "1.00", "reference": key}, key)
    assert status == 201, done
    return dict(done)


def everything(site: Site, people: dict[str, str]) -> list[dict[str, Any]]:
    status, page = site.ask("events?limit=200", people["auditor"])
    assert (status, page["next"]) == (200, None)
    return list(page["results"])


def seen_in(state: Path) -> Any:
    """What the node says that it has seen."""
    return json.loads(state.read_text())
