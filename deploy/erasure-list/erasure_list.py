"""Keeps the erasure list of a site on another machine: GET gives it, POST appends to it. Needs nothing but Python.

    ERASURE_LIST_LOGIN=site:a-long-secret python3 erasure_list.py --file /var/lib/erasures --host 10.0.0.7 --port 8700

and on the site ERASURE_LIST=http://site:a-long-secret@10.0.0.7:8700/ (through a proxy with HTTPS, if others share the
network). What is appended is on the disk before it is answered. Copy the file as you copy other documents that you must
keep; it holds random ids and times, and nothing about anybody.
"""

import argparse
import base64
import hmac
import os
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final

MAX_BYTES: Final = 1 << 24  # of one request: a hundred thousand erasures at once
SECONDS: Final = 10.0  # for a caller to send its request


class Keeper(ThreadingHTTPServer):
    """The server: one file, one login, one writer at a time."""

    daemon_threads = True

    def __init__(self, address: tuple[str, int], file: Path, login: str) -> None:
        super().__init__(address, Handler)
        self.file = file
        self.authorization = f"Basic {base64.b64encode(login.encode()).decode()}"
        self.lock = threading.Lock()

    def append(self, lines: bytes) -> None:
        """Append to the file, and wait for the disk."""
        with self.lock, self.file.open("ab") as file:
            file.write(lines)
            file.flush()
            os.fsync(file.fileno())


class Handler(BaseHTTPRequestHandler):
    """One request."""

    server: Keeper
    timeout = SECONDS

    def do_GET(self) -> None:
        """Give the list; 404 where there is none yet."""
        if self._is_allowed():
            found = self.server.file.exists()
            self._answer(200 if found else 404, self.server.file.read_bytes() if found else b"")

    def do_POST(self) -> None:
        """Append the body, which is whole lines or nothing."""
        if not self._is_allowed():
            return
        size = int(self.headers.get("Content-Length") or -1)
        if not 0 <= size <= MAX_BYTES:
            self._answer(413, b"")
            return
        lines = self.rfile.read(size)
        if len(lines) != size or (lines and not lines.endswith(b"\n")):
            self._answer(400, b"")
            return
        self.server.append(lines)
        self._answer(204, b"")

    def _is_allowed(self) -> bool:
        given = self.headers.get("Authorization", "")
        if hmac.compare_digest(given.encode(), self.server.authorization.encode()):
            return True
        self._answer(401, b"")
        return False

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def main() -> None:
    """Serve until stopped."""
    parser = argparse.ArgumentParser(description="Keep the erasure list of a site.")
    parser.add_argument("--file", type=Path, required=True, help="where it is kept")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on [%(default)s]")
    parser.add_argument("--port", type=int, default=8700, help="port to listen on [%(default)s]")
    given = parser.parse_args()
    login = os.environ.get("ERASURE_LIST_LOGIN", "")
    if ":" not in login:
        parser.error("Set ERASURE_LIST_LOGIN to name:secret, which the site's URL has before the @.")
    os.umask(0o077)
    Keeper((given.host, given.port), given.file, login).serve_forever()


if __name__ == "__main__":
    main()
