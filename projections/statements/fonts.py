"""Choice of fonts for a text: Noto, script by script, so that a PDF embeds no more than it shows."""

import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Final

from fontTools.ttLib import TTFont

SIMPLIFIED_CHINESE: Final = 2  # the index of one of five fonts in Noto Sans CJK, which draw some characters differently
MISSING: Final = "\N{REPLACEMENT CHARACTER}"
_INVISIBLE: Final = frozenset({"Cf", "Cn", "Co"})  # controls of direction, unassigned and private characters
_JOINERS: Final = "\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NON-JOINER}"  # without which some scripts can't be written


@dataclass(frozen=True)
class Font:
    """A font in a file of a package; `number` is its index where the file holds several.

    `joins` says that characters change shape beside others, so that a text is set as a whole, which takes longer.
    """

    name: str
    package: str
    file: str
    number: int = 0
    joins: bool = False

    @property
    def path(self) -> Path:
        """The path of the file: packages are installed as files."""
        with as_file(files(self.package) / self.file) as path:
            return path

    def has(self, character: str) -> bool:
        """Whether the font has a character."""
        return ord(character) in _characters(self)


def _noto(script: str) -> Font:
    return Font(f"noto{script.lower()}", "manimgx_fonts", f"NotoSans{script}[wght].ttf", joins=bool(script))


LATIN: Final = _noto("")  # and Greek and Cyrillic
OTHERS: Final = (
    *map(_noto, ("Arabic", "Hebrew", "Devanagari", "Bengali", "Gurmukhi", "Gujarati", "Oriya", "Tamil", "Telugu")),
    *map(_noto, ("Kannada", "Malayalam", "Sinhala", "Thai", "Lao", "Myanmar", "Khmer", "Georgian", "Armenian")),
    _noto("Ethiopic"),
    Font("notocjk", "noto_cjk_sans_otc", "NotoSansCJK-Regular.ttc", SIMPLIFIED_CHINESE),
    _noto("Symbols"),
    Font("notoemoji", "manimgx_fonts", "NotoEmoji[wght].ttf"),
)


def fonts_for(text: str) -> list[Font]:
    """The fonts that a text needs besides the Latin one; no more of them are opened than necessary."""
    missing = {character for character in text if not LATIN.has(character)}
    found = []
    for font in OTHERS:
        if not missing:
            break
        if own := {character for character in missing if font.has(character)}:
            found.append(font)
            missing -= own
    return found


def showable(text: str, fonts: list[Font]) -> str:
    """A text without characters that change how others are read, and with a sign in place of those that no font has."""
    return "".join(_shown(character, fonts) for character in unicodedata.normalize("NFC", text))


def _shown(character: str, fonts: list[Font]) -> str:
    if character in _JOINERS:
        return character
    if unicodedata.category(character) in _INVISIBLE:
        return ""
    return character if LATIN.has(character) or any(font.has(character) for font in fonts) else MISSING


@cache
def _characters(font: Font) -> frozenset[int]:
    """All characters of a font; each font is read once."""
    with TTFont(font.path, fontNumber=font.number, lazy=True) as opened:
        return frozenset(opened.getBestCmap())
