"""The parser of request bodies: JSON, and nothing that two parsers could read in two ways."""

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import IO, Any, Final, NoReturn

from django.http import HttpRequest
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from eventstore.http.bodies import BodyRefused, WholeBody, body_length
from eventstore.http.errors import TooLarge

__all__ = ["MAX_BODY_BYTES", "StrictJSONParser", "discard_body"]

MAX_BODY_BYTES: Final = 1_048_576
MAX_DISCARDED_BYTES: Final = 33_554_432  # of a body that is read only to let its sender finish
CHUNK_BYTES: Final = 65_536


class StrictJSONParser(BaseParser):
    """Parses JSON as RFC 8259 has it: UTF-8, no NaN, and no key twice, of which another parser might take the other."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """The value in the body; raises TooLarge, BodyRefused if a part is missing, or ParseError if it is not JSON."""
        body = _read(stream, parser_context or {})
        try:
            return json.loads(body.decode(), object_pairs_hook=_object, parse_constant=_refuse_constant)
        except (ValueError, RecursionError) as error:  # text that is no UTF-8 is a ValueError too
            raise ParseError(_("The body of this request is not valid JSON.")) from error


def _read(stream: IO[Any], context: Mapping[str, Any]) -> bytes:
    request = context["request"]._request
    if body_length(request) > MAX_BODY_BYTES:
        raise TooLarge
    return WholeBody(request, stream).read()


def discard_body(request: HttpRequest) -> None:
    """Reads the rest of a body, up to a limit: a client that is still sending does not look for an answer."""
    with suppress(OSError, BodyRefused):  # the client has hung up
        for _chunk in range(MAX_DISCARDED_BYTES // CHUNK_BYTES):
            if not request.read(CHUNK_BYTES):
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
