"""Formats values for the admin's pages; all results are escaped."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_noop, ngettext

from eventstore import personal

__all__ = [
    "NOTHING",
    "Fact",
    "Link",
    "Section",
    "Steps",
    "brief",
    "identifier",
    "link_to",
    "list_of",
    "mark",
    "mode",
    "moment",
    "named",
    "parked",
    "state",
    "stream_link",
    "structure",
    "value",
]

NOTHING = "–"

# Marked here, translated where they are shown.
STATES = {
    "live": gettext_noop("live"),
    "stale": gettext_noop("stale"),
    "to be built": gettext_noop("to be built"),
    "not installed": gettext_noop("not installed"),
}
MODES = {
    "real-time": gettext_noop("real-time"),
    "delayed": gettext_noop("delayed"),
    "reaction": gettext_noop("reaction"),
    "relay": gettext_noop("delivery to another system"),
}


@dataclass(frozen=True)
class Fact:
    """One line of a page: a label, a value, and at times a mark beside it, whose tone is "good", "bad" or "quiet"."""

    label: Any
    value: Any
    mark: Any = ""
    tone: str = "quiet"
    is_name: bool = False  # the label is a name from the code, and stands as it is


@dataclass(frozen=True)
class Section:
    """Facts that belong together."""

    title: Any
    facts: list[Fact]
    note: Any = ""


@dataclass(frozen=True)
class Link:
    """A link from a page to another."""

    text: str
    url: str


@dataclass(frozen=True)
class Steps:
    """A place in a sequence, and the addresses of its neighbours."""

    here: Any
    previous: str | None
    next: str | None


def value(found: Any, links: Mapping[UUID, str] | None = None) -> str:
    """Any value as text or HTML; ids in `links` become links."""
    match found:
        case None | "":
            return NOTHING
        case SafeString():
            return found
        case bool():
            return gettext("yes") if found else gettext("no")
        case datetime():
            return moment(found)
        case UUID():
            return identifier(found, (links or {}).get(found))
        case bytes() | memoryview():
            return identifier(bytes(found).hex())
        case int() | str():
            return str(found)
        case _:
            plain = personal.shown(found)
            return plain if isinstance(plain, str) else structure(plain)


def moment(at: datetime | None) -> str:
    """A time in UTC, to the second; the microseconds are in its attribute."""
    if at is None:
        return NOTHING
    at = at.astimezone(UTC)
    text = f"{at:%Y-%m-%d %H:%M:%S}"
    return format_html('<time datetime="{}">{} <span class="zone">UTC</span></time>', at.isoformat(), text)


def identifier(found: Any, url: str | None = None, *, short: bool = False) -> SafeString:
    """An id, as a link if it has an address; `short` shows only its kind and its end."""
    text = str(found)
    shown = brief(text) if short else text
    if url is None:
        return format_html('<span class="id" title="{}">{}</span>', text, shown)
    return format_html('<a class="id" title="{}" href="{}">{}</a>', text, url, shown)


def named(name: str | None, shown: SafeString) -> SafeString:
    """A name with the id that it stands for; the id alone where there is no name."""
    return shown if not name else format_html('<span class="name">{}</span> {}', name, shown)


def brief(text: str) -> str:
    """The kind and the last characters of a long id: "reader:…1b2c3d4e"."""
    kind, colon, rest = text.rpartition(":")
    return f"{kind}{colon}…{rest[-8:]}" if len(rest) > 12 else text


def structure(found: Any) -> SafeString:
    """Lists and mappings, as readable JSON."""
    text = json.dumps(personal.shown(found), indent=2, ensure_ascii=False)
    return format_html('<pre class="structure">{}</pre>', text)


def mark(text: str, tone: str = "quiet") -> SafeString:
    """A highlighted word: an outcome, a state."""
    return format_html('<span class="mark mark--{}">{}</span>', tone, text)


def link_to(model: str, key: Any, *, app: str = "eventstore") -> str:
    """The address of an object's page."""
    return reverse(f"admin:{app}_{model}_change", args=(key,))


def stream_link(category: str, stream_id: UUID, *, short: bool = False, name: str | None = None) -> SafeString:
    """A stream, by its category and id, and by the name of what it is about."""
    shown = brief(str(stream_id)) if short else stream_id
    url = link_to("stream", stream_id)
    link = format_html('<a href="{}">{} <span class="id" title="{}">{}</span></a>', url, category, stream_id, shown)
    return named(name, link)


def list_of(model: str, query: Mapping[str, Any] | None = None, *, app: str = "eventstore") -> str:
    """The address of a list, filtered."""
    return reverse(f"admin:{app}_{model}_changelist", query=query)


def state(name: str) -> SafeString:
    """The state of a projection."""
    tones = {"live": "good"}
    return mark(gettext(STATES.get(name, name)), tones.get(name, "bad"))


def parked(projection: str, streams: int, given_up: int) -> str:
    """The number of streams parked for a projection, as a link, and how many of them wait for a person."""
    if not streams:
        return "0"
    text = ngettext("%(count)d waits for a person", "%(count)d wait for a person", given_up) % {"count": given_up}
    url, people = list_of("parked", {"projection": projection}), mark(text, "bad") if given_up else ""
    return format_html('<a href="{}">{} {}</a>', url, streams, people)


def mode(name: str) -> str:
    """The mode of a subscriber: real-time, delayed, a reaction, or a delivery to another system."""
    return gettext(MODES.get(name, name))
