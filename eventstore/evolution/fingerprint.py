"""Fingerprints of projectors: they change when rows may come out differently, and then the rows are built anew.

A projector's rows depend on its function, on the helpers and constants that it reaches by name within its app, on its
key, on the columns of its model and on the events that it sees. What it calls in other apps is not looked into.
"""

import hashlib
import json
from collections.abc import Callable
from typing import Any

from django.apps import apps
from django.db.models import Field, Model

from eventstore.evolution.source import Reach, definition_of, keyword_of, module_of, plain
from eventstore.projecting.declaration.projection import Projection

# What an option of a field does to the values in its column; the others are for forms, queries and readers.
_OPTIONS = ("primary_key", "null", "default", "db_default", "max_length", "max_digits", "decimal_places", "to")


def fingerprint(projection: Projection) -> str:
    """Sixteen hexadecimal digits; raises OSError if the source is not at hand."""
    parts = {
        "form": type(projection).__name__,
        "delayed": projection.delayed,
        "across": projection.global_order,
        "reads": sorted(projection.types) if projection.types is not None else "commands",
        "columns": [_column(field) for field in projection.model._meta.concrete_fields],
        "code": _code(projection.function),
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


def _code(function: Callable[..., Any]) -> Any:
    module, definition = module_of(function), definition_of(function)
    key = keyword_of(definition, "key")
    parts = [part for part in (definition.args, *definition.body, key) if part]
    app = apps.get_containing_app_config(module.__name__)
    reach = Reach(package=app.name if app else module.__name__, is_foreign=_is_described_elsewhere)
    reach.follow(module, parts)
    helpers = [[name, found] for (_, name), found in sorted(reach.found.items())]
    return [plain(definition.args), plain(definition.body), plain(key), helpers]


def _is_described_elsewhere(found: object) -> bool:
    """Models are described by their columns, messages by their recorded shapes."""
    return isinstance(found, type) and (issubclass(found, Model) or hasattr(found, "__message__"))


def _column(field: "Field[Any, Any]") -> list[Any]:
    _, path, _, options = field.deconstruct()
    kept = {name: _value(options[name]) for name in _OPTIONS if name in options}
    choices = [_value(value) for value, _ in field.flatchoices]
    return [field.column, path, kept, choices]


def _value(value: Any) -> str:
    """An option's value, the same in every process: a function has a name, a member of an enumeration a value."""
    if callable(value):
        return f"{value.__module__}.{value.__qualname__}"
    return repr(getattr(value, "value", value))
