"""Units: how the values of a chart are written, in full and on an axis, in the reader's language."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final, Protocol

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.domain.money import EXPONENTS
from accounts.templatetags.money import plain_money
from accounts.users.separators import separators
from projections.charts.scale import Scale

MINUS: Final = "\N{MINUS SIGN}"
MANY: Final = 10_000  # from here on, an axis counts in thousands, or more

# Powers of ten with a word. Chinese counts in ten thousands.
Powers = Sequence[tuple[int, Any]]
BY_THOUSANDS: Final[Powers] = ((12, _("trillions")), (9, _("billions")), (6, _("millions")), (3, _("thousands")))
BY_TEN_THOUSANDS: Final[Powers] = ((12, _("trillions")), (8, _("hundred millions")), (4, _("ten thousands")))


class Unit(Protocol):
    """What the values of a chart are: whole numbers of the smallest unit."""

    @property
    def exponent(self) -> int:
        """How many decimals a value has when it is written."""

    @property
    def name(self) -> str:
        """What stands beside an axis; empty if nothing needs to be said."""

    def write(self, value: int) -> str:
        """A value in full."""


@dataclass(frozen=True)
class Count:
    """Things that are counted."""

    name: str = ""
    exponent: ClassVar[int] = 0

    def write(self, value: int) -> str:
        """The number, with grouped thousands."""
        return number(value)


@dataclass(frozen=True)
class Money:
    """Minor units of a currency."""

    name: str  # the currency's code

    @property
    def exponent(self) -> int:
        return EXPONENTS[self.name]

    def write(self, value: int) -> str:
        """The amount with its currency."""
        return plain_money(value, self.name)


@dataclass(frozen=True)
class Axis:
    """The words of an axis: what it counts in, and a text for each tick."""

    caption: str
    texts: list[str]


def axis_of(scale: Scale, unit: Unit) -> Axis:
    """The words for the ticks of a scale: short ones, with as many decimals as tell them apart."""
    power, word = _power(max(-scale.low, scale.high), unit.exponent)
    shift = unit.exponent + power
    decimals = max(shift - _zeros(scale.step), 0)
    if decimals and not power:
        decimals = unit.exponent  # 0.50, as money is written
    caption = ", ".join(filter(None, (unit.name, str(word))))
    return Axis(caption, [number(tick, shift, decimals) for tick in scale.ticks])


def number(value: int, shift: int = 0, decimals: int = 0) -> str:
    """A value over 10**shift, with a number of decimals that loses nothing, in the reader's notation."""
    point, group = separators()
    digits = str(abs(value)).rjust(shift + 1, "0")
    whole, rest = digits[: len(digits) - shift], digits[len(digits) - shift :]
    grouped = f"{int(whole):,}".replace(",", group)
    return f"{MINUS if value < 0 else ''}{grouped}{point + rest[:decimals] if decimals else ''}"


def _power(greatest: int, exponent: int) -> tuple[int, Any]:
    major = greatest // 10**exponent
    powers = BY_TEN_THOUSANDS if (get_language() or "").startswith("zh") else BY_THOUSANDS
    if major < MANY:
        return 0, ""
    return next(found for found in powers if major >= 10 ** found[0])


def _zeros(step: int) -> int:
    return len(str(step)) - len(str(step).rstrip("0"))
