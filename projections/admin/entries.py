"""Movements of money in the admin: as lines of history, and as double entry."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from eventstore.admin import Link, as_number, as_uuid, show
from projections import queries
from projections.admin.common import APP, AccountFilter, BelongingFilter, ReadModelAdmin
from projections.models import Entry, JournalLeg
from projections.templatetags.entries import entry_title
from projections.templatetags.money import money, plain_money


class TransferFilter(BelongingFilter):
    """Both sides of one transfer."""

    title, parameter_name, parameters, field = _("transfer"), "transfer", ("transfer",), "transfer_id"


@admin.register(Entry)
class EntryAdmin(ReadModelAdmin):
    """The lines of the accounts' histories, the newest first."""

    list_display = ("recorded", "title", "amount_text", "balance_text", "reference", "account_link", "event")
    list_filter = (AccountFilter, TransferFilter)
    search_fields = ("entry_id",)
    search_help_text = _("The id of an entry, an account or a transfer.")
    detail_fields = (
        *("entry_id", "account_link", "title", "amount_text", "balance_text", "reference", "recorded", "effective"),
        *("other", "transfer_id", "undoes", "undone", "event"),
    )

    def get_key_field(self, request: HttpRequest) -> str:
        """One account's history has an index by position; ids order all of them."""
        return "position" if "account" in request.GET else "pk"

    def find(self, term: str) -> str | None:
        """An entry's page; else the history of an account, or the sides of a transfer."""
        if (found := as_uuid(term)) is None:
            return None
        if Entry.objects.filter(entry_id=found).exists():
            return show.link_to("entry", found, app=APP)
        side = "account" if Entry.objects.filter(account_id=found).exists() else "transfer"
        return show.list_of("entry", {side: found}, app=APP)

    @admin.display(description=_("what"))
    def title(self, entry: Entry) -> str:
        return entry_title(entry)

    @admin.display(description=_("amount"))
    def amount_text(self, entry: Entry) -> SafeString:
        return money(entry.signed_amount, entry.currency, signed=True)

    @admin.display(description=_("balance after it"))
    def balance_text(self, entry: Entry) -> SafeString:
        return money(entry.balance, entry.currency)

    @admin.display(description=_("other account"))
    def other(self, entry: Entry) -> str:
        if entry.counterparty is None:
            return show.NOTHING
        return show.identifier(entry.counterparty, show.link_to("account", entry.counterparty, app=APP))

    @admin.display(description=_("reversed entry"))
    def undoes(self, entry: Entry) -> str:
        return _link(entry.reverses)

    @admin.display(description=_("reversed by"))
    def undone(self, entry: Entry) -> str:
        queries.attach_reversals([entry])
        return _link(entry.reversed_by)

    def title_of(self, obj: Entry) -> str:
        return f"{entry_title(obj)}, {plain_money(obj.signed_amount, obj.currency)}"

    def links(self, obj: Entry) -> list[Link]:
        legs = Link(gettext("Journal legs"), show.list_of("journalleg", {"q": obj.position}, app=APP))
        if obj.transfer_id is None:
            return [legs]
        sides = show.list_of("entry", {"transfer": obj.transfer_id}, app=APP)
        return [Link(gettext("Both sides of the transfer"), sides), legs]


def _link(entry_id: UUID | None) -> str:
    return show.NOTHING if entry_id is None else show.identifier(entry_id, show.link_to("entry", entry_id, app=APP))


@admin.register(JournalLeg)
class JournalLegAdmin(ReadModelAdmin):
    """Double entry: each movement twice, the newest first."""

    list_display = ("leg", "recorded", "side", "amount_text", "event")
    search_fields = ("leg",)
    search_help_text = _("The position of the event that moved the money.")
    detail_fields = ("leg", "side", "amount_text", "movement", "recorded", "effective", "event")

    def search(self, queryset: "QuerySet[Any]", term: str) -> "QuerySet[Any]":
        position = as_number(term)
        if position is None:
            return queryset.none()
        return queryset.filter(leg__gte=2 * position, leg__lte=2 * position + 1)

    @admin.display(description=_("account"))
    def side(self, leg: JournalLeg) -> SafeString:
        """An account of ours, or the world outside, which has no page."""
        ours = as_uuid(leg.account)
        return show.identifier(leg.account, show.link_to("account", ours, app=APP) if ours else None)

    @admin.display(description=_("amount"))
    def amount_text(self, leg: JournalLeg) -> SafeString:
        return money(leg.amount, leg.currency, signed=True)
