"""Queries to the log itself: events and streams. Amounts are integers of minor units here, as they are stored."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from accounts.users.access import Staff
from eventstore import feed, log, messages
from eventstore.decider import Refused, phrase
from eventstore.http.fields import Moment, Number, Place, Store, Text
from eventstore.http.openapi import query_operation
from eventstore.http.paging import Page
from eventstore.http.query_views import FreshnessQuery, PageQuery
from eventstore.models import Stream
from projections.api.parameters import CATEGORY, EVENT_CATEGORY, EVENT_TYPE, STREAM_ID
from projections.api.query_views import ListView, QueryView
from projections.api.serializers import EventSerializer, StreamSerializer


class EventsQuery(PageQuery):
    """The query parameters of the list of events."""

    after = Place(
        default=0,
        help_text="The `cursor` of the last event that the caller has; or its `position`, a number that counts as one "
        "of the present epoch, whatever event was there before.",
    )
    category = Text(default="", allow_blank=True, help_text=EVENT_CATEGORY)
    type = Text(default="", allow_blank=True, help_text=EVENT_TYPE)


@query_operation(
    "list_events",
    "List events",
    "For staff. Oldest first; nothing is ever missing below the `position` of the answer, so remember the `cursor` "
    "of the last event and go on after it. Once the log has changed, by a restore for example, that is refused with "
    "LOG_CHANGED, and `details.cursor` says from where to go on: what came after it is to be forgotten.",
    tag="events",
    refuses="FORBIDDEN",
)
class EventsView(ListView):
    """`GET events`."""

    permission_classes = (Staff,)
    query = EventsQuery
    serializer = EventSerializer
    cursor = "after"
    pages_in = Store.EVENTS

    def page(self, params: Mapping[str, Any]) -> "Page[Any, Any]":
        """The events after a position."""
        types, limit = types_of(params["category"], params["type"]), params["limit"]
        found = [] if types == [] else feed.read(params["after"], limit=limit + 1, types=types)
        return Page(found[:limit], found[limit - 1].position if len(found) > limit else None)


class StreamQuery(FreshnessQuery):
    """The query parameters of a stream: the version or the time of its state."""

    version = Number(required=False, help_text="After this event of the stream.")
    at = Moment(required=False, help_text="At this time, by which events were recorded.")


@query_operation(
    "get_stream",
    "Get the state of a stream",
    "For staff. As it is, as it was after one of its events, or at a time.",
    tag="streams",
    refuses="FORBIDDEN NOT_FOUND",
    path=[CATEGORY, STREAM_ID],
)
class StreamView(QueryView):
    """`GET streams/{category}/{id}`."""

    permission_classes = (Staff,)
    query = StreamQuery
    serializer = StreamSerializer

    def answer(self, params: Mapping[str, Any], position: int) -> Mapping[str, Any]:
        """The state; raises Refused where there is no such stream, or was none then."""
        category = self.kwargs["category"]
        head = _head(category, self.id_of("stream_id"))
        version = params.get("version", head.version)
        state, reached = log.load(category, head.stream_id, version=version, at=params.get("at"))
        if reached == 0 or version > head.version:
            raise _stream_not_found()
        found = {"category": category, "stream_id": head.stream_id, "version": reached, "state": state}
        return StreamSerializer({**found, "position": position}).data


def types_of(category: str, name: str) -> Collection[str] | None:
    """The stored names of the events that match; `None` for all of them."""
    if not category and not name:
        return None
    known = messages.events.values()
    return [kind.name for kind in known if category in {"", kind.category} and name in {"", kind.name}]


def _head(category: str, stream_id: UUID | None) -> Stream:
    head = Stream.objects.filter(stream_id=stream_id).first() if stream_id else None
    if head is None or head.category != category:
        raise _stream_not_found()
    return head


def _stream_not_found() -> Refused:
    return Refused("NOT_FOUND", phrase("There is no such stream, or there was none then."))
