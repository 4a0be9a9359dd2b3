"""Common parts of the read models' admins: filters, columns and links."""

from collections.abc import Sequence
from typing import Any, ClassVar, Final

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from eventstore.admin import Filter, ReadOnlyAdmin, as_uuid, show
from projections.admin.names import attach_names, names_of, read_names

TONES: Final = {"active": "good", "open": "good", "suspended": "bad", "frozen": "bad"}


class BelongingFilter(Filter):
    """Rows that belong to one object. It offers no choices: other pages link to it."""

    field: ClassVar[str]

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The object that was chosen, by its name if the reader may see it, else by the end of its id."""
        if not (given := request.GET.get(self.parameters[0])):
            return []
        found = as_uuid(given)
        name = read_names([found], (), request.user).subject(found) if found else None
        return [(given, name or show.brief(given))]

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

    def enrich_for(self, request: HttpRequest, rows: Sequence[Any]) -> None:
        """Attaches the names behind the rows' ids, as far as the reader may see them."""
        is_list = request.resolver_match is not None and str(request.resolver_match.url_name).endswith("_changelist")
        attach_names(rows, request.user, short=is_list)
        self.enrich(rows)

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
        return names_of(row).account(row.account_id)

    @admin.display(description=_("owner"))
    def owner(self, row: Any) -> SafeString:
        return names_of(row).customer(row.customer_id)
