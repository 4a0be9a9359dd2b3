"""Asking others over HTTP: witnesses, time stamps, receivers of events. They may be slow, away or hostile."""

import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from http.client import HTTPException
from typing import Final, NamedTuple

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
    return _within(SECONDS, lambda: _ask(request))


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        """Return None: what answers elsewhere is not whom we asked."""


def _ask(request: urllib.request.Request) -> Answer:
    opener = urllib.request.build_opener(_NoRedirects)
    try:
        with opener.open(request, timeout=SOCKET_SECONDS) as response:
            return Answer(response.status, response.headers.get_content_type(), response.read(LONGEST))
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, error.headers.get_content_type(), error.read(LONGEST))
    except TimeoutError as error:  # of the answer: one of the connection comes wrapped
        raise Late(f"{request.host} took the request, and did not answer in time.") from error
    except (OSError, HTTPException, ValueError) as error:
        reason = getattr(error, "reason", error)
        raise NoAnswer(f"{request.host} does not answer: {reason or type(error).__name__}.") from error


def _within(seconds: float, ask: Callable[[], Answer]) -> Answer:
    """What a function returns in time. A socket's own timeout begins anew with each byte that trickles in."""
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
        raise Late(f"No whole answer came within {seconds:g} seconds.")
    if isinstance(found[0], Exception):
        raise found[0]
    return found[0]
