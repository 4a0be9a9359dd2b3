"""The audit trail in the admin: each command with its actor and outcome."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from eventstore.admin import Link, OutcomeFilter, RecordedFilter, as_uuid, show
from projections.admin.common import BelongingFilter, ReadModelAdmin
from projections.admin.names import APP, names_of
from projections.models import AuditLine


class AboutFilter(BelongingFilter):
    """Commands about one customer or account."""

    title, parameter_name, parameters, field = _("about"), "about", ("about",), "stream_id"


class RefusedFilter(OutcomeFilter):
    """Accepted or refused commands; the refused ones by the index that holds nothing else."""

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        return queryset.exclude(code="") if self.value() == "refused" else super().queryset(request, queryset)


@admin.register(AuditLine)
class AuditLineAdmin(ReadModelAdmin):
    """Commands with actor and outcome, newest first."""

    list_display = ("number", "recorded", "command", "outcome", "reason", "who", "about")
    list_filter = (RefusedFilter, AboutFilter, RecordedFilter)
    search_fields = ("number",)
    search_help_text = _("Who asked, as customer:… or staff:…, or the id of what it was about.")
    detail_fields = ("number", "recorded", "command", "outcome", "reason", "who", "about", "command_id", "caused")

    def find(self, term: str) -> str | None:
        found = as_uuid(term)
        return show.list_of("auditline", {"about": found}, app=APP) if found else None

    def search(self, queryset: "QuerySet[Any]", term: str) -> "QuerySet[Any]":
        return queryset.filter(actor=term)

    @admin.display(description=_("outcome"))
    def outcome(self, line: AuditLine) -> SafeString:
        return show.mark(gettext("accepted"), "good") if line.accepted else show.mark(line.code, "bad")

    @admin.display(description=_("who asked"))
    def who(self, line: AuditLine) -> SafeString:
        link = show.identifier(line.actor, show.list_of("auditline", {"q": line.actor}, app=APP), short=True)
        return show.named(names_of(line).name_of(line.actor), link)

    @admin.display(description=_("about"))
    def about(self, line: AuditLine) -> SafeString:
        name = names_of(line).subject(line.stream_id)
        return show.stream_link(line.category, line.stream_id, short=True, name=name)

    @admin.display(description=_("last event caused"))
    def caused(self, line: AuditLine) -> str:
        return show.NOTHING if line.position is None else self.event(line)

    def links(self, obj: AuditLine) -> list[Link]:
        return [Link(gettext("Command"), show.link_to("command", obj.command_id))]
