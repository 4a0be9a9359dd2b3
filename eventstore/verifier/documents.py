"""Documents as they are found in a file: JSON from anybody, so every field is looked at before it is used."""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from eventstore.verifier.digests import COMMAND_ENVELOPE, EVENT_ENVELOPE
from eventstore.verifier.outcome import CannotCheck

__all__ = [
    "FORMAT",
    "Document",
    "command_of",
    "event_of",
    "hashes_of",
    "hex_of",
    "is_json",
    "notes_of",
    "number_of",
    "once",
    "parse",
    "parse_heads",
    "text_of",
]

FORMAT: Final = "tidemark proof 1"
WHOLE: Final = ("version", "schema_version")  # the fields of rows that are whole numbers
HIGHEST: Final = 2**63

Document = Mapping[str, Any]


def is_json(text: str) -> bool:
    """Whether a file holds a document, and not signed notes."""
    return text.lstrip().startswith("{")


def parse(text: str) -> Document:
    """The proof in a text; raises CannotCheck for what is none."""
    found = _json(text)
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise CannotCheck(f'This is no proof: it must be a JSON object with "format": "{FORMAT}".')
    return found


def once(pairs: list[tuple[str, Any]]) -> Mapping[str, Any]:
    """An object; raises ValueError if a name is there twice, as readers would see one or the other."""
    if len(found := dict(pairs)) != len(pairs):
        raise ValueError("a name is there twice")
    return found


def parse_heads(text: str) -> list[str] | None:
    """The signed notes in an answer of GET heads, of `seal --json`, or in one of its heads; None for anything else."""
    found = _json(text)
    if not isinstance(found, dict) or "format" in found:
        return None
    rows = [found] if "note" in found else found.get("results", found.get("heads"))
    return [text_of(row, "note") for row in rows if _has_note(row)] if isinstance(rows, list) else None


def notes_of(text: str) -> list[str]:
    """The signed notes in any document that people keep for them: a proof has its head with it."""
    notes = parse_heads(text)
    if notes is None:
        proof = parse(text)
        notes = [text_of(proof, name) for name in ("head", "old", "new") if name in proof]
    return notes


def event_of(row: object) -> Document:
    """The row of an event, each field of its type."""
    return _row(row, (*EVENT_ENVELOPE, "metadata", "data"))


def command_of(row: object) -> Document:
    """The row of a command, each field of its type."""
    return _row(row, (*COMMAND_ENVELOPE, "metadata", "data", "response"))


def text_of(document: Document, name: str) -> str:
    """A field that is text."""
    text: str = _typed(document, name, str)
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise CannotCheck(f"The field {name} holds half a character.") from error
    return text


def number_of(document: Document, name: str) -> int:
    """A field that is a whole number, not negative, of 63 bits at most."""
    number: int = _typed(document, name, int)
    if not 0 <= number < HIGHEST:
        raise CannotCheck(f"The field {name} is out of range.")
    return number


def hex_of(document: Document, name: str) -> bytes:
    """A field that is a digest in hexadecimal."""
    text = text_of(document, name)
    if len(text) != 64 or set(text) - set("0123456789abcdef"):
        raise CannotCheck(f"The field {name} is no digest: it has 64 hexadecimal digits in lower case.")
    return bytes.fromhex(text)


def hashes_of(document: Document, name: str) -> Sequence[bytes]:
    """A field that is a list of hashes in base64."""
    try:
        found = [base64.b64decode(item, validate=True) for item in _typed(document, name, list)]
    except (TypeError, binascii.Error, ValueError) as error:
        raise CannotCheck(f"The field {name} is no list of hashes in base64.") from error
    if any(len(item) != 32 for item in found):
        raise CannotCheck(f"The field {name} holds a hash that is not 32 bytes long.")
    return found


def _json(text: str) -> object:
    try:
        return json.loads(text, object_pairs_hook=once)
    except (ValueError, RecursionError) as error:
        raise CannotCheck(f"This is no JSON: {error}.") from error


def _has_note(row: object) -> bool:
    return isinstance(row, dict) and isinstance(row.get("note"), str)


def _row(row: object, names: Sequence[str]) -> Document:
    if not isinstance(row, dict):
        raise CannotCheck("The row is missing.")
    for name in names:
        if name == "accepted":
            _typed(row, name, bool)
        elif name in WHOLE:
            number_of(row, name)
        elif "\n" in text_of(row, name):  # the parts of what is hashed are parted by it
            raise CannotCheck(f"The field {name} holds a line break, which no row has.")
    return row


def _typed(document: Document, name: str, kind: type[Any]) -> Any:
    value = document.get(name)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise CannotCheck(f"The field {name} is missing, or of a wrong type.")
    return value
