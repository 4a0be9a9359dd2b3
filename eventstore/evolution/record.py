"""Recording new names and versions; recorded ones are not overwritten, unless they were never released."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from django.apps import AppConfig
from django.core.checks import CheckMessage

from eventstore.evolution import files
from eventstore.evolution.declared import Declared, declared
from eventstore.evolution.files import Group, Recording, Versions
from eventstore.evolution.gate import fault_of, merged


@dataclass
class Recorded:
    """The names that were recorded or forgotten, and the faults that forbade recording the others."""

    written: list[str] = field(default_factory=list)
    forgotten: list[str] = field(default_factory=list)
    faults: list[CheckMessage] = field(default_factory=list)


def record(which: Collection[AppConfig], *, force: Collection[str] = ()) -> Recorded:
    """Record declarations that apps' files lack, and anew those with a fingerprint of an earlier algorithm.

    `force` names unreleased messages and projections: they are recorded anew, or forgotten if the code lacks the name.
    Raises ValueError for a name that is not known at all, and Unreadable for a faulty file.
    """
    recordings = files.read_all()
    present = [item for item in declared() if item.app in which]
    result = Recorded()
    result.forgotten = _forget(recordings, present, force)
    for item in present:
        _add(item, recordings, result)
    for app in which:
        if recordings[app.label] != files.read(app):
            files.write(app, recordings[app.label])
    return result


def _add(item: Declared, recordings: dict[str, Recording], result: Recorded) -> None:
    versions = merged(recordings.values())[item.group].get(item.name, {})
    if fault := fault_of(item, versions):
        result.faults.append(fault)
    elif versions.get(item.version) != (described := item.describe()):
        _entry(recordings[item.app.label], item.group, item.name)[item.version] = described
        result.written.append(f"{item.name} version {item.version}")


def _entry(recording: Recording, group: Group, name: str) -> Versions:
    return recording.setdefault(group, {}).setdefault(name, {})


def _forget(recordings: dict[str, Recording], present: Iterable[Declared], force: Collection[str]) -> list[str]:
    """Delete forced names from their present version on, or altogether if the code has none; returns the latter."""
    now = {item.name: item.version for item in present}
    struck = [
        name
        for recording in recordings.values()
        for entries in recording.values()
        for name in set(force) & set(entries)
        if _strike(entries, name, now.get(name, 0))
    ]
    if unknown := set(force) - set(now) - set(struck):
        raise ValueError(f"Nothing is called {min(unknown)!r}: neither in the code nor in what is recorded.")
    return sorted(set(struck) - set(now))


def _strike(entries: dict[str, Versions], name: str, since: int) -> bool:
    """Delete the versions of a name from `since` on; whether there were any."""
    kept = {version: found for version, found in entries[name].items() if version < since}
    dropped = len(kept) < len(entries[name])
    entries[name] = kept
    if not kept:
        del entries[name]
    return dropped
