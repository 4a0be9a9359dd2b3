"""Streams in the admin: the state of each at any version, and the events that led there."""

from dataclasses import fields
from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from eventstore.admin import lookup, show
from eventstore.admin.filters import CategoryFilter
from eventstore.admin.history import View, view_of
from eventstore.admin.keyset import AFTER, BEFORE, Cut
from eventstore.admin.readonly import ReadOnlyAdmin, as_uuid
from eventstore.admin.show import Section, Steps
from eventstore.models import Event, Stream


@admin.register(Stream)
class StreamAdmin(ReadOnlyAdmin):
    """Every stream, by id; ids rise with time where they are UUIDs of version 7."""

    list_display = ("stream", "version", "recorded", "last")
    list_filter = (CategoryFilter,)
    search_fields = ("stream_id",)
    search_help_text = _("The id of a stream.")
    detail_fields = ("category", "stream_id", "version", "recorded", "last", "digest")
    detail_template = "admin/eventstore/stream.html"

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Stream | None:
        stream_id = as_uuid(object_id)
        return stream_id and Stream.objects.filter(stream_id=stream_id).first()

    def find(self, term: str) -> str | None:
        return lookup.by_id(term)

    @admin.display(description=_("stream"))
    def stream(self, stream: Stream) -> SafeString:
        return show.stream_link(stream.category, stream.stream_id)

    @admin.display(description=_("last event at"))
    def recorded(self, stream: Stream) -> str:
        return show.moment(stream.recorded_at)

    @admin.display(description=_("last event"))
    def last(self, stream: Stream) -> SafeString:
        return show.identifier(stream.position, show.link_to("event", stream.position))

