"""The catalogue in the admin: each event and command on a page of its own, and the documents to take along."""

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext

from eventstore.admin import catalogue_entry, show
from eventstore.admin.readonly import READING, ReadOnlyAdmin
from eventstore.admin.rows import Cell, Column, Table
from eventstore.admin.show import Link
from eventstore.catalogue import Entry, entries
from eventstore.catalogue.documents import MAKERS, text_of

MEDIA_TYPES: Final = {
    "asyncapi": "application/vnd.aai.asyncapi+json;version=3.0.0",
    "json-schema": "application/schema+json",
}
PARAMETERS: Final = ("kind", "category", "personal")


class Choice(NamedTuple):
    """One choice of a filter, as its template takes it."""

    display: str
    query_string: str
    selected: bool


class Filter(NamedTuple):
    """A filter of the catalogue; the first choice is that of all."""

    title: str
    choices: Sequence[Choice]

    @property
    def chosen(self) -> str:
        """What is chosen, in words; empty where nothing is."""
        return next((choice.display for choice in self.choices[1:] if choice.selected), "")

    @property
    def without(self) -> str:
        """The list without this filter."""
        return self.choices[0].query_string


class CatalogueAdmin(ReadOnlyAdmin):
    """Adds the catalogue to a read-only admin. Who may see the admin's list may see it."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        own = [
            path("catalogue/", view(self.catalogue_view), name="eventstore_catalogue"),
            path("catalogue/<slug:document>.json", view(self.document_view), name="eventstore_catalogue_document"),
            path("catalogue/<str:stored_name>/", view(self.entry_view), name="eventstore_catalogue_entry"),
        ]
        return [*own, *super().get_urls()]

    def catalogue_view(self, request: HttpRequest) -> HttpResponse:
        """All events and commands, or those that are searched for."""
        self._must_see(request)
        found, term = entries(), request.GET.get("q", "").strip()
        chosen = {name: request.GET[name] for name in PARAMETERS if request.GET.get(name)}
        shown = [entry for entry in found if _is_meant(entry, term, chosen)]
        more = {
            "title": gettext("Catalogue of events and commands"),
            "query": term,
            "chosen": chosen,
            "filters": list(_filters(found, term, chosen)),
            "table": _table(shown) if shown else None,
            "links": documents(),
        }
        return self._page(request, "admin/eventstore/catalogue.html", more)

    def entry_view(self, request: HttpRequest, stored_name: str) -> HttpResponse:
        """One event or command; 404 if the code declares none of this name."""
        self._must_see(request)
        entry = next((entry for entry in entries() if entry.name == stored_name), None)
        if entry is None:
            raise Http404
        return self._page(request, "admin/eventstore/catalogue_entry.html", catalogue_entry.context(entry))

    def document_view(self, request: HttpRequest, document: str) -> HttpResponse:
        """A document, as `manage.py catalogue` writes it."""
        self._must_see(request)
        if document not in MAKERS:
            raise Http404
        headers = {"Content-Disposition": f'attachment; filename="{document}.json"'}
        return HttpResponse(text_of(document), content_type=MEDIA_TYPES[document], headers=headers)

    def _must_see(self, request: HttpRequest) -> None:
        if request.method not in READING or not self.has_view_permission(request):
            raise PermissionDenied

    def _page(self, request: HttpRequest, template: str, more: dict[str, Any]) -> HttpResponse:
        return TemplateResponse(request, template, {**self.admin_site.each_context(request), "opts": self.opts, **more})


def documents() -> list[Link]:
    """Links to the documents."""
    address = "admin:eventstore_catalogue_document"
    return [
        Link(gettext("Download as AsyncAPI"), reverse(address, args=["asyncapi"])),
        Link(gettext("Download as JSON Schema"), reverse(address, args=["json-schema"])),
    ]


def _is_meant(entry: Entry, term: str, chosen: dict[str, str]) -> bool:
    said = {"kind": entry.noun, "category": entry.category, "personal": "yes" if entry.is_personal else "no"}
    texts = [
        entry.name,
        entry.title,
        entry.description,
        catalogue_entry.described(entry),
        *(each.name for each in entry.fields),
    ]
    is_found = any(term.casefold() in text.casefold() for text in texts)
    return is_found and all(said[name] == value for name, value in chosen.items())


def _filters(found: Sequence[Entry], term: str, chosen: dict[str, str]) -> Iterator[Filter]:
    categories = sorted({entry.category for entry in found})
    offers = {
        "kind": (gettext("kind"), [("event", gettext("event")), ("command", gettext("command"))]),
        "category": (gettext("category"), [(name, name) for name in categories]),
        "personal": (gettext("personal fields"), [("yes", gettext("yes")), ("no", gettext("no"))]),
    }
    for name, (title, values) in offers.items():
        now = chosen.get(name, "")
        choices = [("", gettext("all")), *values]
        asked = {"q": term, **chosen}
        yield Filter(title, [Choice(text, _query({**asked, name: value}), value == now) for value, text in choices])


def _query(asked: dict[str, str]) -> str:
    return f"?{urlencode({name: value for name, value in asked.items() if value})}"


def _table(found: Sequence[Entry]) -> Table:
    columns = [
        Column("name", gettext("stored name"), is_number=False),
        Column("kind", gettext("kind"), is_number=False),
        Column("tells", gettext("what it tells"), is_number=False),
        Column("version", gettext("version"), is_number=True),
        Column("personal", gettext("personal fields"), is_number=False),
    ]
    return Table(columns, [[Cell(*parts) for parts in zip(columns, *_cells(entry), strict=True)] for entry in found])


def _cells(entry: Entry) -> tuple[list[str], list[str | None]]:
    """The values of an entry's cells, and their addresses."""
    values = [
        entry.name,
        catalogue_entry.noun_of(entry),
        catalogue_entry.described(entry) or show.NOTHING,
        str(entry.present.number),
        ", ".join(entry.kind.personal) or show.NOTHING,
    ]
    return values, [catalogue_entry.address_of(entry.name), *[None] * (len(values) - 1)]
