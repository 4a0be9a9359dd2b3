"""Projections in the admin: the position of each, slot by slot."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from eventstore.admin import show
from eventstore.admin.overview import statuses
from eventstore.admin.readonly import READING, ReadOnlyAdmin
from eventstore.admin.show import Fact, Section
from eventstore.models import Projection
from eventstore.projecting.inspect.statuses import Status


@admin.register(Projection)
class ProjectionAdmin(ReadOnlyAdmin):
    """Every projection, with the tidemark that all of them read up to."""

    detail_fields = ("name", "version", "is_live", "built", "built_to")
    detail_template = "admin/eventstore/projection.html"

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """All projections on one page, as a site has a handful."""
        if request.method not in READING or not self.has_view_permission(request):
            raise PermissionDenied
        title = gettext("Projections")
        context = {**self.admin_site.each_context(request), "title": title, "opts": self.opts}
        return TemplateResponse(request, "admin/eventstore/projections.html", context)

    @admin.display(description=_("built at"))
    def built(self, projection: Projection) -> str:
        return show.moment(projection.built_at)

    def title_of(self, obj: Projection) -> str:
        return gettext("Projection %(name)s") % {"name": obj.name}

    def details(self, request: HttpRequest, obj: Projection) -> dict[str, Any]:
        now = [found for found in statuses() if found.name == obj.name]
        slots = obj.checkpoints.order_by("slot").values_list("slot", "position")
        return {
            "sections": [
                *[Section(gettext("Now"), _facts(found)) for found in now],
                Section(gettext("What is stored"), self.facts(obj, *self.detail_fields)),
                *_tables_beside(obj),
            ],
            "slots": slots,
        }


def _facts(found: Status) -> list[Fact]:
    return [
        Fact(gettext("State"), show.state(found.state)),
        Fact(gettext("Mode"), show.mode(found.mode)),
        Fact(gettext("Reflects every event up to position"), str(found.position)),
        Fact(gettext("Events behind"), str(found.lag)),
        Fact(gettext("Seconds behind"), f"{found.lag_seconds:.0f}"),
        Fact(gettext("Parked streams"), show.parked(found.name, found.parked, found.given_up)),
        Fact(gettext("Version of the code"), str(found.version)),
        Fact(gettext("Version that built the rows"), show.value(found.built_version)),
    ]


def _tables_beside(projection: Projection) -> list[Section]:
    """The shadow tables of a projection: the one that a rebuild fills, and the one that the last rebuild replaced."""
    shadows = projection.shadows.order_by("role")
    text = gettext("version %(version)s, up to position %(position)s")
    facts = [
        Fact(shadow.get_role_display(), text % {"version": shadow.version, "position": shadow.position})
        for shadow in shadows
    ]
    return [Section(gettext("Tables beside the live one"), facts)] if facts else []
