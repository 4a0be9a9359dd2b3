"""Checks that upcasters lead from each old shape to the present one, tried on made-up data of recorded shapes."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec
from django.core import checks
from django.core.checks import CheckMessage

from eventstore import messages
from eventstore.errors import EventStoreError
from eventstore.evolution.declared import Declared
from eventstore.evolution.files import Group, Versions
from eventstore.evolution.notation import Shape
from eventstore.evolution.samples import NoSample, placeholder_of, sample
from eventstore.messages import MessageType, upcasters

REGISTRIES: Mapping[Group, Mapping[str, MessageType]] = {"commands": messages.commands, "events": messages.events}


def faults(present: Iterable[Declared], recorded: Mapping[Group, Mapping[str, Versions]]) -> Iterator[CheckMessage]:
    """All faults of upcasters."""
    yield from _without_upcaster(present)
    yield from _useless_upcasters()
    yield from _ambiguous_names()
    for group in REGISTRIES:
        yield from _tried(group, recorded[group])


def _without_upcaster(present: Iterable[Declared]) -> Iterator[CheckMessage]:
    for item in present:
        if item.group in REGISTRIES:
            for version in upcasters.missing(REGISTRIES[item.group][item.name]):
                yield checks.Error(
                    f"The {item.noun} is at version {item.version}, and no upcaster leads on from version {version}. "
                    "Reading old data would fail: in commands, projections and pages.",
                    hint=f"Write a function with @upcaster({item.name!r}, since={version}).",
                    id="eventstore.E003",
                )


def _useless_upcasters() -> Iterator[CheckMessage]:
    for name, since in upcasters.declared():
        kinds = [registry[name] for registry in REGISTRIES.values() if name in registry]
        if all(since >= kind.version for kind in kinds):
            state = f"it is at version {kinds[0].version}" if kinds else "no message has this stored name"
            yield checks.Warning(
                f"The upcaster of {name} from version {since} is never used: {state}.",
                hint="Raise the version of the message, or correct the name; else remove the upcaster.",
                id="eventstore.W002",
            )


def _ambiguous_names() -> Iterator[CheckMessage]:
    for name in sorted(messages.events.keys() & messages.commands.keys()):
        yield checks.Error(
            f"{name} is the stored name of both an event and a command. Upcasters are found by it, so those of the one "
            "would be applied to the other.",
            hint="Call the event by what has happened, and the command by what is wanted.",
            id="eventstore.E006",
        )


def _tried(group: Group, recorded: Mapping[str, Versions]) -> Iterator[CheckMessage]:
    for name, versions in recorded.items():
        kind = REGISTRIES[group].get(name)
        for version, shape in versions.items():
            if kind is None or version >= kind.version or not isinstance(shape, Shape):
                continue
            if why := _failure(kind, version, shape):
                yield checks.Error(
                    f"Data of {name} at version {version} does not come out as version {kind.version}: {why}",
                    hint="Correct its upcasters. If made-up data is all that they can't take, give them an example: "
                    f"@upcaster({name!r}, since={version}, example={{...}}).",
                    id="eventstore.E007",
                )


def _failure(kind: MessageType, version: int, shape: Shape) -> str | None:
    """The reason why data of an old shape can't be read as the present class; None if they can, or can't be tried."""
    if any(since >= version for since in upcasters.missing(kind)):
        return None  # reported already
    example = upcasters.declared()[kind.name, version].example
    for sparse in (False, True):
        try:
            data = messages.canonical(sample(shape, sparse=sparse, example=example))
            message = upcasters.decode(kind, version, data)
        except NoSample:
            continue
        except (EventStoreError, msgspec.MsgspecError) as error:
            return str(error)
        if misplaced := _misplaced(kind, message):
            return misplaced
    return None


def _misplaced(kind: MessageType, message: Any) -> str | None:
    """The reason why a personal field can't be decrypted: a ciphertext is bound to the name of its field."""
    for name in kind.personal:
        if getattr(message, name) not in (None, placeholder_of(name)):
            return f"the personal field {name} is given what was not encrypted under this name, and can't be decrypted."
    return None
