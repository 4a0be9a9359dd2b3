"""The documents as files: their names, and their text."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from eventstore.catalogue.asyncapi import asyncapi
from eventstore.catalogue.bundle import json_schema

MAKERS: Final[Mapping[str, Callable[[], dict[str, Any]]]] = {"asyncapi": asyncapi, "json-schema": json_schema}


def text_of(document: str) -> str:
    """The text of a document, by its name in MAKERS: the same for the same code and settings."""
    return json.dumps(MAKERS[document](), indent=2, ensure_ascii=False) + "\n"


def write(folder: Path, names: list[str]) -> list[Path]:
    """Write documents into a folder, which is made if it is missing; returns their paths. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name in names:
        path = folder / f"{name}.json"
        path.write_text(text_of(name), encoding="utf-8")
        paths.append(path)
    return paths


def name_of(written: Any) -> str:
    """The name of the document that was read from a file."""
    return "asyncapi" if isinstance(written, dict) and "asyncapi" in written else "json-schema"
