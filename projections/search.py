"""The search for customers by a part of their name, or by the beginning of a word of their e-mail.

A text holds another if one of its ends begins with it: "lace" is found by the end "lace" of "lovelace". So the ends are
stored, and a search reads one range of their index; its cost grows with what it finds, not with the table.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from accounts.users.emails import normalise_email

LAST: Final = "\U0010ffff"  # comes after all characters that a text may hold
MAX_CHARACTERS: Final = 200  # of a name, as long as one may be: where its parts may begin
MAX_WORDS: Final = 64  # words of an e-mail that can be found

_WORD = re.compile(r"@|(?<![^\W_])[^\W_]")  # where a word begins, or the domain


def search_form(text: str) -> str:
    """The form in which texts are compared: case, width, composition and repeated spaces do not count."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return " ".join(folded.replace("i\u0307", "i").split())  # the Turkish capital I has a dot, which folding keeps


def range_of(text: str) -> tuple[str, str]:
    """What ends that begin with a text lie between: from the first on, and before the second."""
    form = search_form(normalise_email(text) if "@" in text else text)
    return form, form + LAST


def name_ends(name: str) -> Iterator[tuple[int, str]]:
    """The ends of a name, each with its place: from every character on that is no space."""
    form = search_form(name)[:MAX_CHARACTERS]
    return ((place, form[place:]) for place, character in enumerate(form) if character != " ")


def email_ends(email: str) -> Iterator[tuple[int, str]]:
    """The ends of an e-mail, each with its number: from the beginning of each word on."""
    form = search_form(normalise_email(email))
    starts = [found.start() for found in _WORD.finditer(form)][:MAX_WORDS]
    return ((number, form[start:]) for number, start in enumerate(starts))
