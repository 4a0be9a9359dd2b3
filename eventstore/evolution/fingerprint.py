"""Fingerprints of projectors: they change when rows may come out differently, and then the rows are built anew.

A projector's rows depend on its function, on the helpers and constants that it reaches by name within its app, on its
key, on the columns of its model and on the events that it is given. Calls into other apps are not followed.
Events and commands go by their stored names, so their classes may be renamed and moved.
"""

import hashlib
import json
from collections.abc import Callable
from typing import Any

from django.apps import apps
from django.db.models import Field

from eventstore.evolution.dependencies import Dependencies, SecondDependencies
from eventstore.evolution.first_dependencies import FirstDependencies
from eventstore.evolution.source import definition_of, keyword_of, module_of, plain
from eventstore.projecting.declaration.projection import Projection

_SECOND, _THIRD = "2:", "3:"

# The options of a field that decide over the values in its column; the others are for forms, queries and readers.
_OPTIONS = ("primary_key", "null", "default", "db_default", "max_length", "max_digits", "decimal_places", "to")


def fingerprint(projection: Projection) -> str:
    """The number of the algorithm and sixteen hexadecimal digits; raises OSError if the source is not at hand.

    The third algorithm is the second one, where no name is taken from a named module; so that one signs there.
    """
    second, third = _digest(projection, SecondDependencies), _digest(projection, Dependencies)
    return f"{_SECOND}{second}" if second == third else f"{_THIRD}{third}"


def first_fingerprint(projection: Projection) -> str:
    """The fingerprint by the first algorithm, which did not write its number; raises OSError likewise."""
    return _digest(projection, FirstDependencies)


def is_fingerprint_of(recorded: str, projection: Projection) -> bool:
    """Whether a recorded fingerprint, of any algorithm, is that of a projection; raises OSError likewise."""
    if recorded.startswith(_THIRD):
        return recorded == fingerprint(projection)
    if recorded.startswith(_SECOND):
        return recorded == f"{_SECOND}{_digest(projection, SecondDependencies)}"
    return recorded == first_fingerprint(projection)


def _digest(projection: Projection, algorithm: type[Dependencies | FirstDependencies]) -> str:
    parts = {
        "form": type(projection).__name__,
        "delayed": projection.delayed,
        "across": projection.global_order,  # the option's name when the first fingerprints were recorded
        "reads": sorted(projection.types) if projection.types is not None else "commands",
        "columns": [_column(field) for field in projection.model._meta.concrete_fields],
        "code": _code(projection.function, algorithm),
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


def _code(function: Callable[..., Any], algorithm: type[Dependencies | FirstDependencies]) -> Any:
    module, definition = module_of(function), definition_of(function)
    key = keyword_of(definition, "key")
    app = apps.get_containing_app_config(module.__name__)
    dependencies = algorithm(package=app.name if app else module.__name__)
    parts = [plain(part, dependencies.stand_in(module)) for part in (definition.args, definition.body, key)]
    return [*parts, *dependencies.collect(module, [part for part in (definition.args, *definition.body, key) if part])]


def _column(field: "Field[Any, Any]") -> list[Any]:
    _, path, _, options = field.deconstruct()
    kept = {name: _value(options[name]) for name in _OPTIONS if name in options}
    choices = [_value(value) for value, _ in field.flatchoices]
    return [field.column, path, kept, choices]


def _value(value: Any) -> str:
    """An option's value as text, the same in every process: a function's name, the value of an enumeration's member."""
    if callable(value):
        return f"{value.__module__}.{value.__qualname__}"
    return repr(getattr(value, "value", value))
