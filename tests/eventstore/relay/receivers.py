"""A receiver of webhooks that checks signatures by the words of the standard, and answers as a test wants."""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()


@dataclass
class Receiver:
    """What was sent to it, and how it answers: a status for each request, by the number of requests before."""

    answer: Callable[[int], int] = lambda _: 204
    taken: list[dict[str, Any]] = field(default_factory=list)
    asked: int = 0
    hold: threading.Event = field(default_factory=threading.Event)  # a status of 0 hangs until it is set
    url: str = ""

    def status(self, path: str, headers: Any, body: bytes) -> int:
        if path == "/elsewhere":
            raise AssertionError("a redirect was followed")
        assert is_signed(headers, body)
        self.asked += 1
        if not (status := self.answer(self.asked - 1)):
            self.hold.wait(60)
            return 204
        if status < 300:
            self.taken.append(json.loads(body))
        return status

    @property
    def positions(self) -> list[int]:
        return [int(each["position"]) for each in self.taken]


def is_signed(headers: Any, body: bytes) -> bool:
    """Whether the signature is right; written from the specification, not from the code."""
    key = base64.b64decode(SECRET.split("_")[1])
    text = ".".join([headers["webhook-id"], headers["webhook-timestamp"], body.decode()])
    expected = "v1," + base64.b64encode(hmac.new(key, text.encode(), hashlib.sha256).digest()).decode()
    return (
        hmac.compare_digest(expected, headers["webhook-signature"]) and headers["webhook-id"] == json.loads(body)["id"]
    )


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver that listens."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            try:
                status = receiver.status(self.path, self.headers, body)
            except Exception:
                status = 418
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_POST  # noqa: N815 - as whoever follows a redirect asks

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.url = f"http://127.0.0.1:{server.server_port}/events?from=tidemark"
    thread = threading.Thread(target=server.serve_forever, daemon=True, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield receiver
    finally:
        receiver.hold.set()
        server.shutdown()
        server.server_close()
        thread.join()
