"""The page of one event or command in the catalogue."""

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext

from eventstore import models
from eventstore.admin import show
from eventstore.admin.show import Fact, Link, Section
from eventstore.catalogue import Entry, Field, Version


def context(entry: Entry) -> dict[str, Any]:
    """The template's context."""
    return {
        "title": f"{noun_of(entry).capitalize()} {entry.name}",
        "entry": entry,
        "description": described(entry),
        "links": [_list_of(entry)],
        "sections": list(_sections(entry)),
        "examples": list(_examples(entry)),
    }


def address_of(name: str) -> str:
    """The address of the page of an event or command, by its stored name."""
    return reverse("admin:eventstore_catalogue_entry", args=[name])


def noun_of(entry: Entry) -> str:
    """The word for what an entry is."""
    return gettext("event") if entry.noun == "event" else gettext("command")


def described(entry: Entry) -> str:
    """The description in the reader's language; empty if there is none."""
    return gettext(entry.description) if entry.description else ""


def _list_of(entry: Entry) -> Link:
    text = gettext("All events of this type") if entry.noun == "event" else gettext("All commands of this type")
    return Link(text, show.list_of(entry.noun, {"type": entry.name}))


def _sections(entry: Entry) -> Iterable[Section]:
    yield Section(gettext("Fields"), [_field(field, entry) for field in entry.fields])
    yield Section(gettext("Where it comes from, and who is given it"), list(_flow(entry)))
    yield Section(gettext("Versions"), [_version(version) for version in reversed(entry.versions)])


def _field(field: Field, entry: Entry) -> Fact:
    """A field: its type, its unit, what it means."""
    told = [gettext(text) for text in (field.note.description or field.note.unit, field.note.remark) if text]
    text = format_html('<code>{}</code> <span class="quiet">{}</span>', field.type, "; ".join(told))
    if not field.is_personal:
        return Fact(field.name, text, is_name=True)
    whose = gettext("personal, encrypted with the key of %(subject)s") % {"subject": entry.kind.subject}
    return Fact(field.name, text, mark=whose, is_name=True)


def _flow(entry: Entry) -> Iterable[Fact]:
    streams = ", ".join(f"{category} ({name})" for name, category in entry.kind.streams.items())
    if entry.noun == "event":
        yield Fact(gettext("Stream"), streams)
        yield Fact(gettext("Emitted by"), _names(entry.made_by))
    else:
        yield Fact(gettext("Decided over"), streams)
        yield Fact(gettext("Leads to"), _names(entry.emits))
        yield Fact(gettext("Sent without a person, by"), ", ".join(entry.made_by) or show.NOTHING)
    yield Fact(gettext("Listened to by"), _readers(entry))
    yield Fact(gettext("Class in the code"), format_html("<code>{}.{}</code>", entry.kind.cls.__module__, entry.title))


def _names(names: Iterable[str]) -> str:
    linked = [(address_of(name), name) for name in names]
    return format_html_join(", ", '<a href="{}">{}</a>', linked) or show.NOTHING


def _readers(entry: Entry) -> str:
    """Projections, reactions and targets, as links to those that are installed."""
    names = [reader.name for reader in entry.read_by]
    installed = set(models.Projection.objects.filter(name__in=names).values_list("name", flat=True))
    shown = [
        format_html('<a href="{}">{}</a>', show.link_to("projection", reader.name), reader.name)
        if reader.name in installed
        else reader.name
        for reader in entry.read_by
    ]
    modes = [show.mode(reader.mode) for reader in entry.read_by]
    return format_html_join(", ", '{} <span class="quiet">{}</span>', zip(shown, modes, strict=True)) or show.NOTHING


def _version(version: Version) -> Fact:
    label = gettext("Version %(number)s") % {"number": version.number}
    shape = show.structure(version.shape.fields)
    if version.upcast_by is None:
        return Fact(label, shape, mark=gettext("present"), tone="good")
    told = gettext("Read as the next version by %(function)s.") % {"function": version.upcast_by}
    more = gettext(version.upcast) if version.upcast else ""
    return Fact(label, format_html('{}<p class="quiet">{} {}</p>', shape, told, more))


def _examples(entry: Entry) -> Iterable[tuple[str, str]]:
    """Titles and texts of made-up examples."""
    if entry.present.example is not None:
        yield gettext("Example"), show.structure(entry.present.example)
    if entry.noun == "event" and (delivered := entry.delivered()):
        yield gettext("As it is delivered to other systems"), show.structure(delivered)
