"""Made-up personal text: it occurs nowhere else, so whatever tells it would tell the real one."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass

from eventstore.messages import canonical

LETTERS = "ghjkmnpqrstvwxyz"  # none of hexadecimal digits, of which ids are made


@dataclass(frozen=True)
class MadeUp:
    """A text, and the part of it that is looked for."""

    text: str
    sign: str

    def is_told_by(self, stored: object) -> bool:
        """Whether a value that is stored in clear tells the text, a part of it, or either in other letters."""
        told = canonical(stored).decode().casefold()
        return self.sign in told or self.sign[::-1] in told


def made_up_texts() -> Iterator[MadeUp]:
    """A text in each form that a rule may insist on: words, a mailbox, a number of a telephone."""
    word = "".join(secrets.choice(LETTERS) for _ in range(12))
    digits = str(secrets.randbelow(9 * 10**14) + 10**14)
    yield MadeUp(f"{word} {word}", word)
    yield MadeUp(f"{word}@{word}.example", word)
    yield MadeUp(f"+{digits}", digits)
