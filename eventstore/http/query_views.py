"""Query views: an answer states the position of the log that it reflects, and waits for the one that is asked for."""

import time
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, ClassVar, Final, cast

from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from eventstore import feed, readers
from eventstore.decider import Refused, phrase
from eventstore.http.endpoint import Endpoint
from eventstore.http.fields import CursorField, Day, Id, Number, Place, StrictSerializer
from eventstore.http.freshness import Reflected, reflected, reflected_position
from eventstore.http.paging import Page
from eventstore.http.places import come_again, place_to_wait
from eventstore.log.cursor_text import Cursor, Store
from eventstore.log.cursors import cursor, place_of, telling

__all__ = [
    "MAX_DAYS",
    "MAX_ROWS",
    "DetailView",
    "FreshnessQuery",
    "ListView",
    "PageByIdQuery",
    "PageByPositionQuery",
    "PageQuery",
    "PeriodQuery",
    "QueryView",
    "days_in",
    "page_serializer",
]

MAX_WAIT_SECONDS: Final = 2.0  # that a query waits for a position
POLL_SECONDS: Final = 0.01  # between two looks at a read model's position
MAX_ROWS: Final = 200  # in one answer
MAX_DAYS: Final = 366  # in one answer
DEFAULT_PERIOD: Final = timedelta(days=30)


class FreshnessQuery(StrictSerializer):
    """The query parameter of every query view."""

    min_position = Place(
        required=False,
        help_text="The position of the log that the answer must reflect: the `cursor` of a command's answer, or its "
        "`position`, a number that counts as one of the present epoch. The query waits for it, 2 seconds at most, or "
        "not at all where too many wait already; then it answers RETRY_LATER.",
    )


class PageQuery(FreshnessQuery):
    """The query parameters of a list."""

    limit = Number(min_value=1, max_value=MAX_ROWS, default=50)


class PageByIdQuery(PageQuery):
    """The query parameters of a list in the order of ids."""

    cursor = Id(required=False, help_text="As `next` has it.")


class PageByPositionQuery(PageQuery):
    """The query parameters of a list in the order of the log."""

    cursor = Place(required=False, help_text="As `next` has it.")


class PeriodQuery(FreshnessQuery):
    """The query parameters of a list of days."""

    to = Day(required=False, help_text="The last day; today, if not given.")

    def get_fields(self) -> dict[str, "serializers.Field[Any, Any, Any, Any]"]:
        """The fields, with `from`, which can't be the name of a class attribute."""
        first = Day(
            required=False, help_text=f"The first day; 30 days before the last, if not given. {MAX_DAYS} at most."
        )
        return {"from": first, **super().get_fields()}


def days_in(params: Mapping[str, Any], today: date) -> tuple[date, date]:
    """The first and the last day of a period; raises ValidationError if it is reversed or too long."""
    last = params.get("to", today)
    first = params.get("from") or last - min(DEFAULT_PERIOD, last - date.min)
    if first > last:
        raise serializers.ValidationError({"from": [_("The first day is after the last.")]})
    if (last - first).days >= MAX_DAYS:
        raise serializers.ValidationError({"from": [_("Ask for a year at most.")]})
    return first, last


