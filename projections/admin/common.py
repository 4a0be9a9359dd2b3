"""Common parts of the read models' admins: filters, columns and links."""

from typing import Any, ClassVar, Final

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from eventstore.admin import Filter, ReadOnlyAdmin, as_uuid, show

APP: Final = "projections"

TONES: Final = {"active": "good", "open": "good", "suspended": "bad", "frozen": "bad"}


class BelongingFilter(Filter):
    """Rows that belong to one object. It offers no choices: other pages link to it."""

    field: ClassVar[str]

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(given, given)] if (given := request.GET.get(self.parameters[0])) else []

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        if (found := as_uuid(self.value() or "")) is None:
            raise IncorrectLookupParameters
        return queryset.filter(**{self.field: found})


class AccountFilter(BelongingFilter):
    """Rows of one account."""

    title, parameter_name, parameters, field = _("account"), "account", ("account",), "account_id"


class StatusFilter(Filter):
    """Rows in one status."""

    title, parameter_name, parameters = _("status"), "status", ("status",)

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        choices: list[tuple[str, Any]] = model_admin.model.Status.choices
        return choices

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        return queryset.filter(status=self.value()) if self.value() else queryset


class ReadModelAdmin(ReadOnlyAdmin):
    """The admin of a read model: read-only, with the staff's actions below the facts."""

    detail_template = "admin/projections/detail.html"

    @admin.display(description=_("status"))
    def status_mark(self, row: Any) -> SafeString:
        """The status of a customer or an account, coloured."""
        return show.mark(row.get_status_display(), TONES.get(row.status, "quiet"))

    @admin.display(description=_("recorded at"))
    def recorded(self, row: Any) -> str:
        return show.moment(row.recorded_at)

    @admin.display(description=_("effective at"))
    def effective(self, row: Any) -> str:
        return show.moment(row.effective_at)

    @admin.display(description=_("event"))
    def event(self, row: Any) -> SafeString:
        """The event that made the row, or the last one that changed it."""
        return show.identifier(row.position, show.link_to("event", row.position))

    @admin.display(description=_("account"))
    def account_link(self, row: Any) -> SafeString:
        return show.identifier(row.account_id, show.link_to("account", row.account_id, app=APP))

    @admin.display(description=_("owner"))
    def owner(self, row: Any) -> SafeString:
        return show.identifier(row.customer_id, show.link_to("customer", row.customer_id, app=APP))
