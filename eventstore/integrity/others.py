"""Asking others over HTTP: witnesses, time stamps, receivers of events. They may be slow, away or hostile."""

import socket
import ssl
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from functools import partial
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any, Final, NamedTuple

__all__ = ["Answer", "Late", "NoAnswer", "post"]

SECONDS: Final = 10.0  # for a whole answer
SOCKET_SECONDS: Final = 8.0  # for a connection, and for the next bytes of an answer
LONGEST: Final = 65_536  # bytes of an answer


class NoAnswer(Exception):
    """Nothing came back in time, or nothing that can be used; the message says what happened."""


class Late(NoAnswer):
    """It was taken, but no whole answer came in time: it may have had its effect."""


class Answer(NamedTuple):
    """The answer to a request: status, type of the content, and the content."""

    status: int
    content_type: str
    content: bytes


def post(url: str, content: bytes, content_type: str, *, headers: Mapping[str, str] | None = None) -> Answer:
    """Send something and return the answer, whatever its status; raises NoAnswer. Redirects are not followed."""
    if not url.startswith(("https://", "http://")):
        raise NoAnswer(f"{url} is no address on the web.")
    sent = {"Content-Type": content_type, "User-Agent": "Tidemark", **(headers or {})}
    request = urllib.request.Request(url, content, sent)  # noqa: S310 - looked at above
    lines = _Lines()
    return _within(SECONDS, lambda: _ask(request, lines), otherwise=lines.cut)


class _Plain(HTTPConnection):
    """A connection of which another handle is kept: TLS takes the first one for itself."""

    def __init__(self, host: str, *, keep: Callable[[socket.socket], None], **options: Any) -> None:
        super().__init__(host, **options)
        self._keep = keep

    def connect(self) -> None:
        super().connect()
        self._keep(self.sock.dup())


class _Secure(HTTPSConnection, _Plain):
    """The same with TLS, from before it begins."""


class _Lines(urllib.request.HTTPSHandler, urllib.request.HTTPHandler):
    """The connections of a request, which can be cut from another thread."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._handles: list[socket.socket] = []
        self._is_cut = False

    def cut(self) -> None:
        """End what is under way: whoever waits for it has no answer, at once."""
        with self._lock:
            self._is_cut = True
            for handle in self._handles:
                _shut(handle)

    def close(self) -> None:
        """Give the handles back."""
        with self._lock:
            for handle in self._handles:
                handle.close()
            self._handles.clear()

    def http_open(self, req: urllib.request.Request) -> HTTPResponse:
        return self.do_open(partial(_Plain, keep=self._keep), req)

    def https_open(self, req: urllib.request.Request) -> HTTPResponse:
        return self.do_open(partial(_Secure, keep=self._keep), req, context=ssl.create_default_context())

    def _keep(self, handle: socket.socket) -> None:
        with self._lock:
            self._handles.append(handle)
            if self._is_cut:
                _shut(handle)


def _shut(handle: socket.socket) -> None:
    with suppress(OSError):
        handle.shutdown(socket.SHUT_RDWR)


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        """Return None: what answers elsewhere is not whom we asked."""


def _ask(request: urllib.request.Request, lines: _Lines) -> Answer:
    opener = urllib.request.build_opener(_NoRedirects, lines)
    try:
        with closing(lines), opener.open(request, timeout=SOCKET_SECONDS) as response:
            return Answer(response.status, response.headers.get_content_type(), response.read(LONGEST))
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, error.headers.get_content_type(), error.read(LONGEST))
    except TimeoutError as error:  # of the answer: one of the connection comes wrapped
        raise Late(f"{request.host} took the request, and did not answer in time.") from error
    except (OSError, HTTPException, ValueError) as error:
        reason = getattr(error, "reason", error)
        raise NoAnswer(f"{request.host} does not answer: {reason or type(error).__name__}.") from error


def _within(seconds: float, ask: Callable[[], Answer], *, otherwise: Callable[[], object]) -> Answer:
    """What a function returns in time, or else another is called, which ends it.

    A socket's own timeout begins anew with each byte that trickles in.
    """
    found: list[Answer | Exception] = []

    def work() -> None:
        try:
            found.append(ask())
        except Exception as error:  # whatever it is, it is raised where it is waited for
            found.append(error)

    thread = threading.Thread(target=work, name="asking", daemon=True)
    thread.start()
    thread.join(seconds)
    if not found:
        otherwise()
        raise Late(f"No whole answer came within {seconds:g} seconds.")
    if isinstance(found[0], Exception):
        raise found[0]
    return found[0]
