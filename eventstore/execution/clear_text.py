"""Finds personal text of a command that its decision would store in clear, for ever.

Rules are pure, so a command can be decided twice: the second time with a text in its personal fields that occurs
nowhere else. Wherever that text turns up outside of a personal field, the real one stands in clear.
"""

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

from eventstore import decider, messages, personal
from eventstore.decider import Refused
from eventstore.errors import MessageError
from eventstore.execution.made_up import made_up_texts
from eventstore.messages import StreamKey


def refuse_clear_text(command: Any, states: Mapping[StreamKey, Any]) -> None:
    """Raise MessageError if an answer, a refusal, an event or a state would tell a personal field of the command."""
    kind = messages.type_of(command)
    for place in _places(command, states) if kind.personal else ():
        raise MessageError(
            f"{place} holds what a personal field of {kind.cls.__qualname__} says, and is stored in clear, for ever. "
            "Leave it out there: answer with ids, declare the field of the event as Personal, keep ids in states."
        )


def _places(command: Any, states: Mapping[StreamKey, Any]) -> Iterator[str]:
    """Where a made-up text turns up; the next form of one is tried if a rule has no use for the one before."""
    told = [name for name in messages.type_of(command).personal if getattr(command, name) is not None]
    for made_up in made_up_texts():
        try:
            stored, accepted = _stored(dataclasses.replace(command, **dict.fromkeys(told, made_up.text)), states)
            yield from [place for place, part in stored.items() if made_up.is_told_by(part)]
        except Exception:  # noqa: S112 - a rule that has no use for made-up text says nothing about the real one
            continue
        if accepted:
            return


def _stored(command: Any, states: Mapping[StreamKey, Any]) -> tuple[dict[str, Any], bool]:
    """What a decision stores in clear, by its place, and whether it accepts the command."""
    try:
        decision = decider.decide(command, states)
    except Refused as no:
        return {f"The refusal {no.refusal.code}": no.refusal}, False
    events = {f"The event {type(event).__qualname__}": personal.omit(event) for _, event in decision.events}
    kept = {f"The state of {stream.category}": state for stream, state in decision.states.items()}
    return {"The answer": decision.answer, **events, **kept}, True
