"""Characters that nobody sees, or that make others appear in another order: they have no place in names and reasons.

The sets follow the Unicode Standard: Default_Ignorable_Code_Point (DerivedCoreProperties), and its annex 9 for the
controls of writing direction.
"""

import re
import unicodedata
from typing import Final

# Ranges of characters, as they stand between the brackets of a regular expression.
CONTROLS: Final = r"\u0000-\u001f\u007f-\u009f\u2028\u2029"  # NUL, line feeds and the like
DIRECTIONS: Final = r"\u202a-\u202e"  # embeddings and overrides; isolates are among the invisible
INVISIBLE: Final = (
    r"\u00ad\u115f\u1160\u17b4\u17b5\u180e\u200b\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\ufdd0-\ufdef"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e00ff\U000e01f0-\U000e0fff"
)
SHAPERS: Final = (  # joiners, marks of direction, and selectors of a glyph's variant: they shape their neighbours
    r"\u034f\u061c\u180b-\u180d\u180f\u200c-\u200f\ufe00-\ufe0f" "\U000e0100-\U000e01ef"
)
# Symbols to Unicode, and nothing to the eye: Braille's blank, a note without a head, and how hieroglyphs are joined.
BLANKS: Final = "\u2800\U0001d159\U00013430-\U0001343f"

UNFIT: Final = CONTROLS + DIRECTIONS + INVISIBLE
UNSEEN: Final = UNFIT + SHAPERS + BLANKS + r"\s"

_CONTROL = re.compile(f"[{CONTROLS}\\ud800-\\udfff]")
_UNFIT = re.compile(rf"[{UNFIT}]|(?<![^\x00-\x7f]|[0-9#*])[{SHAPERS}]")
_SEEN = re.compile(f"[^{UNSEEN}]")
_UNSEEN = re.compile(f"[{UNSEEN}]")


def has_control(text: str) -> bool:
    """Whether a text holds a control character, a separator of lines, or half of a character (a lone surrogate)."""
    return _CONTROL.search(text) is not None


def first_unfit(text: str) -> str | None:
    """The first character that nobody sees, or that turns the direction of others, as `U+200B`.

    A joiner, a mark of direction or a selector of variants is fit where writing needs it: after a character that is
    not ASCII (scripts of Asia, emoji), or after a digit, `#` or `*` (keycaps).
    """
    found = _UNFIT.search(text)
    return f"U+{ord(found[0]):04X}" if found else None


def is_blank(text: str) -> bool:
    """Whether a reader sees nothing: spaces, and characters that have no shape of their own."""
    return _SEEN.search(text) is None


def is_plain(text: str) -> bool:
    """Whether each character is seen by itself: no spaces, joiners, marks of direction or other formats."""
    return not _UNSEEN.search(text) and not any(unicodedata.category(letter) == "Cf" for letter in text)
