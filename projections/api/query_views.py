"""Asking: an answer says up to which position it reflects the log, and waits until it reflects what it is told to."""

import re
import time
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, ClassVar, Final

from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.access import CustomersAndStaff
from accounts.api.endpoint import Endpoint
from accounts.api.fields import Id, Number, StrictSerializer, Text
from eventstore import feed
from eventstore.decider import Refused, phrase
from projections import queries

MAX_WAIT_SECONDS: Final = 2.0  # seconds that a reader waits for a position
POLL_SECONDS: Final = 0.01  # seconds between two looks
MAX_ROWS: Final = 200  # rows in one answer
MAX_DAYS: Final = 366  # in one answer
MONTH: Final = timedelta(days=30)

_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@extend_schema_field({"type": "string", "format": "date"})
class Day(Text):
    """A day of the calendar, as year, month and day."""

    default_error_messages = {"no_day": gettext_lazy("Enter a day such as 2026-03-01.")}

    def to_internal_value(self, data: Any) -> Any:
        """The day; raises ValidationError."""
        text = super().to_internal_value(data)
        try:
            return date.fromisoformat(text) if _DAY.fullmatch(text) else self.fail("no_day")
        except ValueError:
            self.fail("no_day")


class FreshnessQuery(StrictSerializer):
    """What may stand in the query of every question."""

    min_position = Number(
        required=False,
        help_text="The answer is to reflect the log up to here, such as to the `position` of a command's answer. "
        "It is waited for, 2 seconds at most; then RETRY_LATER.",
    )


class PageQuery(FreshnessQuery):
    """What may stand in the query of a list."""

    limit = Number(min_value=1, max_value=MAX_ROWS, default=50)


class PageByIdQuery(PageQuery):
    """A list in the order of ids."""

    cursor = Id(required=False, help_text="As `next` has it.")


class PageByPositionQuery(PageQuery):
    """A list in the order of the log."""

    cursor = Number(required=False, help_text="As `next` has it.")


class PeriodQuery(FreshnessQuery):
    """Which days are asked for."""

    to = Day(required=False, help_text="The last day; today, if not given.")

    def get_fields(self) -> dict[str, "serializers.Field[Any, Any, Any, Any]"]:
        """With `from`, which is no name that a class could have."""
        first = Day(
            required=False, help_text=f"The first day; 30 days before the last, if not given. {MAX_DAYS} at most."
        )
        return {"from": first, **super().get_fields()}


def days_in(asked: Mapping[str, Any], today: date) -> tuple[date, date]:
    """The first and the last day of a period; raises ValidationError if it is none, or too long."""
    last = asked.get("to", today)
    first = asked.get("from") or last - min(MONTH, last - date.min)
    if first > last:
        raise serializers.ValidationError({"from": [_("The first day is after the last.")]})
    if (last - first).days >= MAX_DAYS:
        raise serializers.ValidationError({"from": [_("Ask for a year at most.")]})
    return first, last


class QueryView(Endpoint):
    """An address at which one asks."""

    permission_classes: Sequence[type[BasePermission]] = (CustomersAndStaff,)
    query: ClassVar[type[FreshnessQuery]] = FreshnessQuery
    read_model: ClassVar[str] = ""  # the name of the projection that it reads; the log itself, if it has none

    def get(self, request: Request, **ids: str) -> HttpResponseBase:
        """Answer, once the position is reached. It is looked up first: what is read after it is only ever newer."""
        asked = self.query_params()
        position = self._reach(asked.get("min_position", 0))
        return self.respond(asked, position)

    def respond(self, asked: Mapping[str, Any], position: int) -> HttpResponseBase:
        """The answer as it goes out."""
        return Response(self.answer(asked, position))

    def answer(self, asked: Mapping[str, Any], position: int) -> Mapping[str, Any]:
        """The answer, which reflects the log up to a position."""
        raise NotImplementedError

    def _reach(self, least: int) -> int:
        until = time.monotonic() + MAX_WAIT_SECONDS
        while (position := self._reflected()) < least:
            left = until - time.monotonic()
            if left <= 0:
                raise Refused("RETRY_LATER", phrase("This is not up to date yet. Ask again in a moment."))
            feed.advance(timeout=left)  # waits for the writers of now; to glance at ever new ones would never end
            time.sleep(POLL_SECONDS)
        return position

    def _reflected(self) -> int:
        return queries.reflected(self.read_model) if self.read_model else feed.advance(timeout=0).position


class ListView(QueryView):
    """A list, page by page."""

    query: ClassVar[type[FreshnessQuery]] = PageQuery
    shape: ClassVar[type[serializers.BaseSerializer[Any]]]
    cursor: ClassVar[str] = "cursor"

    def answer(self, asked: Mapping[str, Any], position: int) -> Mapping[str, Any]:
        """One page, and where the next one is."""
        page = self.page(asked)
        return {"results": self.shape(page.rows, many=True).data, "next": self._next(page.next), "position": position}

    def page(self, asked: Mapping[str, Any]) -> "queries.Page[Any, Any]":
        """The rows that were asked for."""
        raise NotImplementedError

    def _next(self, key: object) -> str | None:
        if key is None:
            return None
        query = self.request.query_params.copy()
        query[self.cursor] = str(key)
        return self.request.build_absolute_uri(f"?{query.urlencode()}")
