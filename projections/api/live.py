"""The log as it grows, as server-sent events."""

from collections.abc import Hashable, Mapping
from typing import Any

from rest_framework.renderers import JSONRenderer

from accounts.users.access import Staff
from accounts.users.sign_in_checks import sign_in_of, still_viewing
from eventstore.http.fields import Id, Text
from eventstore.http.live_views import LIVE_HEADER, LiveQuery, LiveView
from eventstore.http.openapi import query_operation
from eventstore.live import Filter, Tail
from projections.api.log import types_of
from projections.api.parameters import EVENT_CATEGORY, EVENT_TYPE
from projections.api.query_views import ReaderEndpoint
from projections.api.serializers import EventSerializer


def written(event: Any) -> bytes:
    """An event as `GET events` has it, in one line."""
    return JSONRenderer().render(EventSerializer(event).data)


class EventStreamQuery(LiveQuery):
    """The query parameters of the stream of events."""

    category = Text(default="", allow_blank=True, help_text=EVENT_CATEGORY)
    type = Text(default="", allow_blank=True, help_text=EVENT_TYPE)
    stream = Id(required=False, help_text="The id of a stream.")


@query_operation(
    "stream_events",
    "Stream events",
    "For staff. Server-sent events: each is an event as the list of events has it, and its `id` is its cursor, with "
    "which a browser goes on by itself after an interruption. Nothing is left out, and nothing comes twice.",
    tag="events",
    media_types=["text/event-stream"],
    refuses="FORBIDDEN ARCHIVED",
    path=[LIVE_HEADER],
)
class EventStreamView(ReaderEndpoint, LiveView):
    """`GET events/stream`."""

    permission_classes = (Staff,)
    query = EventStreamQuery
    tail = Tail(written, still_viewing)

    def wanted(self, params: Mapping[str, Any]) -> Filter:
        """The events that the caller asks for."""
        types = types_of(params["category"], params["type"])
        return Filter(None if types is None else frozenset(types), params.get("stream"))

    def sign_in(self) -> Hashable:
        """The token, or the session, of the caller."""
        return sign_in_of(self.request)
