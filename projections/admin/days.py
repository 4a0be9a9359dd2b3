"""Daily balances of accounts, and daily volumes of all of them, in the admin."""

from datetime import date
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.templatetags.money import money
from eventstore.admin import as_uuid, show
from projections.admin.common import AccountFilter, ReadModelAdmin
from projections.admin.names import APP
from projections.models import DailyBalance, Volume


@admin.register(DailyBalance)
class DailyBalanceAdmin(ReadModelAdmin):
    """Days on which money moved in an account: by account, newest first, then by day."""

    list_display = ("day_text", "account_link", "came_in", "left", "balance_text", "event")
    number_columns = ("balance_text", "came_in", "left", "event")
    list_filter = (AccountFilter,)
    search_fields = ("account_id",)
    search_help_text = _("The id of an account.")
    detail_fields = ("day_text", "account_link", "balance_text", "came_in", "left", "event")

    def get_key_field(self, request: HttpRequest) -> str:
        """Orders one account's days by their index, all others by primary key."""
        return "day" if "account" in request.GET else "pk"

    def find(self, term: str) -> str | None:
        found = as_uuid(term)
        return show.list_of("dailybalance", {"account": found}, app=APP) if found else None

    @admin.display(description=_("day"))
    def day_text(self, row: DailyBalance) -> str:
        return row.day.isoformat()

    @admin.display(description=_("balance at its end"))
    def balance_text(self, row: DailyBalance) -> SafeString:
        return money(row.balance, row.currency)

    @admin.display(description=_("came in"))
    def came_in(self, row: DailyBalance) -> SafeString:
        return money(row.credits, row.currency)

    @admin.display(description=_("left"))
    def left(self, row: DailyBalance) -> SafeString:
        return money(row.debits, row.currency)


@admin.register(Volume)
class VolumeAdmin(ReadModelAdmin):
    """Volumes of each day, latest first."""

    list_display = ("day_text", "currency", "type", "number", "amount_text", "event")
    number_columns = ("number", "amount_text", "event")
    search_fields = ("day",)
    search_help_text = _("A day such as 2026-03-01.")
    detail_fields = ("day_text", "currency", "type", "number", "amount_text", "event")

    def search(self, queryset: "QuerySet[Any]", term: str) -> "QuerySet[Any]":
        try:
            return queryset.filter(day=date.fromisoformat(term))
        except ValueError:
            return queryset.none()

    @admin.display(description=_("day (UTC)"))
    def day_text(self, row: Volume) -> str:
        return row.day.isoformat()

    @admin.display(description=_("amount"))
    def amount_text(self, row: Volume) -> SafeString:
        return money(row.amount, row.currency)
