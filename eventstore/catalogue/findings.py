"""What a pipeline should stop at: types that nobody describes or records, and documents that are out of date."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eventstore.catalogue.documents import MAKERS, name_of
from eventstore.catalogue.entries import Entry, entries
from eventstore.evolution import files, gate
from eventstore.evolution.upcasters import REGISTRIES

SHOWN = 5  # places that differ, in one message


@dataclass(frozen=True)
class Finding:
    """What is wrong, by a name that stays, and the next step."""

    id: str
    says: str
    next: str


def findings(written: Path | None = None) -> list[Finding]:
    """All faults of the catalogue, and those of a written document. Raises OSError or ValueError for one to be read."""
    found = entries()
    return [
        *_undescribed(found),
        *_unrecorded(found),
        *_gone(found),
        *([] if written is None else _outdated(written)),
    ]


def _undescribed(found: Iterable[Entry]) -> Iterator[Finding]:
    for entry in found:
        if not entry.description:
            yield Finding(
                "NO_DESCRIPTION",
                f"The {entry.noun} {entry.name} has no description.",
                f"Give {entry.kind.cls.__module__}.{entry.title} a docstring: one sentence on what it tells.",
            )


def _unrecorded(found: Iterable[Entry]) -> Iterator[Finding]:
    recorded = gate.merged(files.read_all().values())
    for entry in found:
        group = recorded["events" if entry.noun == "event" else "commands"]
        if entry.kind.version not in group.get(entry.name, {}):
            yield Finding(
                "NOT_RECORDED",
                f"The {entry.noun} {entry.name} is not recorded at version {entry.kind.version}.",
                "Run manage.py record_shapes, and commit the file: only then its next version is noticed.",
            )


def _gone(found: Iterable[Entry]) -> Iterator[Finding]:
    recorded, names = gate.merged(files.read_all().values()), {entry.name for entry in found}
    for group in REGISTRIES:
        for name in sorted(recorded[group].keys() - names):
            yield Finding(
                "UNKNOWN_TYPE",
                f"{name} is recorded among the {group}, and no class has this stored name any more.",
                "Bring the class back: what is stored under the name can't be read, delivered or described.",
            )


def _outdated(path: Path) -> Iterator[Finding]:
    written = json.loads(path.read_text(encoding="utf-8"))
    document = name_of(written)
    if places := list(_differences(written, MAKERS[document]())):
        more = f" and {len(places) - SHOWN} more" if len(places) > SHOWN else ""
        yield Finding(
            "OUT_OF_DATE",
            f"{path} is not what would be written now. It differs in {', '.join(places[:SHOWN])}{more}.",
            f"Run manage.py catalogue --format {document} > {path}, and tell those who read it.",
        )


def _differences(before: Any, now: Any, place: str = "") -> Iterator[str]:
    """The places in which two documents differ, as deep as three names."""
    if before == now:
        return
    if isinstance(before, dict) and isinstance(now, dict) and place.count("/") < 3:
        for name in dict.fromkeys([*now, *before]):
            yield from _differences(before.get(name), now.get(name), f"{place}/{name}")
    else:
        yield place.removeprefix("/") or "all of it"
