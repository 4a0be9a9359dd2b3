"""A NATS server of the tests, which can be killed and started again with what it has stored."""

import asyncio
import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nats

from tests.ports import free_port

SERVER = shutil.which("nats-server", path=str(Path(sys.executable).parent)) or shutil.which("nats-server")
START_SECONDS = 60
CONFIGURATION = """\
listen: "127.0.0.1:{port}"
jetstream {{ store_dir: "{folder}", sync_interval: always }}
"""


@dataclass
class Broker:
    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    def url(self, stream: str) -> str:
        return f"nats://127.0.0.1:{self.port}/{stream}?subject={stream.lower()}"

    def start(self) -> None:
        assert SERVER, "nats-server comes with requirements-dev"
        path = self.folder / "nats.conf"
        path.write_text(CONFIGURATION.format(port=self.port, folder=self.folder / "store"))
        self.process = subprocess.Popen([SERVER, "-c", str(path), "--log", str(self.folder / "log")])
        until = time.monotonic() + START_SECONDS
        while not self._answers():
            assert self.process.poll() is None, (self.folder / "log").read_text()
            assert time.monotonic() < until, "nats-server does not answer"
            time.sleep(0.05)

    def kill(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()

    def messages(self, stream: str) -> list[tuple[str, dict[str, Any]]]:
        """Subject and envelope of each message of a stream, in order; none if there is no such stream yet."""
        return asyncio.run(_messages(f"nats://127.0.0.1:{self.port}", stream))

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                return connection.recv(4) == b"INFO"
        except OSError:
            return False


async def _messages(url: str, stream: str) -> list[tuple[str, dict[str, Any]]]:
    client = await nats.connect(url, allow_reconnect=False)
    try:
        jetstream = client.jetstream()
        try:
            state = (await jetstream.stream_info(stream)).state
        except nats.js.errors.NotFoundError:
            return []
        found = [await jetstream.get_msg(stream, number) for number in range(1, state.last_seq + 1)]
        for each in found:
            assert (each.headers or {})["Nats-Msg-Id"] == json.loads(each.data or b"")["id"]
        return [(str(each.subject), json.loads(each.data or b"")) for each in found]
    finally:
        await client.close()


@contextmanager
def nats_server(folder: Path) -> Iterator[Broker]:
    """A server that runs; killed at the end."""
    broker = Broker(folder, free_port())
    try:
        broker.start()
        yield broker
    finally:
        broker.kill()
