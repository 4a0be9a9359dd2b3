"""Previews: what a command would do as things stand now."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from accounts.services.use_cases import must_be_in_order
from eventstore import log
from eventstore.decider import decide
from eventstore.messages import StreamKey, type_of


@dataclass(frozen=True, slots=True)
class Preview:
    """The states of a command's streams before it and after it."""

    before: Mapping[StreamKey, Any]
    after: Mapping[StreamKey, Any]


def preview(command: Any, *, is_approved: bool = False) -> Preview:
    """The effect of a command as things stand now; raises Refused as its policy, its rule or its side effect would.

    For one that another person is to approve, `is_approved` leaves the policy out. Nothing is locked and nothing is
    stored: what is sent later is decided anew.
    """
    must_be_in_order(command, is_approved=is_approved)
    streams = [key for key in type_of(command).streams_of(command) if key]
    before = {key: log.current(key.category, key.id) for key in streams}
    return Preview(before, decide(command, before).states)
