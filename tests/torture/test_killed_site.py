"""The site as it is served is killed in part or as a whole: what it answered is there once, and is told again.

Clients send requests by the API, and send them again under the same key until they are answered, as `docs/api.md` tells
them to.
"""

import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from typing import Final, NamedTuple

import pytest

from config.management.commands.serve import MANAGE
from eventstore import feed
from eventstore.models import Command
from eventstore.projecting import projections, wait_for
from eventstore.projecting.inspect.drift import check
from projections.ledger.check import check as check_ledger
from projections.models import Account
from tests.factories import AccountFactory, owner_of
from tests.ports import free_port
from tests.tokens import token_of
from tests.torture import size
from tests.torture.fire.places import POLL_SECONDS, children, kill_all

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(sys.platform != "linux", reason="needs Linux's /proc"),
]

CLIENTS: Final = 3
KILLS: Final = 3
BETWEEN: Final = 15  # requests that are answered between two kills
GUARD_SECONDS: Final = 600.0  # against a test that never ends; no measure


class Answer(NamedTuple):
    """What came back for a key."""

    status: int
    body: bytes


class Client:
    """Deposits into an account of its own, each until it is answered."""

    def __init__(self, port: int, account: Account) -> None:
        self.port, self.account = port, account
        self.token = token_of(owner_of(account.account_id))
        self.answers: dict[str, Answer] = {}

    def run(self, stop: threading.Event) -> None:
        """Send one deposit after the other."""
        while not stop.is_set():
            key = f"{self.account.account_id} {len(self.answers)}"
            self.answers[key] = self.send(key)

    def send(self, key: str) -> Answer:
        """The answer to a deposit of 1.00 under a key, sent as often as it takes."""
        until = time.monotonic() + GUARD_SECONDS
        while True:
            try:
                answer = self._once(key)
            except (OSError, http.client.HTTPException):
                assert time.monotonic() < until, "It is never answered."
            else:
                if answer.status != http.client.SERVICE_UNAVAILABLE:
                    return answer
            time.sleep(POLL_SECONDS)

    def _once(self, key: str) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=GUARD_SECONDS)
        path, body = f"/api/v1/accounts/{self.account.account_id}/deposits", json.dumps({"amount": "1.00"})
        headers = {"Authorization": f"Token {self.token}", "Idempotency-Key": key, "Content-Type": "application/json"}
        try:
            connection.request("POST", path, body, headers)
            answer = connection.getresponse()
            return Answer(answer.status, answer.read())
        finally:
            connection.close()


class Served:
    """The whole site, which is started again once it was killed."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.port = free_port()
        self.environment = environment
        self.start()

    def start(self) -> None:
        options = [f"--port={self.port}", "--workers=1"]
        command = [sys.executable, str(MANAGE), "serve", *options]
        self.process = subprocess.Popen(command, env=self.environment, stdout=subprocess.DEVNULL)

    def kill(self) -> None:
        """Kill all of it at once."""
        kill_all([self.process.pid, *children(self.process.pid)])
        self.process.wait()

    def kill_a_part(self, chance: Random) -> None:
        """Kill one of its processes: a worker, the server, the runner, or what sends mail."""
        if parts := children(self.process.pid):
            os.kill(chance.choice(parts), signal.SIGKILL)


@contextmanager
def sending(clients: list[Client]) -> Iterator[None]:
    """Within the block all clients send; at its end each waits for its last answer."""
    stop = threading.Event()
    threads = [threading.Thread(target=client.run, args=[stop]) for client in clients]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


@pytest.fixture
def served(program_environment: dict[str, str]) -> Iterator[Served]:
    site = Served(program_environment)
    try:
        yield site
    finally:
        site.kill()


def answered(clients: list[Client]) -> int:
    return sum(len(client.answers) for client in clients)


def test_each_request_that_was_answered_is_there_once_and_tells_the_same(served: Served) -> None:
    clients, chance, kills = [Client(served.port, AccountFactory.create()) for _ in range(CLIENTS)], Random(3), 0
    with sending(clients):
        for kills in size.rounds(KILLS, share=0.2):
            goal = answered(clients) + BETWEEN
            while answered(clients) < goal:
                time.sleep(POLL_SECONDS)
            if kills % KILLS == 0:
                served.kill()
                served.start()
            else:
                served.kill_a_part(chance)
    for client in clients:
        assert {key: client.send(key) for key in client.answers} == client.answers
        assert {answer.status for answer in client.answers.values()} == {201}
        assert Account.objects.get(pk=client.account.pk).balance == 100 * len(client.answers)
        assert client.send("another").body != client.answers[min(client.answers)].body
    assert Command.objects.filter(type="account.deposit").count() == answered(clients) + CLIENTS
    catches_up_by_itself()
    size.report("killed site", kills=kills + 1, answered=answered(clients), lost=0, twice=0, told_otherwise=0)


def catches_up_by_itself() -> None:
    """The site's own runner brings the read models up to date; a fresh rebuild is the same, and the books are right."""
    end = feed.advance(timeout=10).position
    assert all(wait_for(end, each.name, GUARD_SECONDS) for each in projections.values() if each.delayed)
    assert not [drift for drift in check(list(projections.values())) if drift.found]
    assert not check_ledger().differences
