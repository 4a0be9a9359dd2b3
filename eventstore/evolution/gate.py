"""The gate compares declarations in the code with recorded ones; each fault says what to do about it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

from django.apps import AppConfig
from django.core import checks
from django.core.checks import CheckMessage

from eventstore.evolution import files, upcasters
from eventstore.evolution.declared import Declared, declared
from eventstore.evolution.files import Group, Recording, Versions
from eventstore.evolution.notation import Shape
from eventstore.evolution.upcasters import REGISTRIES

SHOWN = 5  # names in one message


def findings() -> list[CheckMessage]:
    """All faults of the declarations; an empty list lets the code pass."""
    try:
        recordings = files.read_all()
    except files.Unreadable as error:
        hint = "Resolve what a merge has left in it, then run manage.py record_shapes."
        return [checks.Error(str(error), hint=hint, id="eventstore.E008")]
    recorded, present = merged(recordings.values()), declared()
    return [
        *chain.from_iterable(_compare(item, recorded[item.group].get(item.name, {})) for item in present),
        *_gone(recorded, present),
        *upcasters.faults(present, recorded),
        *_not_recorded(recorded, present),
    ]


def merged(recordings: Iterable[Recording]) -> dict[Group, dict[str, Versions]]:
    """The recordings of all apps as one: a class may have moved to another app since."""
    whole: dict[Group, dict[str, Versions]] = {"commands": {}, "events": {}, "projections": {}}
    for recording in recordings:
        for group, entries in recording.items():
            for name, versions in entries.items():
                whole[group][name] = whole[group].get(name, {}) | versions
    return whole


def abbreviated(names: Sequence[str]) -> str:
    """The first of many names, and how many more there are."""
    more = len(names) - SHOWN
    return f"{', '.join(names[:SHOWN])}{f' and {more} more' if more > 0 else ''}"


def fault_of(item: Declared, versions: Versions) -> CheckMessage | None:
    """The fault that forbids recording the present version of a declaration; None if there is none."""
    return next(_compare(item, versions), None)


def _compare(item: Declared, versions: Versions) -> Iterator[CheckMessage]:
    last = max(versions, default=item.version)
    if item.version < last:
        yield checks.Error(
            f"The {item.noun} went back from version {last} to {item.version}. What was stored at version {last} "
            "could not be read, or not be told from what is stored now.",
            hint=f"Go on: declare it with version={last + 1}.",
            id="eventstore.E002",
        )
    elif item.version in versions:
        try:
            if not item.is_described_by(versions[item.version]):
                yield _changed(item, versions[item.version], item.describe())
        except OSError as error:
            yield _no_source(item, error)


def _changed(item: Declared, before: Shape | str, now: Shape | str) -> CheckMessage:
    new = item.version + 1
    if isinstance(before, Shape) and isinstance(now, Shape):
        return checks.Error(
            f"The {item.noun} has another shape than was recorded for version {item.version}: "
            f"{'; '.join(_differences(before, now))}. Data of the old shape may be in a log, and would be misread.",
            hint=f"Declare it with version={new}, write @upcaster({item.name!r}, since={item.version}), and run "
            f"manage.py record_shapes. If it has never been released: record_shapes --force {item.name}.",
            id="eventstore.E001",
        )
    return checks.Error(
        f"The {item.noun} has changed since version {item.version} was recorded: its function, a helper, its key, its "
        "columns or its events. Rows that were built before may differ from those that it would build now.",
        hint=f"Declare it with version={new}, run manage.py record_shapes, and after the release "
        f"manage.py rebuild_projections {item.name}. If its rows can't differ, or if it has never been released: "
        f"record_shapes --force {item.name}.",
        id="eventstore.E005",
    )


def _differences(before: Shape, now: Shape) -> Iterator[str]:
    for name in dict.fromkeys([*before.fields, *now.fields]):
        old, new = before.fields.get(name), now.fields.get(name)
        if old is None:
            yield f"{name} is new ({new})"
        elif new is None:
            yield f"{name} is gone ({old})"
        elif old != new:
            yield f"{name} was {old}, is {new}"
    if before.subject != now.subject:
        yield f"its subject was {before.subject}, is {now.subject}"


def _no_source(item: Declared, error: OSError) -> CheckMessage:
    return checks.Warning(
        f"Whether the {item.noun} has changed can't be told: {error}.",
        hint="Run the check where the source is, in your pipeline.",
        id="eventstore.W003",
    )


def _gone(recorded: Mapping[Group, Mapping[str, Versions]], present: Iterable[Declared]) -> Iterator[CheckMessage]:
    """Faults for events and commands that are gone; projections may go, as their rows can be thrown away."""
    names = {(item.group, item.name) for item in present}
    for group in REGISTRIES:
        for name in recorded[group]:
            if (group, name) not in names:
                yield checks.Error(
                    f"The {group.removesuffix('s')} {name} was recorded, and no class has this stored name any more. "
                    "What is stored under it could not be read.",
                    hint="Bring the class back; it may have another name and place, only its stored name stays. "
                    f"If it has never been released: record_shapes --force {name}.",
                    id="eventstore.E004",
                )


def _not_recorded(
    recorded: Mapping[Group, Mapping[str, Versions]], present: Iterable[Declared]
) -> Iterator[CheckMessage]:
    new: dict[AppConfig, list[str]] = {}
    for item in present:
        versions = recorded[item.group].get(item.name, {})
        if item.version > max(versions, default=0):
            new.setdefault(item.app, []).append(f"{item.name} version {item.version}")
    for app, names in new.items():
        yield checks.Warning(
            f"Not recorded in {app.label}/{files.FILE} yet: {abbreviated(names)}. "
            "Until they are, a change goes unnoticed.",
            hint="Run manage.py record_shapes, and commit the file.",
            id="eventstore.W001",
        )
