"""Where the erasure list is kept, by the setting ERASURE_LIST: a file, or a URL that takes GET and POST.

Both only ever append, and say so only once it is stored for good. Each raises ErasureListUnavailable.
"""

import base64
import os
import time
import urllib.error
import urllib.request
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import IO, Final, Protocol
from urllib.parse import unquote, urlsplit, urlunsplit

from django.core.exceptions import ImproperlyConfigured
from django.core.files import locks

from eventstore.backends.configured import setting
from eventstore.errors import ErasureListUnavailable

TIMEOUT_SECONDS: Final = 5.0  # for the place to answer: a command's transaction is open meanwhile
READ_SECONDS: Final = 60.0  # for a whole list to arrive, however slowly
PAUSE_SECONDS: Final = 0.01  # between two looks at a locked file
MAX_BYTES: Final = 1 << 30  # of a list that is read; more than six million entries


CHUNK_BYTES: Final = 1 << 16
TROUBLES: Final = (OSError, ValueError, HTTPException)  # an address that is away, or answers something else than HTTP


class Place(Protocol):
    """A place that keeps the list."""

    name: str  # without secrets

    def read(self) -> str:
        """The whole list; empty where there is none yet."""

    def append(self, lines: str) -> None:
        """Add whole lines at the end, and return once they survive a crash; no lines, to see whether it could."""


def place() -> Place | None:
    """The place that the setting names; None if it names none. Raises ImproperlyConfigured."""
    given = str(setting("ERASURE_LIST", "") or "")
    if problem := fault_of_erasure_list(given):
        raise ImproperlyConfigured(f"ERASURE_LIST {problem}")
    if not given:
        return None
    return WebPlace(given) if "://" in given else FilePlace(Path(given))


def fault_of_erasure_list(given: str) -> str | None:
    """What is wrong with a value of the setting, as the end of a sentence; None for a good one."""
    scheme, separator, _ = given.partition("://")
    if separator and (scheme not in ("http", "https") or not urlsplit(given).hostname):
        return f"must be the path of a file, or an address such as https://lists.example/erasures, not {given!r}."
    if given and not separator and not Path(given).is_absolute():
        return f"must be a path from the root, such as /mnt/elsewhere/erasures, not {given!r}."
    return None


class FilePlace:
    """A file, best on another machine's disk. One process writes at a time; a torn line is left where it is."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = str(path)

    def read(self) -> str:
        """The whole file."""
        try:
            return self.path.read_bytes().decode(errors="replace")
        except FileNotFoundError:
            return ""
        except OSError as error:
            raise self._unavailable("read", error) from error

    def append(self, lines: str) -> None:
        """Write the lines under a lock, and wait for the disk."""
        try:
            is_new = not self.path.exists()
            descriptor = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
            with os.fdopen(descriptor, "ab+", buffering=0) as file:
                self._lock(file)
                _write_all(descriptor, (_end_of_torn_line(file) + lines).encode() if lines else b"")
                os.fsync(descriptor)
            if is_new:
                _sync_folder(self.path.parent)
        except OSError as error:
            raise self._unavailable("written", error) from error

    def _lock(self, file: IO[bytes]) -> None:
        """Lock the file until it is closed; raises TimeoutError if another process keeps it."""
        until = time.monotonic() + TIMEOUT_SECONDS
        while not locks.lock(file, locks.LOCK_EX | locks.LOCK_NB):
            if time.monotonic() > until:
                raise TimeoutError("another process keeps it locked")
            time.sleep(PAUSE_SECONDS)

    def _unavailable(self, done: str, error: OSError) -> ErasureListUnavailable:
        return ErasureListUnavailable(f"The erasure list {self.name} can't be {done}: {error.strerror or error}.")


def _end_of_torn_line(file: IO[bytes]) -> str:
    """What ends a line that a crash has torn, so that the next one stands alone."""
    if not file.seek(0, os.SEEK_END):
        return ""
    file.seek(-1, os.SEEK_END)
    return "" if file.read(1) == b"\n" else "\n"


def _write_all(descriptor: int, data: bytes) -> None:
    """Write every byte: a disk that is nearly full may take a part."""
    while data:
        data = data[os.write(descriptor, data) :]


def _sync_folder(folder: Path) -> None:
    """Wait until a new file's name is on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class WebPlace:
    """A URL: GET gives the list (404 where there is none yet), POST appends its body and answers 2xx once it is safe.

    A name and a password in the URL are sent as HTTP Basic authentication.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
        self.url = self.name = urlunsplit(parts._replace(netloc=host))
        self.headers = {"Content-Type": "text/plain; charset=utf-8"}
        if parts.username is not None:
            known = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            self.headers["Authorization"] = f"Basic {base64.b64encode(known.encode()).decode()}"

    def read(self) -> str:
        """The whole list."""
        try:
            return self._ask("GET", None).decode(errors="replace")
        except urllib.error.HTTPError as error:
            if error.code == 404:
                return ""
            raise self._unavailable("read", error) from error
        except TROUBLES as error:
            raise self._unavailable("read", error) from error

    def append(self, lines: str) -> None:
        """Send the lines."""
        try:
            self._ask("POST", lines.encode())
        except TROUBLES as error:
            raise self._unavailable("written", error) from error

    def _ask(self, method: str, body: bytes | None) -> bytes:
        request = urllib.request.Request(self.url, data=body, headers=self.headers, method=method)  # noqa: S310 - http(s), see fault_of_erasure_list
        with _opener.open(request, timeout=TIMEOUT_SECONDS) as answer:
            return _all_of(answer, READ_SECONDS if method == "GET" else TIMEOUT_SECONDS)

    def _unavailable(self, done: str, error: Exception) -> ErasureListUnavailable:
        says = str(error).strip() or type(error).__name__
        return ErasureListUnavailable(f"The erasure list {self.name} can't be {done}: {says}.")


def _all_of(answer: HTTPResponse, seconds: float) -> bytes:
    """The whole body; raises ValueError for a part of it, which would bring back whom the rest has erased."""
    until, data = time.monotonic() + seconds, bytearray()
    while chunk := answer.read1(CHUNK_BYTES):
        data += chunk
        if len(data) > MAX_BYTES:
            raise ValueError("it is longer than any list")
        if time.monotonic() > until:
            raise TimeoutError("the answer takes too long")
    if answer.length:
        raise ValueError(f"the answer was cut off, {answer.length:,} bytes before its end")
    return bytes(data)


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A redirect turns a POST into a GET, which stores nothing: it is an error."""

    def redirect_request(self, *_: object) -> None:
        return None


_opener = urllib.request.build_opener(_NoRedirects)
