"""A mail server for tests: it listens on a port of this machine, and keeps what it is sent."""

import smtplib
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from queue import Queue
from typing import cast


class MailServer(socketserver.ThreadingTCPServer):
    """Takes mails (RFC 5321, as much of it as a sender needs), or refuses the recipients with a code."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Dialogue)
        self.mails: Queue[EmailMessage] = Queue()
        self.refusals: list[bytes] = []  # answers to the next recipients
        self.extensions: list[bytes] = []  # what it says that it can do besides
        self.recipients: Queue[str] = Queue()

    @property
    def url(self) -> str:
        """What EMAIL_URL says of it."""
        return f"smtp://127.0.0.1:{self.server_address[1]}"


class _Dialogue(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self._say(b"220 test")
        for line in self.rfile:
            verb = line[:4].upper()
            if verb == b"DATA":
                self._say(b"354 go on")
                self._take()
            if verb == b"RCPT":
                cast(MailServer, self.server).recipients.put(line[9:].partition(b">")[0].decode())
            if verb == b"EHLO":
                for extension in (b"test", *cast(MailServer, self.server).extensions):
                    self._say(b"250-" + extension)
            self._say(self._answer(verb))
            if verb == b"QUIT":
                return

    def _answer(self, verb: bytes) -> bytes:
        refusals = cast(MailServer, self.server).refusals
        if verb == b"RCPT" and refusals:
            return refusals.pop(0)
        return b"221 bye" if verb == b"QUIT" else b"250 fine"

    def _take(self) -> None:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line.removeprefix(b"."))
        message = message_from_bytes(b"".join(lines), policy=policy.default)
        cast(MailServer, self.server).mails.put(message)

    def _say(self, line: bytes) -> None:
        self.wfile.write(line + smtplib.bCRLF)


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """A mail server that listens."""
    with MailServer() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()
