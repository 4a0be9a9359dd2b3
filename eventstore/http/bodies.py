"""Bodies of requests, taken whole or not at all: the first half of an order may read like a smaller order."""

import re
from functools import cached_property
from io import IOBase
from typing import Any, Final

from django.core.exceptions import BadRequest
from django.http import HttpRequest
from django.utils.translation import gettext as _

__all__ = ["BodyRefused", "WholeBody", "body_length"]

_LENGTH: Final = re.compile(r"[0-9]{1,18}")


class BodyRefused(BadRequest):
    """The body of a request can't be taken as it came; `status` is what to answer, `field` the header at fault."""

    def __init__(self, message: str, *, field: str, status: int = 400) -> None:
        super().__init__(message)
        self.message, self.field, self.status = message, field, status


def body_length(request: HttpRequest) -> int:
    """The length in bytes that a request declares, 0 without a body; raises BodyRefused.

    Django takes a length that it can't read for 0, and so a body that comes without its length for an empty one.
    """
    if request.headers.get("Content-Encoding", "identity").strip().lower() not in {"", "identity"}:
        raise BodyRefused(_("Send the body as it is, without an encoding."), field="Content-Encoding", status=415)
    length = request.META.get("CONTENT_LENGTH") or ""
    if "Transfer-Encoding" in request.headers or not _LENGTH.fullmatch(length or "0"):
        raise BodyRefused(_("Say how long the body is."), field="Content-Length")
    return int(length or 0)


class WholeBody(IOBase):
    """The stream of a request's body; reading raises BodyRefused where the body ends before its declared length.

    It reads no more than it is asked for, and nothing at all before.
    """

    def __init__(self, request: HttpRequest, stream: Any) -> None:
        self._request = request
        self._stream = stream

    @cached_property
    def _missing(self) -> int:
        return body_length(self._request)

    def read(self, size: int | None = -1, /) -> bytes:
        """That many bytes, fewer only at the end."""
        wanted = self._missing if size is None or size < 0 else min(size, self._missing)
        parts = []
        while wanted > 0:
            parts.append(self._take(self._stream.read, wanted))
            wanted -= len(parts[-1])
        return b"".join(parts)

    def readline(self, size: int | None = -1, /) -> bytes:
        """The next line, or that many bytes of it."""
        wanted = self._missing if size is None or size < 0 else min(size, self._missing)
        return self._take(self._stream.readline, wanted) if wanted else b""

    def _take(self, read: Any, size: int) -> bytes:
        """Some bytes, one at least; raises BodyRefused if there are none left."""
        try:
            part: bytes = read(size)
        except OSError:  # the connection broke
            part = b""
        if not part:
            raise BodyRefused(_("The body of this request is not complete."), field="Content-Length")
        self._missing -= len(part)
        return part
