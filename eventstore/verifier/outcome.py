"""What comes of a check: a finding for what holds, and an exception for what does not, or can't be checked."""

from dataclasses import dataclass, field

from eventstore.verifier.notes import Head, Key

__all__ = ["CannotCheck", "Finding", "Wrong"]


class Wrong(Exception):
    """Something is not as it is claimed to be; the message says what."""


class CannotCheck(Exception):
    """Something can't be checked: it is damaged, of an unknown kind, or something is missing. The message says what."""


@dataclass
class Finding:
    """Something that holds: what it is, in lines for a person, and the heads under which it was found.

    `leaf` is the index of the leaf that it is about; a head proves nothing about leaves that it does not cover.
    """

    subject: str
    head: Head
    signers: list[Key] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    leaf: int | None = None
    old: Head | None = None  # which is the beginning of `head`, if that was shown
    key_was_known: bool = False  # whether the caller named the key, and did not take it from what was checked
