"""The server as `manage.py serve` starts it, and connections to it: what a client of the test kit can't send."""

import resource
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from config.management.commands import serve
from tests.ports import free_port

START_SECONDS = 120.0
TRIES = 5
GUARD_SECONDS = 300.0  # against a test that never ends, and no measure: a busy machine takes its time


class Server:
    """A server on a port of its own."""

    def __init__(self, port: int) -> None:
        self.port = port

    def connect(self) -> socket.socket:
        """A connection."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=GUARD_SECONDS)

    def send(self, request: str, *, cut: bool = False) -> tuple[int, bytes]:
        """The status and the body of the answer to this text; after a cut nothing more is sent."""
        head, _, body = self.exchange(request, cut=cut).partition(b"\r\n\r\n")
        return int(head.split()[1]), body

    def exchange(self, request: str, *, cut: bool = False) -> bytes:
        """All that comes back for this text, until the server closes."""
        with self.connect() as connection:
            connection.sendall(request.encode())
            if cut:
                connection.shutdown(socket.SHUT_WR)
            return received(connection)


def received(connection: socket.socket) -> bytes:
    """All that comes until the other side closes."""
    return b"".join(iter(lambda: connection.recv(65_536), b""))


@contextmanager
def served(
    environment: Mapping[str, str], workers: int = 1, *, https: bool = False
) -> Iterator[tuple[Server, "subprocess.Popen[bytes]"]]:
    """A server that serves, and its program."""
    own = {**environment, "HTTPS": "1" if https else "0"}
    port, process = started(lambda port: subprocess.Popen(serve.server("127.0.0.1", port, workers), env=own))
    try:
        yield Server(port), process
    finally:
        process.terminate()
        process.wait()


def started(start: Callable[[int], "subprocess.Popen[bytes]"]) -> tuple[int, "subprocess.Popen[bytes]"]:
    """A program that listens, and its port; somebody else may take a port between its choice and its use."""
    for _ in range(TRIES):
        port = free_port()
        process = start(port)
        if _listens(port, process):
            return port, process
    raise ChildProcessError(f"The program ended {TRIES} times before it listened.")


def _listens(port: int, process: "subprocess.Popen[bytes]") -> bool:
    """Whether something listens on a port before the program ends; raises TimeoutError."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        if process.poll() is not None:
            return False
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.01)  # without a pause, the look takes a core from the program that it waits for
        else:
            return process.poll() is None
    raise TimeoutError("The server does not listen.")


def _wait_until_free(port: int) -> None:
    """Wait until nobody listens on a port; raises TimeoutError."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            return
        time.sleep(0.01)
    raise TimeoutError("Somebody listens still.")


@contextmanager
def many_files(number: int) -> Iterator[None]:
    """Let this program have so many files open: each connection is one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, number), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@contextmanager
def crowd(server: Server, begun: Mapping[str, int]) -> Iterator[list[socket.socket]]:
    """Connections that were begun so, and so many of each; none of them goes on."""
    with many_files(sum(begun.values()) + 500):
        connections: list[socket.socket] = []
        try:
            for text, number in begun.items():
                for _ in range(number):
                    connections.append(server.connect())
                    connections[-1].sendall(text.encode())
            yield connections
        finally:
            for connection in connections:
                connection.close()


@contextmanager
def served_again(server: Server, environment: Mapping[str, str]) -> Iterator["subprocess.Popen[bytes]"]:
    """The program of a server that was killed, on its old port, once its workers have gone as well."""
    _wait_until_free(server.port)
    own = {**environment, "HTTPS": "0"}
    process = subprocess.Popen(serve.server("127.0.0.1", server.port, 1), env=own)
    try:
        assert _listens(server.port, process)
        yield process
    finally:
        process.terminate()
        process.wait()
