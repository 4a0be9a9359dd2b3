"""Restore drills in the admin: what each took, step by step, and whether all came back equal."""

from typing import Any

from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from eventstore.admin import show
from eventstore.admin.readonly import ReadOnlyAdmin
from eventstore.admin.show import Fact, Section
from eventstore.models import Drill


@admin.register(Drill)
class DrillAdmin(ReadOnlyAdmin):
    """All drills, the newest first."""

    list_display = ("began", "outcome", "took", "position", "source")
    detail_fields = ("outcome", "began", "took", "position", "number", "source", "error")
    number_columns = ("took", "position")

    @admin.display(description=_("began at"))
    def began(self, drill: Drill) -> str:
        return show.moment(drill.began_at)

    @admin.display(description=_("outcome"))
    def outcome(self, drill: Drill) -> SafeString:
        if drill.ended_at is None:
            return show.mark(gettext("not ended"))
        if drill.report.get("error"):
            return show.mark(gettext("could not be done"), "bad")
        return show.mark(gettext("all equal"), "good") if drill.succeeded else show.mark(gettext("not well"), "bad")

    @admin.display(description=_("took"))
    def took(self, drill: Drill) -> str:
        return _seconds(sum(step["seconds"] for step in drill.report.get("steps", [])))

    @admin.display(description=_("up to command number"))
    def number(self, drill: Drill) -> str:
        return show.value(drill.report.get("number"))

    @admin.display(description=_("error"))
    def error(self, drill: Drill) -> str:
        return show.value(drill.report.get("error"))

    def title_of(self, obj: Drill) -> str:
        return gettext("Restore drill of %(time)s") % {"time": f"{obj.began_at:%Y-%m-%d %H:%M}"}

    def details(self, request: Any, obj: Drill) -> dict[str, Any]:
        steps = [_fact(step) for step in obj.report.get("steps", [])]
        return {
            **super().details(request, obj),
            "sections": [
                Section("", self.facts(obj, *self.detail_fields)),
                *([Section(gettext("Steps"), steps)] if steps else []),
            ],
        }


def _fact(step: dict[str, Any]) -> Fact:
    took = _seconds(step["seconds"])
    if step["is_well"]:
        return Fact(step["name"], took, gettext("well"), "good", is_name=True)
    said = format_html('{}<pre class="structure">{}</pre>', took, step["says"])
    return Fact(step["name"], said, gettext("not well"), "bad", is_name=True)


def _seconds(number: float) -> str:
    return gettext("%(seconds)s s") % {"seconds": f"{number:.1f}"}
