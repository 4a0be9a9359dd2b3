"""The API as it describes itself, and how it is called: as often as one likes, with some things that are there."""

import os
import re
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import schemathesis
from django.core.wsgi import get_wsgi_application
from django.db import connection
from schemathesis import Case
from schemathesis.config import SchemathesisConfig

from eventstore.http.fields import as_id
from eventstore.log.cursor_text import PATTERNS, Store, read_cursor
from eventstore.log.cursors import cursor
from tests.factories import PASSWORD

EXPLORE: Final = int(os.environ.get("EXPLORE", "0"))  # examples for each operation
EXAMPLES: Final = {"sqlite": 10, "postgresql": 5}

# What is right by its description may still be refused for what it asks: by a rule, or as nobody is that far yet.
REFUSED: Final = ["401", "403", "404", "409", "422", "503"]
# What is right in each field may be wrong together: the description says nothing of that.
TOGETHER: Final = {
    "POST /api/v1/accounts": "members of staff have to say for which customer",
    "POST /api/v1/accounts/{account_id}/limits": "it is about one of the limits, or both",
    "POST /api/v1/approvals": "the payload is that of the command",
    "POST /api/v1/bulk": "each body is that of its address",
    "GET /api/v1/accounts/{account_id}/daily-balances": "from is before to, by a year at most",
    "GET /api/v1/volumes": "from is before to, by a year at most",
}

CONFIG: Final = SchemathesisConfig.from_dict(
    {
        "generation": {
            "max-examples": EXPLORE or EXAMPLES[connection.vendor],
            "deterministic": not EXPLORE,
            "database": "none",
            "mode": "all",
        },
        "checks": {
            "not_a_server_error": {"expected-statuses": ["2xx", "3xx", "4xx", "503"]},
            "positive_data_acceptance": {"enabled": True, "expected-statuses": ["2xx", *REFUSED]},
            "missing_required_header": {"expected-statuses": ["401", "403", "428"]},
        },
        "operations": [
            {"include-name": name, "checks": {"positive_data_acceptance": {"enabled": False}}} for name in TOGETHER
        ],
    }
)

# What no description can say of a single field: which lengths it may have, and which value makes sense.
SENSIBLE: Final[Mapping[str, tuple[range, str]]] = {
    "timezone": (range(1, 1000), "Europe/Paris"),
    "password": (range(8, 1001), PASSWORD),
    "currency": (range(1, 1000), "EUR"),
    "email": (range(3, 255), "somebody@example.org"),
    "name": (range(1, 201), "Ada Lovelace"),
}
CONTROL: Final = r"\0-\x1f\x7f-\x9f\u2028-\u202e"
SHAPES: Final = {  # what is sensible has this shape, too
    "email": re.compile(rf"[^@\s{CONTROL}]+@[^@\s.{CONTROL}]+(\.[^@\s.{CONTROL}]+)+"),
    "name": re.compile(rf"[^{CONTROL}]*[^\s{CONTROL}][^{CONTROL}]*"),
}


@dataclass
class Real:
    """The ids of what is there, by their names in addresses and bodies."""

    ids: dict[str, str] = field(default_factory=dict)


REAL: Final = Real()

schema = schemathesis.openapi.from_wsgi("/api/schema/", get_wsgi_application(), config=CONFIG)


def make_real(case: "Case[Any]") -> None:
    """Put what is really there, or makes sense, in the place of most values that would be as good."""
    for values in (case.path_parameters, case.body, case.query, case.headers):
        if isinstance(values, MutableMapping):
            values.update({name: _instead(name, value) for name, value in values.items()})


def _instead(name: str, value: Any) -> Any:
    match value:
        case str() if (found := as_id(value)) and name in REAL.ids:
            return REAL.ids[name] if _is_taken(found) else value
        case str() if (store := _store_of(value)) and read_cursor(value) is None:
            return cursor(0, store)  # its checksum is right by no description
        case str() if name in SENSIBLE and len(value) in SENSIBLE[name][0]:
            shape = SHAPES.get(name)
            return SENSIBLE[name][1] if shape is None or shape.fullmatch(value) else value
        case dict():
            return {name: _instead(name, inner) for name, inner in value.items()}
        case list():
            return [_instead(name, inner) for inner in value]
        case _:
            return value


def _store_of(text: str) -> Store | None:
    """The store that a text could be a cursor of, by its looks."""
    return next((store for store, pattern in PATTERNS.items() if re.fullmatch(pattern, text)), None)


def _is_taken(found: UUID) -> bool:
    """Three of four, those of the description's examples among them: most mistakes show where all else is right."""
    return found.int % 4 != 0
