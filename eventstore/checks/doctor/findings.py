"""Findings of examinations: a level, a subject, a sentence and the next step."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from django.core.checks import ERROR, CheckMessage


class Level(StrEnum):
    """The severity of a finding."""

    OK = "ok"
    LOOK = "look"  # it works, but not as it was meant
    ACT = "act"  # something fails, or will


@dataclass(frozen=True)
class Finding:
    """One line of the doctor: subject, state, and the next step, if there is one."""

    level: Level
    subject: str
    says: str
    next: str = ""


def fine(subject: str, says: str) -> Finding:
    """A finding that needs nothing."""
    return Finding(Level.OK, subject, says)


def look(subject: str, says: str, next: str) -> Finding:  # noqa: A002 - the field's name
    """A finding that works, but not as intended."""
    return Finding(Level.LOOK, subject, says, next)


def act(subject: str, says: str, next: str) -> Finding:  # noqa: A002 - the field's name
    """A finding that needs a repair."""
    return Finding(Level.ACT, subject, says, next)


def from_checks(subject: str, messages: Iterable[CheckMessage], otherwise: str, *, remedy: str = "") -> list[Finding]:
    """The findings of system checks that are not silenced; one fine finding `otherwise` without them.

    `remedy` is the next step for a check that names none; it may name the check's `{id}`.
    """
    found = [
        Finding(
            Level.ACT if each.level >= ERROR else Level.LOOK, subject, each.msg, each.hint or remedy.format(id=each.id)
        )
        for each in messages
        if not each.is_silenced()
    ]
    return found or [fine(subject, otherwise)]
