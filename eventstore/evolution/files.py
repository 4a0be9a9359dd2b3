"""The recorded shapes: a file `shapes.json` in each app, sorted, one line for each field, made to be read in a diff."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

import msgspec
from django.apps import AppConfig, apps

from eventstore.evolution.notation import Shape

FILE = "shapes.json"

Group = Literal["commands", "events", "projections"]
Versions = dict[int, Shape | str]  # of a message its shape, of a projection its fingerprint
Recording = dict[Group, dict[str, Versions]]

_decoder = msgspec.json.Decoder(Recording)


class Unreadable(Exception):
    """A file of shapes is not what `record_shapes` writes. Take it back from version control."""


def path_of(app: AppConfig) -> Path:
    """Where an app keeps its shapes."""
    return Path(app.path) / FILE


def read(app: AppConfig) -> Recording:
    """What an app has recorded; nothing where there is no file. Raises Unreadable."""
    path = path_of(app)
    try:
        return _decoder.decode(path.read_bytes()) if path.exists() else {}
    except msgspec.MsgspecError as error:
        raise Unreadable(f"{path}: {error}. {Unreadable.__doc__}") from error


def read_all(which: Iterable[AppConfig] | None = None) -> dict[str, Recording]:
    """What apps have recorded, by their labels; all apps by default. Raises Unreadable."""
    return {app.label: read(app) for app in (apps.get_app_configs() if which is None else which)}


def write(app: AppConfig, recording: Recording) -> None:
    """Write what an app has recorded; no file where that is nothing."""
    if not any(recording.values()):
        path_of(app).unlink(missing_ok=True)
        return
    path_of(app).write_text(json.dumps(_in_order(recording), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _in_order(recording: Recording) -> dict[str, dict[str, dict[str, object]]]:
    """Names in alphabetical order, versions by number, and fields as they were declared."""
    return {
        group: {name: _versions(versions) for name, versions in sorted(entries.items())}
        for group, entries in sorted(recording.items())
        if entries
    }


def _versions(versions: Versions) -> dict[str, object]:
    return {str(version): msgspec.to_builtins(found) for version, found in sorted(versions.items())}
