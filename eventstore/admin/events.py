"""The event log in the admin."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from eventstore import log, messages
from eventstore.admin import catalogue_entry, lookup, show
from eventstore.admin.catalogue import CatalogueAdmin
from eventstore.admin.filters import EventCategoryFilter, RecordedFilter, TypeFilter
from eventstore.admin.live import LiveAdmin
from eventstore.admin.messages import facts_of, metadata_facts
from eventstore.admin.readonly import as_number, as_uuid
from eventstore.admin.show import Link, Section, Steps
from eventstore.models import Event


@admin.register(Event)
class EventAdmin(CatalogueAdmin, LiveAdmin):
    """All events, the newest first."""

    change_list_template = "admin/eventstore/event_list.html"
    list_display = ("position", "recorded", "type", "stream", "version", "actor", "command")
    list_filter = (EventCategoryFilter, TypeFilter, RecordedFilter)
    browsed_by = dict.fromkeys(("type", "category", "q"), "eventstore_event_type")
    search_fields = ("position",)
    search_help_text = _("A position, a type, or the id of an event, a command or a stream.")
    detail_fields = ("position", "event_id", "shape", "whole_stream", "version", "recorded", "effective", "digest")

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        """Events without the columns that a list does not show; the page of one event reads them."""
        return super().get_queryset(request).defer("data", "digest")

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Event | None:
        """By position, or by event id; raises RangeDetached for one that may lie in an archive alone."""
        key: UUID | int | None = as_uuid(object_id) or as_number(object_id)
        if key is None:
            return None
        found = Event.objects.filter(**{"event_id" if isinstance(key, UUID) else "position": key}).first()
        if found is None:
            log.must_hold_event(key)
        return found

    def find(self, term: str) -> str | None:
        position = as_number(term)
        return lookup.by_id(term) if position is None else lookup.event_at(position)

    def search(self, queryset: "QuerySet[Any]", term: str) -> "QuerySet[Any]":
        return queryset.filter(type=term)

    @admin.display(description=_("recorded at"))
    def recorded(self, event: Event) -> str:
        return show.moment(event.recorded_at)

    @admin.display(description=_("stream"))
    def stream(self, event: Event) -> SafeString:
        return show.stream_link(event.category, event.stream_id, short=True, name=self.name_of(event))

    @admin.display(description=_("stream"))
    def whole_stream(self, event: Event) -> SafeString:
        return show.stream_link(event.category, event.stream_id, name=self.name_of(event))

    @admin.display(description=_("who asked"))
    def actor(self, event: Event) -> str:
        actor = event.metadata.get("actor", show.NOTHING)
        return show.named(self.actor_name_of(event), show.identifier(actor, short=True))

    @admin.display(description=_("command"))
    def command(self, event: Event) -> str:
        """The command that caused an event; events may also be appended without one."""
        if (command_id := event.metadata.get("command_id")) is None:
            return show.NOTHING
        return show.identifier(command_id, show.link_to("command", command_id), short=True)

    @admin.display(description=_("type"))
    def shape(self, event: Event) -> str:
        note = gettext("schema version %(version)s") % {"version": event.schema_version}
        if event.type not in messages.events:
            return format_html('{} <span class="quiet">{}</span>', event.type, note)
        url = catalogue_entry.address_of(event.type)
        return format_html('<a href="{}">{}</a> <span class="quiet">{}</span>', url, event.type, note)

    @admin.display(description=_("effective at"))
    def effective(self, event: Event) -> str:
        """The time from which the event counts: that of recording, unless another was given."""
        given = event.metadata.get("effective_at")
        return show.moment(datetime.fromisoformat(given) if given else event.recorded_at)

    def title_of(self, event: Event) -> str:
        return gettext("Event %(position)s: %(type)s") % {"position": event.position, "type": event.type}

    def links(self, obj: Event) -> list[Link]:
        stream = Link(gettext("Its stream"), show.link_to("stream", obj.stream_id))
        if (command_id := obj.metadata.get("command_id")) is None:
            return [stream]
        return [Link(gettext("The command that caused it"), show.link_to("command", command_id)), stream]

    def details(self, request: HttpRequest, obj: Event) -> dict[str, Any]:
        data = facts_of(messages.events, obj, request.user)
        return {
            "links": self.links(obj),
            "steps": _steps(obj),
            "sections": [
                Section(gettext("Data"), data),
                Section(gettext("Envelope"), self.facts(obj, *self.detail_fields)),
                Section(gettext("Metadata"), metadata_facts(obj.metadata)),
            ],
        }


def _steps(event: Event) -> Steps:
    """The events before and after it in its stream."""
    around = Event.objects.filter(
        stream_id=event.stream_id, version__in=(event.version - 1, event.version + 1)
    ).values_list("version", "position")
    urls = {version: show.link_to("event", position) for version, position in around}
    here = gettext("version %(version)s of its stream") % {"version": event.version}
    return Steps(here, urls.get(event.version - 1), urls.get(event.version + 1))
