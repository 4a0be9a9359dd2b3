"""GET events/stream from the server: many listen at once without a thread each, and go on after it was killed."""

import contextlib
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import pytest

from accounts.users.roles import Role
from projections.models import Account
from tests.factories import AccountFactory, DepositFactory, StaffFactory
from tests.tokens import token_of
from tests.wire.serving import Server, many_files, received, served, served_again

pytestmark = pytest.mark.django_db(transaction=True)

MANY = 300


class Listener:
    """Somebody who listens for deposits, and remembers the last id as a browser does."""

    open: ClassVar[contextlib.ExitStack]  # the connections of a test

    def __init__(self, server: Server, token: str, last_id: str = "") -> None:
        self.last_id = last_id
        self.connection = self.open.enter_context(server.connect())
        head = f"GET /api/v1/events/stream?type=account.money_deposited HTTP/1.1\r\nHost: localhost\r\n{token}"
        resume = f"Last-Event-ID: {last_id}\r\n" if last_id else ""
        self.connection.sendall(f"{head}{resume}\r\n".encode())
        self.text = ""
        self.wait_for("\nid: ")
        assert self.text.startswith("HTTP/1.1 200"), self.text

    def wait_for(self, text: str) -> None:
        """Wait until a text has come, and the line that it is in."""
        while not re.search(f"{re.escape(text)}[^\n]*\n", self.text):
            came = self.connection.recv(65_536).decode()
            assert came, self.text
            self.text += came
        self._remember()

    def rest(self) -> str:
        """What comes until the end."""
        with contextlib.suppress(ConnectionError):
            self.text += received(self.connection).decode()
        self._remember()
        return self.text

    @property
    def positions(self) -> list[int]:
        return [int(number) for number in re.findall(r'^data: {"position":(\d+),', self.text, re.MULTILINE)]

    def _remember(self) -> None:
        self.last_id = re.findall(r"^id: (\S+)$", self.text, re.MULTILINE)[-1]


@pytest.fixture(autouse=True)
def connections() -> Iterator[None]:
    """All connections are closed at the end."""
    with many_files(MANY + 500), contextlib.ExitStack() as Listener.open:
        yield


def threads_of(process: "subprocess.Popen[bytes]") -> int:
    """The number of threads of the worker."""
    (worker,) = (int(pid) for pid in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()[-1:])
    return len(list(Path(f"/proc/{worker}/task").iterdir()))


def deposited(account: Account) -> int:
    """The position of a deposit that is made now."""
    return DepositFactory.create(account=account).position


def test_many_listen_and_go_on_after_a_kill(program_environment: dict[str, str]) -> None:
    """One server after the other, as each takes seconds to start."""
    account = AccountFactory.create()
    token = f"Authorization: Token {token_of(StaffFactory.create(role=Role.AUDITOR))}\r\n"
    environment = {**program_environment, "MAX_LISTENERS": str(MANY), "SUPERVISED": "1"}  # workers die with the server
    with served(environment) as (server, process):
        listeners = [Listener(server, token)]
        threads = threads_of(process)
        listeners += [Listener(server, token) for _ in range(MANY - 1)]
        first = deposited(account)
        each_has(listeners, first)
        assert threads_of(process) <= threads + 8  # the threads of requests, and none for a listener
        refused(server, token)
        process.kill()
        process.wait()
        for listener in listeners:
            listener.rest()
    missed = [deposited(account), deposited(account)]
    with served_again(server, environment) as process:
        again = [Listener(server, token, listener.last_id) for listener in listeners]
        each_has(again, missed[-1])
        last = deposited(account)
        each_has(again, last)
        process.terminate()
        assert all(listener.rest().endswith("\r\n0\r\n\r\n") for listener in again), "The streams did not end."
    assert {tuple(listener.positions) for listener in listeners} == {(first,)}
    assert {tuple(listener.positions) for listener in again} == {(*missed, last)}


def each_has(listeners: list[Listener], position: int) -> None:
    for listener in listeners:
        listener.wait_for(f'data: {{"position":{position},')


def refused(server: Server, token: str) -> None:
    """There are as many as there may be, and the others are served all the same."""
    ask = f"HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{token}\r\n"
    answer = server.exchange(f"GET /api/v1/events/stream {ask}")
    assert answer.startswith(b"HTTP/1.1 503")
    assert b"retry-after: " in answer.lower()
    assert b"RETRY_LATER" in answer
    assert server.send(f"GET /api/v1/events {ask}")[0] == 200
