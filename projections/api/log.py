"""Questions to the log itself: events and streams. Amounts are integers of minor units here, as they are stored."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from accounts.api.access import Staff
from accounts.api.fields import Moment, Number, Text
from accounts.api.schema import in_path, query_operation
from eventstore import feed, log, messages
from eventstore.decider import Refused, phrase
from eventstore.models import Stream
from projections.api.query_views import FreshnessQuery, ListView, PageQuery, QueryView
from projections.api.serializers import EventSerializer, StreamSerializer, pages_of
from projections.queries import Page

STREAM = [in_path("category", "Such as `account`.", str), in_path("stream_id", "The id of the stream.")]


class EventsQuery(PageQuery):
    """Which events are asked for."""

    after = Number(default=0, help_text="The position of the last event that is known already.")
    category = Text(default="", allow_blank=True, help_text="Of the stream, such as `account`.")
    type = Text(default="", allow_blank=True, help_text="The stored name, such as `account.money_deposited`.")


@query_operation(
    "List events",
    "For staff. Oldest first; nothing is ever missing below the `position` of the answer, so remember the position "
    "of the last event and go on after it.",
    answer=pages_of(EventSerializer),
    refuses="FORBIDDEN",
)
class EventsView(ListView):
    """`GET events`."""

    permission_classes = (Staff,)
    query = EventsQuery
    shape = EventSerializer
    cursor = "after"

    def page(self, asked: Mapping[str, Any]) -> "Page[Any, Any]":
        """The events that follow."""
        types, limit = _types(asked["category"], asked["type"]), asked["limit"]
        found = [] if types == [] else feed.read(asked["after"], limit=limit + 1, types=types)
        return Page(found[:limit], found[limit - 1].position if len(found) > limit else None)


class StreamQuery(FreshnessQuery):
    """Up to where a stream is to be folded."""

    version = Number(required=False, help_text="After this event of the stream.")
    at = Moment(required=False, help_text="At this time, by which events were recorded.")


@query_operation(
    "Tell the state of a stream",
    "For staff. As it is, as it was after one of its events, or at a time.",
    answer=StreamSerializer,
    refuses="FORBIDDEN NOT_FOUND",
    path=STREAM,
)
class StreamView(QueryView):
    """`GET streams/{category}/{id}`."""

    permission_classes = (Staff,)
    query = StreamQuery

    def answer(self, asked: Mapping[str, Any], position: int) -> Mapping[str, Any]:
        """The state; raises Refused where there is no such stream, or was none then."""
        category = self.kwargs["category"]
        head = _head(category, self.id_of("stream_id"))
        version = asked.get("version", head.version)
        state, reached = log.load(category, head.stream_id, version=version, at=asked.get("at"))
        if reached == 0 or version > head.version:
            raise _nothing()
        found = {"category": category, "stream_id": head.stream_id, "version": reached, "state": state}
        return StreamSerializer({**found, "position": position}).data


def _types(category: str, name: str) -> Collection[str] | None:
    """The stored names that are asked for; `None` for all of them."""
    if not category and not name:
        return None
    known = messages.events.values()
    return [kind.name for kind in known if category in {"", kind.category} and name in {"", kind.name}]


def _head(category: str, stream_id: UUID | None) -> Stream:
    head = Stream.objects.filter(stream_id=stream_id, category=category).first() if stream_id else None
    if head is None:
        raise _nothing()
    return head


def _nothing() -> Refused:
    return Refused("NOT_FOUND", phrase("There is no such stream, or there was none then."))
