"""A bridge from WSGI to RSGI, Granian's own interface, which still knows how headers are spelt.

WSGI gives `X-Forwarded-For` and `X_Forwarded_For` one name, so anyone could overwrite what a trusted proxy says. Other
servers leave headers with an underscore out; Granian's WSGI does not, and its own interface (RSGI) lets us do it.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from functools import partial
from io import BytesIO
from typing import Any, Final
from urllib.parse import urlsplit

from config.bodies import Bodies, NoRoom
from config.lanes import Full, Lanes
from config.overload import Overload
from config.stop_signals import when_told_to_stop
from eventstore.http.addresses import address_in
from eventstore.http.places import COMES_AGAIN
from eventstore.live import LiveResponse, Tail, TooManyListeners

MAX_JOINED_BYTES: Final = 1_048_576  # of a response that is sent in one piece
NOT_PREFIXED: Final = {"content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH"}
BODY_SIGNS: Final = frozenset({"CONTENT_LENGTH", "HTTP_TRANSFER_ENCODING"})  # a request with a body has one of them
# Between two tries of a request that waits for a read model without a thread: two seconds in all.
PAUSES: Final = (0.01, 0.02, 0.04, 0.08, 0.15, 0.3, 0.6, 0.8)
LIVENESS: Final = "/livez"
ALIVE: Final = b"ok\n"
ALIVE_HEADERS: Final = [
    ("Content-Type", "text/plain"),
    ("Content-Length", str(len(ALIVE))),
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
]

Environ = dict[str, Any]
Headers = list[tuple[str, str]]
Rest = Callable[[], Awaitable[None]]


async def nothing() -> None:
    """What is left to do for most requests once their thread has served them."""


class Bridge:
    """Serves a WSGI application by RSGI: bodies are received before a thread is taken, responses sent from it.

    That the process lives is said without a thread, whatever keeps them all; and who listens for events does so
    without one.
    """

    def __init__(self, application: Callable[[Environ, Callable[..., Any]], Iterable[bytes]], threads: int) -> None:
        self.application = application
        self.lanes = Lanes(threads)
        self.bodies = Bodies()
        self.overload = Overload()
        self.tails: set[Tail] = set()
        self.stopped = False

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        when_told_to_stop(self.end_streams)  # the server waits for all responses before it calls __rsgi_del__

    def __rsgi_del__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.stopped = True
        self.lanes.close()

    def end_streams(self) -> None:
        """Sends all listeners away, as the process is about to stop; whatever the thread in which this is called."""
        for tail in list(self.tails):
            self.loop.call_soon_threadsafe(tail.end)

    async def __rsgi__(self, scope: Any, proto: Any) -> None:
        if scope.path == LIVENESS and scope.method in ("GET", "HEAD"):
            proto.response_bytes(200, ALIVE_HEADERS, ALIVE)
            return
        environ = environ_of(scope, named(scope.headers.items()))
        try:
            await self.serve_with_body(environ, proto)
        except NoRoom:
            self.refuse(environ, proto, "the bodies of requests take too much memory")
        except Full:
            self.refuse(environ, proto, "too many requests wait for a thread")
        except TooManyListeners:
            self.refuse(environ, proto, "too many listen for events")

    async def serve_with_body(self, environ: Environ, proto: Any) -> None:
        """Receives the body of a request, if it has one, and then has a thread serve it.

        Raises NoRoom or Full; of one who wants to listen for events, TooManyListeners.
        """
        body = await self.bodies.receive(proto) if BODY_SIGNS & environ.keys() else bytearray()
        lane, caller = self.lanes.lane_of(environ["REQUEST_METHOD"], environ["PATH_INFO"]), address_in(environ)
        try:
            for pause in (*PAUSES, None):
                once = {**environ, "wsgi.input": BytesIO(body), COMES_AGAIN: False}
                if rest := await lane.run(self.loop, caller, partial(self.serve, once, proto, is_last=pause is None)):
                    return await rest()
                await asyncio.sleep(pause or 0)
        finally:
            self.bodies.release(body)

    def refuse(self, environ: Environ, proto: Any, reason: str) -> None:
        """Asks to come again, without a thread."""
        response = self.overload.answer(environ, reason)
        proto.response_bytes(response.status_code, list(response.items()), response.content)

    def serve(self, environ: Environ, proto: Any, *, is_last: bool = False) -> Rest | None:
        """Runs the application, and sends its response, in one thread: so it may keep its database connection.

        Returns what is left to do in the event loop. Returns None, and sends nothing, if the request is to come again
        and this is not its last try.
        """
        started: list[tuple[int, Headers]] = []

        def start_response(status: str, headers: Headers, _error: Any = None) -> None:
            started.append((int(status[:3]), headers))

        response = self.application(environ, start_response)
        try:
            if environ.get(COMES_AGAIN) and not is_last:
                return None
            if isinstance(response, LiveResponse):
                return partial(self.send_events, *started[-1], response, proto)
            self.send(*started[-1], response, proto)
            return nothing
        finally:
            getattr(response, "close", bool)()

    def send(self, status: int, headers: Headers, response: Iterable[bytes], proto: Any) -> None:
        """Sends a file from where it lies, and any other response in one piece, or in parts as they come."""
        if isinstance(response, File) and response.path:
            proto.response_file(status, headers, response.path)
        elif is_short(headers):
            proto.response_bytes(status, headers, b"".join(response))
        else:
            self.stream(proto.response_stream(status, headers), response)

    async def send_events(self, status: int, headers: Headers, response: LiveResponse, proto: Any) -> None:
        """Sends a listener what there is and what comes, without a thread; raises TooManyListeners."""
        listener = response.listener
        self.tails.add(listener.tail)
        await listener.tail.serve(listener, lambda: proto.response_stream(status, headers).send_bytes)

    def stream(self, transport: Any, parts: Iterable[bytes]) -> None:
        """Sends parts as they come; ends when the client has gone, or the server stops."""

        async def send(part: bytes) -> None:
            await transport.send_bytes(part)

        for part in filter(None, parts):
            sent = asyncio.run_coroutine_threadsafe(send(part), self.loop)
            while not sent.done() and not self.stopped:
                self._wait(sent)
            if self.stopped or sent.exception():
                return

    @staticmethod
    def _wait(sent: Any) -> None:
        try:
            sent.exception(timeout=1)  # now and then, look whether the server stops
        except TimeoutError:
            return


class File:
    """A file that is a response: the server reads it itself, as fast as the client takes it, and no thread waits."""

    def __init__(self, file: Any, block_bytes: int = 65_536) -> None:
        self.path = name if isinstance(name := getattr(file, "name", None), str) and file.tell() == 0 else ""
        self.close = file.close
        self._blocks = iter(partial(file.read, block_bytes), b"")

    def __iter__(self) -> Iterator[bytes]:
        return self._blocks


def is_short(headers: Headers) -> bool:
    """Whether a response is whole already, or soon: a page, or a small file. A stream doesn't know its length."""
    length = next((value for name, value in headers if name.lower() == "content-length"), "")
    return length.isdecimal() and int(length) <= MAX_JOINED_BYTES


def environ_of(scope: Any, headers: Mapping[str, str]) -> Environ:
    """The WSGI environment of a request, without its body."""
    server, client = urlsplit(f"//{scope.server}"), urlsplit(f"//{scope.client}")
    return {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode("utf-8", "surrogateescape").decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "SERVER_NAME": server.hostname or "",
        "SERVER_PORT": str(server.port or ""),
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": client.hostname or "",
        "HTTP_HOST": scope.authority or "",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.file_wrapper": File,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        **headers,
    }


def named(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Headers under their names in WSGI, without those that are spelt with an underscore.

    Those that were sent several times are joined, as HTTP has it.
    """
    found: dict[str, str] = {}
    for name, value in headers:
        if "_" in name:
            continue
        key = NOT_PREFIXED.get(name) or f"HTTP_{name.upper().replace('-', '_')}"
        separator = "; " if key == "HTTP_COOKIE" else ","
        found[key] = f"{found[key]}{separator}{value}" if key in found else value
    return found
