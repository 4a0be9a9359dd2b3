"""Checks that no state of a stream keeps personal text: heads are stored in clear.

By type: a field of the state is `Personal`, however deep. And by trial: events with a text in their personal fields
that occurs nowhere else are folded, and the state must not hold that text. An erasure drops states as well; but until
then, a state that tells a name tells it to everybody who can read the table.
"""

import dataclasses
from collections.abc import Iterator
from typing import Any, get_args, get_type_hints

from django.core.checks import CheckMessage, Error

from eventstore import messages
from eventstore.decider import Decider
from eventstore.evolution.notation import shape_of
from eventstore.evolution.samples import sample
from eventstore.execution.made_up import MadeUp, made_up_texts
from eventstore.messages import MessageType, canonical
from eventstore.messages.declaration import is_personal

HINT = (
    "Keep what the rule needs instead: an id, or whether there is a text; to compare texts, keep a hash with a key "
    "(eventstore.personal.keyed_hash) that the command brings along."
)


def kept_texts(kind: Decider[Any, Any, Any]) -> Iterator[CheckMessage]:
    """Errors for a decider whose state keeps text about persons."""
    for place in dict.fromkeys(_personal_fields(type(kind.initial), ())):
        yield _error(kind, f"its field {place} is Personal")
    for event in dict.fromkeys(_telling_events(kind)):
        yield _error(kind, f"evolve copies a personal field of {event} into it")


def _error(kind: Decider[Any, Any, Any], cause: str) -> CheckMessage:
    return Error(
        f"The state of {kind.category} keeps text about persons ({cause}), and states are stored in clear, in the "
        "heads of streams.",
        hint=HINT,
        id="eventstore.E062",
    )


def _personal_fields(hint: Any, seen: tuple[Any, ...]) -> Iterator[str]:
    """The places of personal fields in a class of any kind that has annotations, and in what it holds."""
    if hint in seen:
        return
    for inner in get_args(hint):
        yield from _personal_fields(inner, (*seen, hint))
    if isinstance(hint, type) and hint.__module__ not in ("builtins", "datetime", "uuid", "decimal", "enum"):
        for name, found in _hints(hint).items():
            if is_personal(found):
                yield f"{hint.__qualname__}.{name}"
            yield from _personal_fields(found, (*seen, hint))


def _hints(cls: type[Any]) -> dict[str, Any]:
    try:
        return get_type_hints(cls, include_extras=True)
    except (NameError, TypeError):
        return {}


def _telling_events(kind: Decider[Any, Any, Any]) -> Iterator[str]:
    """The events whose personal text is in the state after them, folded twice, one after the other."""
    for made_up in made_up_texts():
        yield from _telling(kind, made_up)


def _telling(kind: Decider[Any, Any, Any], made_up: MadeUp) -> Iterator[str]:
    own = [each for each in messages.events.values() if each.category == kind.category]
    state = kind.initial
    for each in [*own, *own]:
        try:
            after = kind.evolve(state, _made_up(each, made_up.text))
            told = made_up.is_told_by(after)
        except Exception:  # noqa: S112 - made-up data may make no sense to a rule, and then says nothing
            continue
        if told:
            yield each.cls.__qualname__
        else:
            state = after


def _made_up(kind: MessageType, text: str) -> Any:
    event = kind.decoder.decode(canonical(sample(shape_of(kind), sparse=False, example={})))
    return dataclasses.replace(event, **dict.fromkeys(kind.personal, text))
