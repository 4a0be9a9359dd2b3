"""Choice of fonts for a text: Noto, script by script, so that a PDF embeds no more than it shows."""

import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Final

import typst
from fontTools.ttLib import TTFont

MISSING: Final = "\N{REPLACEMENT CHARACTER}"
_INVISIBLE: Final = frozenset({"Cf", "Cn", "Co"})  # controls of direction, unassigned and private characters
_JOINERS: Final = "\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NON-JOINER}"  # without which some scripts can't be written
_KANA: Final = range(0x3040, 0x3100)  # only Japanese is written with them


@dataclass(frozen=True)
class Font:
    """A font in a file of a package: its family, and its index where the file holds several."""

    family: str
    package: str
    file: str
    number: int = 0

    @property
    def path(self) -> Path:
        """The path of the file: packages are installed as files."""
        with as_file(files(self.package) / self.file) as path:
            return path

    def has(self, character: str) -> bool:
        """Whether the font has a character."""
        return ord(character) in _characters(self)


def _noto(script: str) -> Font:
    return Font(f"Noto Sans {script}".strip(), "manimgx_fonts", f"NotoSans{script}[wght].ttf")


def _cjk(region: str, number: int) -> Font:
    return Font(f"Noto Sans CJK {region}", "noto_cjk_sans_otc", "NotoSansCJK-Regular.ttc", number)


LATIN: Final = _noto("")  # and Greek and Cyrillic
JAPANESE, CHINESE = _cjk("JP", 0), _cjk("SC", 2)  # they have the same characters, and draw some of them differently
OTHERS: Final = (
    *map(_noto, ("Arabic", "Hebrew", "Devanagari", "Bengali", "Gurmukhi", "Gujarati", "Oriya", "Tamil", "Telugu")),
    *map(_noto, ("Kannada", "Malayalam", "Sinhala", "Thai", "Lao", "Myanmar", "Khmer", "Georgian", "Armenian")),
    _noto("Ethiopic"),
    CHINESE,
    _noto("Symbols"),
    Font("Noto Emoji", "manimgx_fonts", "NotoEmoji[wght].ttf"),
)


def showable(text: str) -> str:
    """A text without characters that change how others are read, and with a sign in place of those that no font has.

    A mark at its beginning, which would hang out of the line, gets a space to sit on.
    """
    shown = "".join(map(_shown, unicodedata.normalize("NFC", text)))
    return f"\N{NO-BREAK SPACE}{shown}" if unicodedata.category(shown[:1] or " ").startswith("M") else shown


def families_for(text: str) -> list[str]:
    """The families of fonts that a text needs, the Latin one first; no more of them are opened than necessary."""
    missing = {character for character in text if not LATIN.has(character)}
    found = [LATIN]
    for font in OTHERS:
        if not missing:
            break
        if own := {character for character in missing if font.has(character)}:
            found.append(font)
            missing -= own
    return [_in_language(font, text).family for font in found]


def is_right_to_left(text: str) -> bool:
    """Whether a text begins from the right: its first letter with a direction decides (Unicode's rules P2 and P3)."""
    directions = map(unicodedata.bidirectional, text)
    return next((found in {"R", "AL"} for found in directions if found in {"L", "R", "AL"}), False)


@cache
def all_fonts() -> typst.Fonts:
    """The files of all fonts, and no other: the same statement looks the same on every machine."""
    folders = sorted({font.path.parent for font in (LATIN, *OTHERS)})
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders)


def _in_language(font: Font, text: str) -> Font:
    return JAPANESE if font is CHINESE and any(ord(character) in _KANA for character in text) else font


def _shown(character: str) -> str:
    if character in _JOINERS:
        return character
    if unicodedata.category(character) in _INVISIBLE:
        return ""
    return character if any(font.has(character) for font in (LATIN, *OTHERS)) else MISSING


@cache
def _characters(font: Font) -> frozenset[int]:
    """All characters of a font; each font is read once."""
    with TTFont(font.path, fontNumber=font.number, lazy=True) as opened:
        return frozenset(opened.getBestCmap())
