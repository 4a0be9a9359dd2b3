"""Amounts as people write and read them: with grouped thousands, and the decimal sign of their language.

Only pages use it: the API takes and gives plain digits.
"""

import re
from functools import cache
from typing import Final, NamedTuple

from accounts.domain.money import format_amount, parse_amount

MINUS: Final = "\N{MINUS SIGN}"

# Keyboards for Chinese and Japanese type these in place of the narrow ones. Nothing else is taken for a digit that it
# resembles: ten with a small two above it is not 102.
_NARROW: Final = {wide: wide - 0xFEE0 for wide in (*range(0xFF10, 0xFF1A), *map(ord, "，．－"))}  # noqa: RUF001
_SPACES: Final = " \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}"
_APOSTROPHES: Final = "'\N{RIGHT SINGLE QUOTATION MARK}"


class Notation(NamedTuple):
    """The decimal sign and the separator of thousands of a language."""

    decimal: str = "."
    group: str = ","

    def write(self, minor: int, currency: str) -> str:
        """Minor units as in "1,000.50", with all decimals of the currency and a true minus sign."""
        whole, point, decimals = format_amount(minor, currency).removeprefix("-").partition(".")
        grouped = f"{int(whole):,}".replace(",", self.group)
        return f"{MINUS if minor < 0 else ''}{grouped}{point and self.decimal}{decimals}"

    def read(self, text: str, currency: str, *, field: str = "amount", may_be_zero: bool = False) -> int:
        """The minor units of a positive amount as it is printed, or in plain digits; refuses as `parse_amount`.

        Spaces around it and the code of its currency are allowed. Where a separator is not in its place nothing is
        guessed: "1,00" in English is neither 1 nor 100.
        """
        plain = self._plain(_bare(text, currency))
        example = self.write(1050, currency)
        return parse_amount(plain, currency, field=field, may_be_zero=may_be_zero, example=example)

    def read_signed(self, text: str, currency: str, *, field: str = "amount") -> int:
        """The minor units of an amount that may have a minus before it; refuses as `parse_amount`."""
        bare = _bare(text, currency)
        sign = -1 if bare.startswith(("-", MINUS)) else 1
        return sign * self.read(bare[1:] if sign < 0 else bare, currency, field=field)

    def _plain(self, text: str) -> str:
        """The amount in plain digits; empty for text that is no amount."""
        found = _pattern(self).fullmatch(text)
        if not found:
            return ""
        whole, decimals = "".join(re.findall("[0-9]", found["whole"])), found["decimals"]
        return f"{whole}.{decimals}" if decimals else whole


def _bare(text: str, currency: str) -> str:
    """The text in narrow characters, without its currency's code and without spaces around it."""
    narrow = text.translate(_NARROW).strip()
    if narrow[-3:].upper() == currency:
        return narrow[:-3].rstrip()
    return narrow[3:].lstrip() if narrow[:3].upper() == currency else narrow


@cache
def _pattern(notation: Notation) -> re.Pattern[str]:
    """Digits without separators, or grouped by threes, or as in India: 12,34,567. One separator is used throughout."""
    group = re.escape(notation.group)
    for alike in (_SPACES, _APOSTROPHES):
        if notation.group in alike:
            group = f"[{re.escape(alike)}]"
    grouped = (
        f"[1-9][0-9]{{0,2}}(?P<first>{group})[0-9]{{3}}(?:(?P=first)[0-9]{{3}})*"
        f"|[1-9][0-9]?(?P<other>{group})(?:[0-9]{{2}}(?P=other))+[0-9]{{3}}"
    )
    return re.compile(f"(?P<whole>{grouped}|[0-9]+)(?:{re.escape(notation.decimal)}(?P<decimals>[0-9]+))?")
