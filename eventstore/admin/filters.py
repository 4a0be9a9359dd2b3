"""Filters of the admin's lists, each answered by an index."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Final

from django.contrib.admin.filters import ListFilter, SimpleListFilter
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from eventstore import messages
from eventstore.admin.keyset import AFTER, BEFORE
from eventstore.messages import is_moment
from eventstore.projecting.declaration.registry import subscribers

SLACK: Final = timedelta(minutes=5)  # longer than a command may wait between reading the clock and drawing its place
SINCE: Final = "since"
UNTIL: Final = "until"


def first_since(rows: "QuerySet[Any]", moment: datetime) -> int:
    """The first place (position or number) recorded at a moment or later; one past the end if there is none.

    By bisection, because times rise with places: it looks at log₂(n) rows, and needs no index on the time.
    """
    last = rows.order_by("-pk").values_list("pk", flat=True).first() or 0

    def recorded_at(place: int) -> datetime:
        return rows.filter(pk__gte=place).order_by("pk").values_list("recorded_at", flat=True)[0]  # type: ignore[no-any-return]

    return 1 + bisect_left(range(1, last + 1), moment, key=recorded_at)


class Filter(SimpleListFilter):
    """A choice by one parameter."""

    template = "admin/eventstore/filter.html"
    parameters: ClassVar[tuple[str, ...]]

    def chosen(self) -> Any | None:
        """What is chosen, in words; `None` where nothing is."""
        if self.value() is None:
            return None
        return next((text for value, text in self.lookup_choices if str(value) == self.value()), self.value())


class TypeFilter(Filter):
    """One type of events."""

    title = _("type")
    parameter_name = "type"
    parameters = ("type",)
    registry: ClassVar[Mapping[str, messages.MessageType]] = messages.events

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, name) for name in sorted(self.registry)]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        return queryset.filter(type=self.value()) if self.value() else queryset


class CommandTypeFilter(TypeFilter):
    """One type of commands."""

    registry = messages.commands


class CategoryFilter(Filter):
    """One category of streams."""

    title = _("category")
    parameter_name = "category"
    parameters = ("category",)

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, name) for name in sorted({kind.category for kind in messages.events.values()})]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        return queryset.filter(category=self.value()) if self.value() else queryset


class EventCategoryFilter(CategoryFilter):
    """One category, as the types that belong to it: events have an index by type, and none by category."""

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        return queryset

    def branches(self, queryset: "QuerySet[Any]") -> list["QuerySet[Any]"]:
        """The list of each type; the page merges them."""
        if self.value() is None:
            return [queryset]
        return [queryset.filter(type=name) for name, kind in messages.events.items() if kind.category == self.value()]


class OutcomeFilter(Filter):
    """Accepted or refused commands."""

    title = _("outcome")
    parameter_name = "outcome"
    parameters = ("outcome",)

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("accepted", _("accepted")), ("refused", _("refused"))]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        return queryset.filter(accepted=self.value() == "accepted") if self.value() else queryset


class ParkedFilter(Filter):
    """Parked streams of one projection or reaction."""

    title = _("projection")
    parameter_name = "projection"
    parameters = ("projection",)

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, name) for name, served in sorted(subscribers().items()) if served.delayed]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        return queryset.filter(projection_id=self.value()) if self.value() else queryset


class WaitsForFilter(Filter):
    """Parked streams that are retried by themselves, or by a person alone."""

    title = _("tried again")
    parameter_name = "by"
    parameters = ("by",)

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("person", _("waits for a person")), ("itself", _("by itself"))]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        return queryset.filter(retry_at__isnull=self.value() == "person") if self.value() else queryset


class RecordedFilter(ListFilter):
    """A stretch of time, in UTC: from a moment on, and before another."""

    title = _("time (UTC)")
    template = "admin/eventstore/recorded_filter.html"
    parameters = (SINCE, UNTIL)

    def __init__(
        self, request: HttpRequest, params: dict[str, list[str]], model: type[Model], model_admin: Any
    ) -> None:
        super().__init__(request, params, model, model_admin)
        given = {name: params.pop(name)[-1] for name in self.parameters if name in params}
        self.moments = {name: _moment(text) for name, text in given.items() if text}
        self.others = [(name, text) for name, text in request.GET.items() if name not in (*given, AFTER, BEFORE)]
        self.used_parameters.update({name: _text(at) for name, at in self.moments.items()})

    def has_output(self) -> bool:
        return True

    def expected_parameters(self) -> list[str | None]:
        return list(self.parameters)

    def choices(self, changelist: ChangeList) -> Iterator[Mapping[str, object]]:
        """Common periods; the template adds a form for any other."""
        today = timezone.now().astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        offers: list[tuple[Any, datetime | None]] = [
            (_("any time"), None),
            (_("today"), today),
            (_("the past 7 days"), today - timedelta(days=7)),
            (_("the past 30 days"), today - timedelta(days=30)),
        ]
        for display, since in offers:
            text = _text(since) if since else None
            query = changelist.get_query_string({SINCE: text, UNTIL: None})
            selected = self.used_parameters == ({SINCE: text} if text else {})
            yield {"display": display, "query_string": query, "selected": selected}

    def chosen(self) -> str | None:
        """The stretch of time, in words; `None` where none is given."""
        words = {SINCE: gettext("from %(moment)s"), UNTIL: gettext("before %(moment)s")}
        given = [words[name] % {"moment": f"{at:%Y-%m-%d %H:%M:%S}"} for name, at in self.moments.items()]
        return ", ".join(given) or None

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        """Narrow by position, which is indexed, and then by time, as neighbouring positions may differ by a moment."""
        rows = queryset.model._default_manager.using(queryset.db)
        if since := self.moments.get(SINCE):
            queryset = queryset.filter(pk__gte=first_since(rows, since - SLACK), recorded_at__gte=since)
        if until := self.moments.get(UNTIL):
            queryset = queryset.filter(pk__lt=first_since(rows, until + SLACK), recorded_at__lt=until)
        return queryset


def _moment(text: str) -> datetime:
    """A time in an address, in UTC unless it says otherwise; raises IncorrectLookupParameters for one that is none."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise IncorrectLookupParameters(error) from error
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at
    if not is_moment(at):
        raise IncorrectLookupParameters(text)
    return at.astimezone(UTC)


def _text(moment: datetime) -> str:
    return moment.replace(tzinfo=None).isoformat(timespec="seconds")
