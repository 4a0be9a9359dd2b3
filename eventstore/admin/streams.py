"""Streams in the admin: the state of each at any version, and the events that led there."""

from typing import Any, Final

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from eventstore.admin import history, lookup, show
from eventstore.admin.elsewhere import missing
from eventstore.admin.filters import CategoryFilter
from eventstore.admin.keyset import AFTER, BEFORE, cut_from
from eventstore.admin.readonly import ReadOnlyAdmin, as_number, as_uuid
from eventstore.admin.show import Section, Steps
from eventstore.http.paging import Page
from eventstore.models import Event, Stream

EVENTS_ON_A_PAGE: Final = 50


@admin.register(Stream)
class StreamAdmin(ReadOnlyAdmin):
    """Every stream, by id; ids rise with time where they are UUIDs of version 7."""

    list_display = ("stream", "version", "recorded", "last")
    list_filter = (CategoryFilter,)
    search_fields = ("stream_id",)
    search_help_text = _("The id of a stream.")
    detail_fields = ("category", "stream_id", "version", "recorded", "last", "closed", "digest")
    detail_template = "admin/eventstore/stream.html"

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Stream | None:
        stream_id = as_uuid(object_id)
        return None if stream_id is None else Stream.objects.filter(stream_id=stream_id).first()

    def find(self, term: str) -> str | None:
        return lookup.by_id(term)

    @admin.display(description=_("stream"))
    def stream(self, stream: Stream) -> SafeString:
        link = format_html('{} <span class="id">{}</span>', stream.category, stream.stream_id)
        return show.named(self.name_of(stream), link)

    @admin.display(description=_("last event at"))
    def recorded(self, stream: Stream) -> str:
        return show.moment(stream.recorded_at)

    @admin.display(description=_("closed until"))
    def closed(self, stream: Stream) -> str:
        return show.moment(stream.closed_until)

    @admin.display(description=_("last event"))
    def last(self, stream: Stream) -> SafeString:
        return show.identifier(stream.position, show.link_to("event", stream.position))

    def title_of(self, obj: Stream) -> str:
        return gettext("Stream %(stream)s") % {"stream": obj}

    def details(self, request: HttpRequest, obj: Stream) -> dict[str, Any]:
        version = _version_in_address(request, obj)
        page = _events(request, obj)
        return {
            "sections": [Section(gettext("Head"), self.facts(obj, *self.detail_fields))],
            "moment": history.now(obj, request.user) if version is None else history.at(obj, version, request.user),
            "is_step": version is not None,
            "steps": _steps(obj, obj.version if version is None else version),
            "page": page,
            "elsewhere": missing(Event) if _lacks_its_beginning(obj, page) else None,
            "newer": _address(version, BEFORE, page.previous),
            "older": _address(version, AFTER, page.next),
        }


def _version_in_address(request: HttpRequest, stream: Stream) -> int | None:
    """The version in the address, if any; a stream has no versions beyond its last."""
    if (text := request.GET.get("version")) is None:
        return None
    version = as_number(text)
    if version is None or version > stream.version:
        raise Http404
    return version


def _steps(stream: Stream, version: int) -> Steps:
    here = gettext("version %(version)s of %(last)s") % {"version": version, "last": stream.version}
    return Steps(
        here,
        f"?version={version - 1}" if version > 0 else None,
        f"?version={version + 1}" if version < stream.version else None,
    )


def _address(version: int | None, side: str, key: int | None) -> str | None:
    """Another page of the events, beside the same state."""
    if key is None:
        return None
    query = {side: key} if version is None else {"version": version, side: key}
    return f"?{urlencode(query)}#events"


def _events(request: HttpRequest, stream: Stream) -> Page[Event, int]:
    """The stream's events, last first; the unique index on stream and version gives them in order."""
    try:
        cut = cut_from(request, Event, "version", EVENTS_ON_A_PAGE)
    except ValidationError as error:
        raise Http404 from error
    return cut.page(Event.objects.filter(stream_id=stream.stream_id).defer("data", "digest"))


def _lacks_its_beginning(stream: Stream, page: Page[Event, int]) -> bool:
    """Whether the last page of the events does not end with the first one: versions have no gaps."""
    return page.next is None and (page.rows[-1].version if page.rows else stream.version + 1) > 1
