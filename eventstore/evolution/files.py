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
Versions = dict[int, Shape | str]  # the shape of a message, the fingerprint of a projection
Recording = dict[Group, dict[str, Versions]]

_decoder = msgspec.json.Decoder(Recording)


class Unreadable(Exception):
    """A file of shapes is not as `record_shapes` writes it. Restore it from version control."""


def path_of(app: AppConfig) -> Path:
    """The path of an app's file of shapes."""
    return Path(app.path) / FILE


def read(app: AppConfig) -> Recording:
    """The recording of an app; empty if there is no file. Raises Unreadable."""
    path = path_of(app)
    try:
        return _decoder.decode(path.read_bytes()) if path.exists() else {}
    except msgspec.MsgspecError as error:
        raise Unreadable(f"{path}: {error}. {Unreadable.__doc__}") from error


def read_all(which: Iterable[AppConfig] | None = None) -> dict[str, Recording]:
    """The recordings of apps, by their labels; of all apps by default. Raises Unreadable."""
    return {app.label: read(app) for app in (apps.get_app_configs() if which is None else which)}


def write(app: AppConfig, recording: Recording) -> None:
    """Write the recording of an app, or delete its file if the recording is empty."""
    if not any(recording.values()):
        path_of(app).unlink(missing_ok=True)
        return
    path_of(app).write_text(json.dumps(_in_order(recording), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _in_order(recording: Recording) -> dict[str, dict[str, dict[str, object]]]:
    """The recording with names in alphabetical order, versions by number, and fields as they were declared."""
    return {
        group: {name: _versions(versions) for name, versions in sorted(entries.items())}
        for group, entries in sorted(recording.items())
        if entries
    }


def _versions(versions: Versions) -> dict[str, object]:
    return {str(version): msgspec.to_builtins(found) for version, found in sorted(versions.items())}
