"""Validation for tests: against the schemas of a catalogue, and against AsyncAPI's own."""

import gzip
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from jsonschema import Draft7Validator, Draft202012Validator  # type: ignore[import-untyped]

ASYNCAPI = Path(__file__).parent / "asyncapi-3.0.0.json.gz"


class Schemas:
    """The schemas of a bundle. `closed`: fields that a schema does not name are wrong, too."""

    def __init__(self, document: Mapping[str, Any], *, closed: bool = True) -> None:
        Draft202012Validator.check_schema(document)
        self.names = list(document["$defs"])
        self._definitions = {"$defs": document["$defs"], **({"unevaluatedProperties": False} if closed else {})}
        self._validators: dict[str, Any] = {}

    def faults(self, name: str, value: Any) -> list[str]:
        """What is wrong with a value by the schema of a name."""
        if name not in self._validators:
            schema = {"$ref": f"#/$defs/{name}", **self._definitions}
            checker = Draft202012Validator.FORMAT_CHECKER
            self._validators[name] = Draft202012Validator(schema, format_checker=checker)
        return list(_faults(value, self._validators[name]))


def faults_of_asyncapi(document: Mapping[str, Any]) -> list[str]:
    """What is wrong with a document of AsyncAPI."""
    return list(_faults(document, Draft7Validator(json.loads(gzip.decompress(ASYNCAPI.read_bytes())))))


def _faults(value: Any, validator: Any) -> Iterator[str]:
    for error in validator.iter_errors(value):
        yield f"{'/'.join(map(str, error.absolute_path))}: {error.message[:300]}"
