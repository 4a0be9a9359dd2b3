"""A minimal HTTP client, and a server as the site runs it."""

import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from uuid import uuid4

from benchmarks.contenders.worker import Work

LOCAL = "127.0.0.1"
START_SECONDS = 30.0  # for the server to listen


class Client:
    """A client with one persistent connection, which the server ends while others take their turn."""

    def __init__(self, port: int) -> None:
        """Connect as soon as the server listens."""
        self.port = port
        self.connect()

    def connect(self) -> None:
        """Wait until the server listens, and connect."""
        until = time.monotonic() + START_SECONDS
        while True:
            try:
                self.socket = socket.create_connection((LOCAL, self.port))
                break
            except ConnectionRefusedError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.1)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def post(self, path: str, headers: str, body: bytes) -> tuple[int, bytes]:
        """Status and body of the answer."""
        head = f"POST {path} HTTP/1.1\r\nHost: {LOCAL}\r\n{headers}Content-Length: {len(body)}\r\n\r\n"
        try:
            self.socket.sendall(head.encode() + body)
            answer = self._receive(b"")
        except ConnectionError:  # it was idle for too long
            self.connect()
            self.socket.sendall(head.encode() + body)
            answer = self._receive(b"")
        while b"\r\n\r\n" not in answer:
            answer = self._receive(answer)
        lines, _, content = answer.partition(b"\r\n\r\n")
        length = int(lines.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        while len(content) < length:
            content = self._receive(content)
        return int(lines.split(b" ", 2)[1]), content

    def _receive(self, so_far: bytes) -> bytes:
        more = self.socket.recv(65_536)
        if not more:
            raise ConnectionError("The server hung up.")
        return so_far + more


class Posting(Work):
    """Post to a server that the first member starts, and that the others find by its port."""

    server: "subprocess.Popen[bytes] | None" = None

    def start(self, command: Callable[[int], Sequence[str]]) -> None:
        """Start a server, given the command line for a port."""
        with socket.create_server((LOCAL, 0)) as free:
            port = free.getsockname()[1]
        self.server = subprocess.Popen(command(port))
        self._port.write_text(str(port))

    def begin(self) -> None:
        """Connect."""
        self.client = Client(int(self._port.read_text()))

    def once(self) -> int:
        """One request, with a key that is new."""
        path, headers, body = self.request(str(uuid4()))
        status, answer = self.client.post(path, headers, body)
        assert status == 201, answer
        return 1

    def request(self, key: str) -> tuple[str, str, bytes]:
        """Path, headers and body."""
        raise NotImplementedError

    def end(self) -> None:
        """Stop the server."""
        if self.server:
            self.server.terminate()
            self.server.wait()

    @property
    def _port(self) -> Path:
        return Path(self.task.folder) / "port"
