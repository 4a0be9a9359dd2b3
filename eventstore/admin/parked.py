"""Parked streams in the admin: the event that failed, its error, and the events that wait behind it."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from eventstore.admin import show
from eventstore.admin.filters import ParkedFilter, WaitsForFilter
from eventstore.admin.messages import may_see_personal_data
from eventstore.admin.parked_operations import SkipForm, is_declared, may_handle
from eventstore.admin.parked_views import ParkedActionsAdmin
from eventstore.admin.readonly import as_number, as_uuid
from eventstore.admin.show import Fact, Link, Section
from eventstore.models import Event, Parked
from eventstore.projecting.declaration.registry import subscribers

SHOWN = 80  # characters of an error in the list


@admin.register(Parked)
class ParkedAdmin(ParkedActionsAdmin):
    """Parked streams, the latest first. Users with the permission find buttons to retry and skip."""

    list_filter = (ParkedFilter, WaitsForFilter)
    search_fields = ("stream_id",)
    search_help_text = _("The id of a stream, or the position of the event that failed.")
    change_list_template = "admin/eventstore/parked_list.html"
    detail_template = "admin/eventstore/parked.html"
    detail_fields = ("whose", "whole_stream", "event", "behind", "attempts", "again", "parked_since")

    def get_list_display(self, request: HttpRequest) -> Any:
        """The class of the error, and its message for users who may see personal data, as it may quote some."""
        error = "error_line" if may_see_personal_data(request.user) else "error_kind"
        columns = ["whose", "stream", "event", "again", "parked_since", "attempts", error]
        return ["choice", *columns] if may_handle(request.user) else columns

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list, with buttons for the projection that it is filtered by."""
        more = {"may_handle": may_handle(request.user), "projection": request.GET.get("projection", "")}
        return super().changelist_view(request, {**more, **(extra_context or {})})

    def get_list_display_links(self, request: HttpRequest, list_display: Any) -> Any:
        return ["whose"]

    def search(self, queryset: "QuerySet[Any]", term: str) -> "QuerySet[Any]":
        if stream_id := as_uuid(term):
            return queryset.filter(stream_id=stream_id)
        position = as_number(term)
        return queryset.none() if position is None else queryset.filter(position=position)

    @admin.display(description=_("choose"))
    def choice(self, parked: Parked) -> SafeString:
        """A checkbox of the form above the list."""
        return format_html(
            '<input type="checkbox" name="parked" value="{}" form="retry" aria-label="{}">', parked.pk, parked
        )

    @admin.display(description=_("projection"))
    def whose(self, parked: Parked) -> str:
        return parked.projection_id

    @admin.display(description=_("stream"))
    def stream(self, parked: Parked) -> SafeString:
        return show.stream_link(parked.category, parked.stream_id, short=True, name=self.name_of(parked))

    @admin.display(description=_("stream"))
    def whole_stream(self, parked: Parked) -> SafeString:
        return show.stream_link(parked.category, parked.stream_id, name=self.name_of(parked))

    @admin.display(description=_("event that failed"))
    def event(self, parked: Parked) -> SafeString:
        url = show.link_to("event", parked.position)
        return format_html('<a href="{}">{} {}</a>', url, parked.position, parked.type)

    @admin.display(description=_("error"))
    def error_line(self, parked: Parked) -> str:
        first = parked.error.partition("\n")[0]
        return (first if len(first) <= SHOWN else f"{first[:SHOWN]}…") or gettext("erased")

    @admin.display(description=_("error"))
    def error_kind(self, parked: Parked) -> str:
        """The class of the error, which holds no personal data."""
        return parked.error.partition(":")[0] or gettext("erased")

    @admin.display(description=_("tried again"))
    def again(self, parked: Parked) -> str:
        return show.moment(parked.retry_at) if parked.retry_at else show.mark(gettext("waits for a person"), "bad")

    @admin.display(description=_("since"))
    def parked_since(self, parked: Parked) -> str:
        return show.moment(parked.since)

    @admin.display(description=_("waits behind it"))
    def behind(self, parked: Parked) -> str:
        """The number of events of the stream that wait for this projection."""
        if not (subscriber := subscribers().get(parked.projection_id)):
            return gettext("The code does not declare this projection any more.")
        if subscriber.global_order:
            return gettext("The whole projection: the order of events matters to it across streams.")
        later = Event.objects.filter(stream_id=parked.stream_id, position__gt=parked.position)
        return str((later if subscriber.types is None else later.filter(type__in=subscriber.types)).count())

    def title_of(self, obj: Parked) -> str:
        names = {"stream": f"{obj.category}:{show.brief(str(obj.stream_id))}", "projection": obj.projection_id}
        return gettext("%(stream)s is parked for %(projection)s") % names

    def links(self, obj: Parked) -> list[Link]:
        return [
            Link(gettext("The event that failed"), show.link_to("event", obj.position)),
            Link(gettext("Its stream"), show.link_to("stream", obj.stream_id)),
            Link(gettext("The projection"), show.link_to("projection", obj.projection_id)),
        ]

    def details(self, request: HttpRequest, obj: Parked) -> dict[str, Any]:
        stored = [Section(gettext("The event, as it is stored"), _as_stored(obj))]
        return {
            "links": self.links(obj),
            "sections": [
                Section(gettext("What waits"), self.facts(obj, *self.detail_fields)),
                *(stored if request.user.has_perm("eventstore.view_event") else []),
            ],
            "error": _error(obj, in_clear=may_see_personal_data(request.user)),
            "may_act": may_handle(request.user) and is_declared(obj),
            "form": SkipForm(initial={"position": obj.position}),
        }


def _as_stored(parked: Parked) -> list[Fact]:
    """The event that failed, as a link; its page shows personal data to users with the permission."""
    event = Event.objects.filter(position=parked.position).first()
    if event is None:
        return []
    version = Fact(gettext("Schema version"), show.value(event.schema_version))
    return [version, *(Fact(name, show.value(found), is_name=True) for name, found in event.data.items())]


def _error(parked: Parked, *, in_clear: bool) -> dict[str, str]:
    """The error; its message may quote personal data, and is emptied when a person is erased."""
    if not parked.error:
        return {"note": gettext("A person was erased since, and with them what the error said.")}
    if not in_clear:
        note = gettext("You may not see its message: it may quote personal data.")
        return {"text": parked.error.partition(":")[0], "note": note}
    return {"text": parked.error}
