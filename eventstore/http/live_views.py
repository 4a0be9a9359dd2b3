"""Live views: the events of a log as they come, as server-sent events. Servers need not know of them, but may."""

from collections.abc import Hashable, Mapping
from typing import Any, ClassVar, Final

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from eventstore import readers
from eventstore.feed import Mark
from eventstore.http.fields import Place, Store, ToldCursor, schema_of_place
from eventstore.http.query_views import FreshnessQuery, QueryView
from eventstore.live import Filter, LiveResponse, Tail
from eventstore.live.listener import CONTENT_TYPE
from eventstore.log.cursor_text import Cursor
from eventstore.log.cursors import present, read_place

__all__ = ["LAST_EVENT_ID", "LIVE_HEADER", "LiveQuery", "LiveView"]

LAST_EVENT_ID: Final = "Last-Event-ID"  # a header, by which browsers say the `id` of the last event that they got
LIVE_HEADER: Final[OpenApiParameter] = OpenApiParameter(
    LAST_EVENT_ID,
    schema_of_place(Store.EVENTS),
    OpenApiParameter.HEADER,
    description="The `id` of the last event that the caller has; it goes before `after`. Browsers send it.",
)


class LiveEventSerializer(serializers.Serializer[Any]):
    """A server-sent event."""

    id = ToldCursor(help_text="The cursor of the event, which `Last-Event-ID` gives back.")
    data = serializers.CharField(help_text="The event, as JSON: as it is in a list of events.")  # type: ignore[assignment]  # a serializer's own data is something else


class LiveQuery(FreshnessQuery):
    """The query parameters of a live view."""

    after = Place(
        required=False,
        help_text="The `cursor` of the last event that the caller has, or its `position`; without, the stream begins "
        "with what comes now.",
    )


class LiveView(QueryView):
    """Answers all events after a place, and goes on with what comes, for as long as its caller may listen."""

    query = LiveQuery
    serializer = LiveEventSerializer
    tail: ClassVar[Tail]

    def wanted(self, params: Mapping[str, Any]) -> Filter:
        """The events that the caller asks for."""
        return Filter()

    def sign_in(self) -> Hashable:
        """What the caller was let in by, as the tail's `still_open` knows it."""
        raise NotImplementedError

    def query_params(self) -> dict[str, Any]:
        """The parsed query, and the header; raises ValidationError, and Refused MALFORMED for a header that is none."""
        params = super().query_params()
        if (header := self.request.headers.get(LAST_EVENT_ID)) is not None:
            params[LAST_EVENT_ID] = read_place(header, field=LAST_EVENT_ID)
        return params

    def respond(self, params: Mapping[str, Any], position: int) -> HttpResponseBase:
        """The stream; raises RangeDetached where an archive alone has its beginning."""
        if self.request.method == "HEAD":
            return HttpResponse(content_type=CONTENT_TYPE)
        after = params.get(LAST_EVENT_ID, params.get("after", position))
        mark = Mark(position, 0, present())
        return LiveResponse(self.tail.listener(mark, after, self.wanted(params), self.sign_in()))

    def _sight(self, params: Mapping[str, Any]) -> readers.Sight:
        after = params.get(LAST_EVENT_ID, params.get("after", 0))
        return super()._sight(params).up_to(after.place if isinstance(after, Cursor) else after)
