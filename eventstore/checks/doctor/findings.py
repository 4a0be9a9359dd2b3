"""What an examination finds: how bad it is, what it is, and what to type next."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from django.core.checks import ERROR, CheckMessage


class Level(StrEnum):
    """How bad it is."""

    OK = "ok"
    LOOK = "look"  # it works, but not as it was meant
    ACT = "act"  # something fails, or will


@dataclass(frozen=True)
class Finding:
    """One line: what was looked at, what it is like, and the next step, if there is one."""

    level: Level
    subject: str
    says: str
    next: str = ""


def fine(subject: str, says: str) -> Finding:
    """Nothing to do."""
    return Finding(Level.OK, subject, says)


def look(subject: str, says: str, next: str) -> Finding:  # noqa: A002 - the field's name
    """Worth a look."""
    return Finding(Level.LOOK, subject, says, next)


def act(subject: str, says: str, next: str) -> Finding:  # noqa: A002 - the field's name
    """To be mended."""
    return Finding(Level.ACT, subject, says, next)


def from_checks(subject: str, messages: Iterable[CheckMessage], otherwise: str) -> list[Finding]:
    """What system checks found; `otherwise` where that is nothing. What the settings silence is left out."""
    found = [
        Finding(Level.ACT if each.level >= ERROR else Level.LOOK, subject, each.msg, each.hint or "")
        for each in messages
        if not each.is_silenced()
    ]
    return found or [fine(subject, otherwise)]