class QueryView(Endpoint):
    """Answers a question from a read model, once that reflects the position that the caller asks for."""

    query: ClassVar[type[FreshnessQuery]] = FreshnessQuery
    serializer: ClassVar[type[serializers.Serializer[Any]]]
    read_model: ClassVar[str] = ""  # the name of its projection; the log itself, if empty

    def get(self, request: Request, **ids: str) -> HttpResponseBase:
        """Answers from a follower that has reached what the caller must see; else from the primary, see `found_here`.

        The caller must see their own last command, and the places that the query names.
        """
        params = self.query_params()
        return readers.answer(lambda: self.found_here(params), self._sight(params), [self.read_model])

    def found_here(self, params: Mapping[str, Any]) -> HttpResponseBase:
        """Answers once the position is reached; it is looked up before reading, as rows are only ever newer.

        So is the log's identity, with which cursors are understood and told. Raises Refused LOG_CHANGED for a cursor
        of another log or epoch.
        """
        reached = reflected(self.read_model)
        with telling(reached.identity):
            params = {name: _place(value, name) for name, value in params.items()}
            return self.respond(params, self._wait_for(params.get("min_position", 0), reached))

    def respond(self, params: Mapping[str, Any], position: int) -> HttpResponseBase:
        """The response; a view that answers a file overrides it."""
        return Response(self.answer(params, position))

    def answer(self, params: Mapping[str, Any], position: int) -> Mapping[str, Any]:
        """The body of the answer, which reflects the log up to a position."""
        raise NotImplementedError

    @classmethod
    def answer_serializer(cls) -> type[serializers.Serializer[Any]]:
        """The serializer that describes the answer."""
        return cls.serializer

    def _sight(self, params: Mapping[str, Any]) -> readers.Sight:
        return readers.sight_of(readers.actor_of(self.request.user), _number_in(params.get("min_position", 0)))

    def _wait_for(self, min_position: int, reached: Reflected) -> int:
        if reached.position >= min_position:
            return reached.position
        behind = Refused("RETRY_LATER", phrase("This is not up to date yet. Ask again in a moment."))
        if min_position > feed.last_drawn().position:
            raise behind  # nobody was told of such a position, so nobody holds a thread by making one up
        with place_to_wait(self.request.user.pk) as has_place:
            until = time.monotonic() + MAX_WAIT_SECONDS
            while (position := reflected_position(self.read_model)) < min_position:
                left = until - time.monotonic()
                if left <= 0 or (not has_place and come_again(self.request._request)):
                    raise behind
                feed.advance(timeout=left)  # waits for the writers of now; a glance at ever new ones would never end
                time.sleep(POLL_SECONDS)
        return position


def _number_in(value: int | Cursor) -> int:
    return value.place if isinstance(value, Cursor) else value


def _place(value: Any, name: str) -> Any:
    return place_of(value, field=name) if isinstance(value, Cursor) else value


class DetailView(QueryView):
    """Answers one object, which has a position of its own."""

    def answer(self, params: Mapping[str, Any], position: int) -> Mapping[str, Any]:
        """The object, which is as new as its own last event at least."""
        body = self.serializer(self.found(params)).data
        reflects = max(body["position"], position)
        return {**body, "position": reflects, "cursor": cursor(reflects)}

    def found(self, params: Mapping[str, Any]) -> Any:
        """The object; raises Refused where the caller may not see it, or there is none."""
        raise NotImplementedError


class ListView(QueryView):
    """Answers a list, page by page."""

    query: ClassVar[type[FreshnessQuery]] = PageQuery
    cursor: ClassVar[str] = "cursor"  # the query parameter that names the beginning of a page
    pages_in: ClassVar[Store | None] = None  # where pages go by places in a store, of which `next` has cursors

    def answer(self, params: Mapping[str, Any], position: int) -> Mapping[str, Any]:
        """One page, and the URL of the next one."""
        page = self.page(params)
        results = self.serializer(page.rows, many=True).data
        return {
            "results": results,
            "next": self._next_url(page.next),
            "position": position,
            "cursor": cursor(position),
        }

    def page(self, params: Mapping[str, Any]) -> "Page[Any, Any]":
        """The page that the query asks for."""
        raise NotImplementedError

    def _sight(self, params: Mapping[str, Any]) -> readers.Sight:
        sight = super()._sight(params)
        if self.pages_in != Store.EVENTS:
            return sight
        return sight.up_to(_number_in(params.get(self.cursor) or 0))

    @classmethod
    def answer_serializer(cls) -> type[serializers.Serializer[Any]]:
        """The serializer of a page."""
        return page_serializer(cls.serializer)

    def _next_url(self, key: object) -> str | None:
        if key is None:
            return None
        query = self.request.query_params.copy()
        query[self.cursor] = str(key) if self.pages_in is None else cursor(cast(int, key), self.pages_in)
        return self.request.build_absolute_uri(f"?{query.urlencode()}")


def page_serializer(row: type[serializers.Serializer[Any]]) -> type[serializers.Serializer[Any]]:
    """The serializer of a page of a list: `EntryList` for rows of `EntrySerializer`."""
    fields = {
        "results": row(many=True),
        "next": serializers.URLField(allow_null=True, help_text="The next page; null on the last one."),
        "position": serializers.IntegerField(help_text="The list reflects the log up to here."),
        "cursor": CursorField(),
        "__doc__": "A page of a list.",
    }
    return type(f"{row.__name__.removesuffix('Serializer')}List", (serializers.Serializer,), fields)
