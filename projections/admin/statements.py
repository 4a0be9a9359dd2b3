"""Issued statements in the admin."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.templatetags.money import money
from eventstore.admin import Link, as_uuid, show
from projections.admin.common import AccountFilter, ReadModelAdmin
from projections.admin.names import APP
from projections.models import Statement


@admin.register(Statement)
class StatementAdmin(ReadModelAdmin):
    """Issued statements, newest first."""

    list_display = ("period", "account_link", "opening_text", "credits_text", "debits_text", "closing_text", "issued")
    number_columns = ("opening_text", "credits_text", "debits_text", "closing_text")
    list_filter = (AccountFilter,)
    detail_template = "admin/eventstore/detail.html"  # without actions: a statement never changes
    search_fields = ("account_id",)
    search_help_text = _("The id of an account.")
    detail_fields = (
        *(
            "account_link",
            "period",
            "begins",
            "ends",
            "timezone",
            "number",
            "opening_text",
            "credits_text",
            "debits_text",
            "closing_text",
        ),
        *("entries", "first_position", "last_position", "hash", "issued"),
    )

    def get_key_field(self, request: HttpRequest) -> str:
        """Orders one account's statements by their index on number, all others by id."""
        return "number" if "account" in request.GET else "pk"

    def find(self, term: str) -> str | None:
        found = as_uuid(term)
        return show.list_of("statement", {"account": found}, app=APP) if found else None

    @admin.display(description=_("opening balance"))
    def opening_text(self, statement: Statement) -> SafeString:
        return money(statement.opening, statement.currency)

    @admin.display(description=_("came in"))
    def credits_text(self, statement: Statement) -> SafeString:
        return money(statement.credits, statement.currency)

    @admin.display(description=_("left"))
    def debits_text(self, statement: Statement) -> SafeString:
        return money(statement.debits, statement.currency)

    @admin.display(description=_("closing balance"))
    def closing_text(self, statement: Statement) -> SafeString:
        return money(statement.closing, statement.currency)

    @admin.display(description=_("begins at"))
    def begins(self, statement: Statement) -> str:
        return show.moment(statement.begins_at)

    @admin.display(description=_("ends at"))
    def ends(self, statement: Statement) -> str:
        return show.moment(statement.ends_at)

    @admin.display(description=_("issued at"))
    def issued(self, statement: Statement) -> str:
        return show.moment(statement.issued_at)

    @admin.display(description=_("SHA-256"))
    def hash(self, statement: Statement) -> str:
        return bytes(statement.digest).hex()

    def title_of(self, obj: Statement) -> str:
        return gettext("Statement of %(period)s") % {"period": obj.period}

    def links(self, obj: Any) -> list[Link]:
        return [
            Link(
                gettext("All statements of the account"),
                show.list_of("statement", {"account": obj.account_id}, app=APP),
            ),
            Link(gettext("History"), show.list_of("entry", {"account": obj.account_id}, app=APP)),
        ]
