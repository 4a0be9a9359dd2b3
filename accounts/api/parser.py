"""Reading the body of a request: JSON, and nothing that could be read in two ways."""

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import IO, Any, Final, NoReturn

from django.http import HttpRequest
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from accounts.api.errors import TooLarge

MAX_BODY: Final = 1_048_576  # bytes
MAX_WASTE: Final = 33_554_432  # bytes of a body that are read for politeness only
CHUNK: Final = 65_536


class StrictJSON(BaseParser):
    """JSON as RFC 8259 has it: UTF-8, no NaN, and no key twice, of which another reader might take the other one."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """The value that the body holds; raises TooLarge, or ParseError for what is no JSON."""
        body = _read(stream, parser_context or {})
        try:
            return json.loads(body.decode(), object_pairs_hook=_object, parse_constant=_refuse_constant)
        except (ValueError, RecursionError) as error:  # text that is no UTF-8 is a ValueError too
            raise ParseError(_("The body of this request is not valid JSON.")) from error


def _read(stream: IO[Any], context: Mapping[str, Any]) -> bytes:
    if int(context["request"].META.get("CONTENT_LENGTH") or 0) > MAX_BODY:
        raise TooLarge
    body: bytes = stream.read(MAX_BODY + 1)
    if len(body) > MAX_BODY:
        raise TooLarge
    return body


def discard(request: HttpRequest) -> None:
    """Read what is left of a body, or most of it: who is still sending does not look for an answer."""
    with suppress(OSError):  # they have hung up
        for _chunk in range(MAX_WASTE // CHUNK):
            if not request.read(CHUNK):
                return


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ParseError(_("The body of this request names a field twice."))
    if not all(name.isprintable() for name in found):
        raise ParseError(_("The body of this request has a field whose name can't be printed."))
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON.")
