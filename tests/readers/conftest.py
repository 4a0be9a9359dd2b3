"""One primary with a standby for all tests here, the world on it, and nodes of the site."""

import json
import os
import select
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest

from tests.readers.pair import PATIENCE_SECONDS, Pair, pair


@dataclass(frozen=True)
class Node:
    """A process of the site."""

    process: "subprocess.Popen[str]"

    def do(self, *task: object) -> Any:
        """The answer to a task of `tests.readers.site`."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{json.dumps(task)}\n")
        self.process.stdin.flush()
        assert select.select([self.process.stdout], [], [], PATIENCE_SECONDS)[0], f"There is no answer to {task}."
        answer = self.process.stdout.readline()
        assert answer, f"The node has ended within {task}."
        return json.loads(answer)

    def ask(self, who: str, address: str, body: Any = None) -> dict[str, Any]:
        """The answer to a request."""
        found: dict[str, Any] = self.do("ask", who, address, body)
        return found


def settle(servers: Pair, node: Node) -> None:
    """Raise the mark, and have it replayed."""
    node.do("advance")
    servers.catch_up()


Start = Callable[..., Node]


@pytest.fixture(scope="session")
def servers() -> Iterator[Pair]:
    """The primary and its standby."""
    with pair() as found:
        yield found


@pytest.fixture(scope="session")
def start(servers: Pair) -> Iterator[Start]:
    """Starts nodes: on the primary with the standby to read from, unless other settings are given."""
    with ExitStack() as stack:

        def node(**settings: str) -> Node:
            own = {"DATABASE_URL": servers.primary.url, "REPLICA_URLS": servers.standby.url, **settings}
            command = [sys.executable, "-m", "tests.readers.site"]
            process = subprocess.Popen(
                command, env={**os.environ, **own}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
            stack.enter_context(process)
            stack.callback(process.kill)
            return Node(process)

        yield node


@pytest.fixture(scope="session")
def one(start: Start) -> Node:
    """A node."""
    return start()


@pytest.fixture(scope="session")
def world(servers: Pair, one: Node) -> dict[str, Any]:
    """The world, on both servers."""
    found: dict[str, Any] = one.do("install")
    one.do("advance")
    servers.catch_up()
    return found


@pytest.fixture(scope="session")
def other(world: dict[str, Any], start: Start) -> Node:
    """Another node."""
    return start()


@pytest.fixture(scope="session")
def follower(world: dict[str, Any], servers: Pair, start: Start) -> Node:
    """A node that knows the standby alone."""
    node = start(DATABASE_URL=servers.standby.url, REPLICA_URLS="")
    node.do("knows", world["tokens"])
    return node
