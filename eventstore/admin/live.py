"""Live events in the admin: the newest, and by a script those that come; without it, a link to look again."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from eventstore import feed, messages
from eventstore.admin import show
from eventstore.admin.readonly import READING, ReadOnlyAdmin
from eventstore.backends.configured import setting
from eventstore.http.paging import Cut
from eventstore.log.cursor_text import Cursor
from eventstore.models import Event

ROWS: Final = 50  # of events that are there already


class LiveFilter(forms.Form):
    """Which events are shown."""

    category = forms.ChoiceField(label=_("category"), required=False)
    type = forms.ChoiceField(label=_("type"), required=False)
    stream = forms.UUIDField(label=_("id of a stream"), required=False)

    def __init__(self, data: Any) -> None:
        super().__init__(data, auto_id="live-%s", label_suffix="")
        self.fields["category"] = _choice(_("category"), {kind.category for kind in messages.events.values()})
        self.fields["type"] = _choice(_("type"), messages.events)

    def branches(self, events: "QuerySet[Any]") -> list["QuerySet[Any]"]:
        """The events that it lets pass, in parts that an index gives in order."""
        category, name, stream_id = (self.cleaned_data[field] for field in ("category", "type", "stream"))
        if stream_id:
            events = events.filter(stream_id=stream_id)
        if not category and not name:
            return [events]
        known = messages.events.values()
        names = [kind.name for kind in known if category in {"", kind.category} and name in {"", kind.name}]
        return [events.filter(type=each) for each in names] or [events.none()]


class LiveAdmin(ReadOnlyAdmin):
    """Adds the page to the admin of events. The setting EVENTSTORE_LIVE_URL says where a live view sends them."""

    def get_urls(self) -> list[URLPattern]:
        live = path("live/", self.admin_site.admin_view(self.live_view), name="eventstore_event_live")
        return [live, *super().get_urls()]

    def live_view(self, request: HttpRequest) -> HttpResponse:
        """The page."""
        if request.method not in READING or not self.has_view_permission(request):
            raise PermissionDenied
        return self._answer(request, lambda: self._live(request))

    def _live(self, request: HttpRequest) -> HttpResponse:
        form, mark = LiveFilter(request.GET), feed.advance(timeout=0)
        rows = self._newest(form, mark.position) if form.is_valid() else []
        self.enrich_for(request, rows)
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Live events"),
            "opts": self.opts,
            "form": form,
            "rows": list(self._cells(rows)),
            "again": request.get_full_path(),
            "source": self._source(form, mark),
            "event_url": show.link_to("event", "POSITION"),
            "stream_url": show.link_to("stream", "STREAM"),
        }
        return TemplateResponse(request, "admin/eventstore/live.html", context)

    def _newest(self, form: LiveFilter, position: int) -> Sequence[Event]:
        """The newest events up to the mark: what is above it comes later, and may come in another order."""
        events = Event.objects.filter(position__lte=position).defer("data", "digest")
        key = "version" if form.cleaned_data["stream"] else "position"  # as the index on streams has them
        return Cut(key, ROWS).page(*form.branches(events)).rows

    def _cells(self, rows: Sequence[Event]) -> Iterator[dict[str, Any]]:
        for row in rows:
            yield {
                "event": row,
                "url": show.link_to("event", row.position),
                **{name: getattr(self, name)(row) for name in ("recorded", "stream", "actor")},
            }

    def _source(self, form: LiveFilter, mark: feed.Mark) -> dict[str, str]:
        """Where the script finds what comes, and after which cursor; nothing where there is no such place."""
        url = str(setting("EVENTSTORE_LIVE_URL", ""))
        if not url or mark.identity is None or not form.is_valid():
            return {}
        query = urlencode({name: text for name, text in form.cleaned_data.items() if text})
        return {"url": f"{url}?{query}", "cursor": Cursor(mark.identity, mark.position).text}


def _choice(label: Any, names: Any) -> forms.ChoiceField:
    choices = [("", _("All")), *((name, name) for name in sorted(names))]
    return forms.ChoiceField(label=label, choices=choices, required=False)
