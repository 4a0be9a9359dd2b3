"""What a browser says of itself, as briefly as its owner would: "Firefox", "Windows". No version, and no model."""

import re
from typing import Final, NamedTuple

# The first that fits is right: most browsers also claim to be those below them.
BROWSERS: Final = (
    ("Edge", r"\bEdg(e|A|iOS)?/"),
    ("Opera", r"\b(OPR|OPT|Opera)/"),
    ("Samsung Internet", r"\bSamsungBrowser/"),
    ("Vivaldi", r"\bVivaldi/"),
    ("Yandex Browser", r"\bYaBrowser/"),
    ("UC Browser", r"\bUCBrowser/"),
    ("QQ Browser", r"\bM?QQBrowser/"),
    ("WeChat", r"\bMicroMessenger/"),
    ("Firefox", r"\b(Firefox|FxiOS)/"),
    ("Chrome", r"\b(Chrome|CriOS|Chromium|HeadlessChrome)/"),
    ("Safari", r"\bSafari/"),
)
SYSTEMS: Final = (
    ("iOS", r"\b(iPhone|iPad|iPod)\b"),
    ("Android", r"\bAndroid\b"),
    ("HarmonyOS", r"\b(HarmonyOS|OpenHarmony)\b"),
    ("Windows", r"\bWindows\b"),
    ("ChromeOS", r"\bCrOS\b"),
    ("macOS", r"\b(Macintosh|Mac OS X)\b"),
    ("Linux", r"\b(Linux|X11)\b"),
)
LONGEST: Final = 1_000  # characters of the header that are looked at; no browser sends so many


class Device(NamedTuple):
    """A browser and its system; either is empty if it is none that is known."""

    browser: str = ""
    system: str = ""


def device_of(user_agent: str) -> Device:
    """The browser and the system of a `User-Agent`."""
    text = user_agent[:LONGEST]
    return Device(_first(BROWSERS, text), _first(SYSTEMS, text))


def _first(known: tuple[tuple[str, str], ...], text: str) -> str:
    return next((name for name, pattern in known if re.search(pattern, text)), "")
