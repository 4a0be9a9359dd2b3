"""Read-only admins: facts are recorded by commands, and read models follow from facts."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from django.contrib import admin
from django.contrib.admin.options import ShowFacets
from django.contrib.admin.utils import label_for_field, unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse

from eventstore import readers
from eventstore.admin import elsewhere, show, words
from eventstore.admin.keyset import KeysetChangeList
from eventstore.admin.rows import value_of
from eventstore.admin.show import Fact, Link, Section
from eventstore.errors import RangeDetached
from eventstore.models import Command, Event, Stream
from eventstore.projecting.declaration.registry import projections

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
else:
    ModelAdmin = admin.ModelAdmin

READING = frozenset({"GET", "HEAD"})


class ReadOnlyAdmin(ModelAdmin):
    """Shows lists by key and pages of facts; every attempt to add, change or delete is answered with 403."""

    key_field: ClassVar[str] = "pk"  # what lists are ordered by, greatest first: unique, and indexed
    detail_fields: ClassVar[tuple[str, ...]] = ()  # fields, or methods of the admin, that an object's page shows
    number_columns: ClassVar[tuple[str, ...]] = ()  # methods of the admin whose columns hold numbers or amounts
    detail_template: ClassVar[str] = "admin/eventstore/detail.html"

    change_list_template = "admin/eventstore/list.html"
    browsed_by: ClassVar[Mapping[str, str]] = {}  # parameters of the list that take an index which may be elsewhere
    list_per_page = 50
    sortable_by = ()
    actions = None
    show_full_result_count = False
    show_facets = ShowFacets.NEVER
    empty_value_display = show.NOTHING

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[KeysetChangeList]:
        return KeysetChangeList

    def get_key_field(self, request: HttpRequest) -> str:
        """The field that the list of this request is ordered by."""
        return self.key_field

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Allow only the admin's own filters, which have an index: any other could read the whole table."""
        return any(lookup in getattr(spec, "parameters", ()) for spec in self.get_list_filter(request))

    def get_search_results(
        self, request: HttpRequest, queryset: "QuerySet[Any]", search_term: str
    ) -> tuple["QuerySet[Any]", bool]:
        """The rows that `search` finds for a term; `find` has led to single objects before."""
        term = search_term.strip()
        return (self.search(queryset, term) if term else queryset), False

    def enrich(self, rows: Sequence[Any]) -> None:
        """Add to the rows of a page, in one query for all, what columns show beyond the rows' own fields."""

    def enrich_for(self, request: HttpRequest, rows: Sequence[Any]) -> None:
        """As `enrich`, for who reads it: by default with the project's words for actors and streams."""
        words.attach(rows, request.user)
        self.enrich(rows)

    def name_of(self, row: Any) -> str | None:
        """The project's name for what a row's stream is about."""
        return row.said.streams.get(row.stream_id) if hasattr(row, "said") else None

    def actor_name_of(self, row: Any) -> str | None:
        """The project's name for a row's actor."""
        return row.said.actors.get(words.actor_of(row)) if hasattr(row, "said") else None

    def find(self, term: str) -> str | None:
        """The address of the object that a search term names, if it names one."""
        return None

    def search(self, queryset: "QuerySet[Any]", term: str) -> "QuerySet[Any]":
        """The rows that match a search term, by an index."""
        return queryset.none()

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """A page of the list; a term that names one object redirects to it."""
        if request.method not in READING or not self.has_view_permission(request):
            raise PermissionDenied
        context = {"title": _capitalised(self.opts.verbose_name_plural), **(extra_context or {})}
        return self._answer(request, lambda: self._list(request, context))

    def _list(self, request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
        term = request.GET.get("q", "").strip()
        if term and "\0" not in term and (found := self.find(term)):
            return HttpResponseRedirect(found)
        return super().changelist_view(request, context)

    def _answer(self, request: HttpRequest, ask: Callable[[], HttpResponse]) -> HttpResponse:
        """An answer, by a follower of the database if one has come far enough; it shows the reader's last command.

        What commands do not change, such as parked streams, is always shown as it is here. Where the answer lies in an
        archive alone, a page says so.
        """
        needs = [name for name, projection in projections.items() if projection.model is self.model]
        if not needs and self.model not in (Event, Command, Stream):
            return ask()
        try:
            return readers.answer(ask, readers.sight_of(readers.actor_of(request.user)), needs)
        except RangeDetached as error:
            return elsewhere.page(self.admin_site, request, error)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The page of the object with an id; 404 if there is none."""
        if request.method not in READING or not self.has_view_permission(request):
            raise PermissionDenied
        return self._answer(request, lambda: self._one(request, unquote(object_id)))

    def _one(self, request: HttpRequest, key: str) -> HttpResponse:
        if (found := self.get_object(request, key)) is None:
            raise Http404
        self.enrich_for(request, [found])
        return self.page(request, found)

    def page(self, request: HttpRequest, found: Any, **more: Any) -> HttpResponse:
        """The page of one object."""
        context = {
            **self.admin_site.each_context(request),
            "title": self.title_of(found),
            "opts": self.opts,
            "original": found,
            **self.details(request, found),
            **more,
        }
        return TemplateResponse(request, self.detail_template, context)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """404: nothing is edited, so there is no history of edits."""
        raise Http404

    def title_of(self, obj: Any) -> str:
        """The title of an object's page."""
        return _capitalised(f"{self.opts.verbose_name} {obj}")

    def details(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        """The template's context beyond the object."""
        return {"links": self.links(obj), "sections": [Section("", self.facts(obj, *self.detail_fields))]}

    def links(self, obj: Any) -> list[Link]:
        """Links from an object's page to related pages."""
        return []

    def facts(self, obj: Model, *names: str) -> list[Fact]:
        """Fields of an object, or values of this admin's methods, with their labels."""
        return [self._fact(obj, name) for name in names]

    def _fact(self, obj: Model, name: str) -> Fact:
        return Fact(_capitalised(str(label_for_field(name, self.model, self))), value_of(obj, name, self))


def as_number(term: str) -> int | None:
    """A search term as a position or a number."""
    return int(term) if term.isascii() and term.isdigit() else None


def as_uuid(term: str) -> UUID | None:
    """A search term as an id."""
    try:
        return UUID(term)
    except ValueError:
        return None


def _capitalised(text: Any) -> str:
    return str(text)[:1].upper() + str(text)[1:]
