"""A witness by the rules of C2SP's `tlog-witness`, and one that answers what a test wants: small servers over HTTP."""

import base64
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from eventstore.verifier import merkle, notes

Reply = tuple[int, str, bytes]  # status, type of the content, content


@dataclass
class Witness:
    """It knows one key of a log, and for each origin the last head that it has signed."""

    log_key: notes.Key
    private: Ed25519PrivateKey = field(default_factory=lambda: Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
    name: str = "witness.example/w1"
    heads: dict[str, notes.Head] = field(default_factory=dict)
    time: int = 1_700_000_000
    statuses: list[int] = field(default_factory=list)

    @property
    def key(self) -> notes.Key:
        return notes.Key(self.name, self.private.public_key().public_bytes_raw(), notes.COSIGNATURE)

    def __call__(self, path: str, body: bytes) -> Reply:
        reply = self._answer(path, body.decode())
        self.statuses.append(reply[0])
        return reply

    def _answer(self, path: str, body: str) -> Reply:
        first, _, note = body.partition("\n\n")
        old_line, *proof = first.split("\n")
        assert path == "/prefix/add-checkpoint"
        assert old_line.startswith("old ")
        old, head = int(old_line.removeprefix("old ")), notes.read_head(note)
        try:
            text, _ = notes.opened(note, [self.log_key])
        except notes.InvalidNote:
            return 403, "text/plain", b"unknown key\n"
        known = self.heads.get(head.origin, notes.Head(head.origin, 0, merkle.EMPTY_ROOT))
        if old > head.size:
            return 400, "text/plain", b"old is larger\n"
        if old != known.size or (old == head.size and old and known.root != head.root):
            return 409, "text/x.tlog.size", f"{known.size}\n".encode()
        hashes = [base64.b64decode(line, validate=True) for line in proof]
        if (old == 0 and hashes) or not merkle.is_consistent(old, known.root, head.size, head.root, hashes):
            return 422, "text/plain", b"no proof\n"
        self.heads[head.origin] = head
        return 200, "text/plain", self.cosignature(text).encode()

    def cosignature(self, text: str) -> str:
        """The signature line over a text, as `tlog-cosignature` has it."""
        signed = f"cosignature/v1\ntime {self.time}\n{text}".encode()
        value = self.key.id + self.time.to_bytes(8, "big") + self.private.sign(signed)
        return f"— {self.name} {base64.b64encode(value).decode()}\n"


@contextmanager
def served(answer: Callable[[str, bytes], Reply]) -> Iterator[str]:
    """Yield the address of a server that answers each request by a function of its path and its body."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, kind, content = answer(self.path, body)
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST  # noqa: N815 - as whoever follows a redirect asks

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/prefix/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
