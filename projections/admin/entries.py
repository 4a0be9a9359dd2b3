"""Movements of money in the admin: entries of accounts, and journal legs."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.templatetags.money import money, plain_money
from eventstore.admin import Link, as_number, as_uuid, show
from projections import queries
from projections.admin.common import AccountFilter, BelongingFilter, ReadModelAdmin
from projections.admin.names import APP, names_of
from projections.models import Entry, JournalLeg
from projections.templatetags.entries import entry_title


class TransferFilter(BelongingFilter):
    """Both entries of one transfer."""

    title, parameter_name, parameters, field = _("transfer"), "transfer", ("transfer",), "transfer_id"


@admin.register(Entry)
class EntryAdmin(ReadModelAdmin):
    """Entries of all accounts, newest first."""

    list_display = ("recorded", "account_link", "title", "amount_text", "balance_text", "reference", "event")
    number_columns = ("amount_text", "balance_text", "event")
    list_filter = (AccountFilter, TransferFilter)
    search_fields = ("entry_id",)
    search_help_text = _("The id of an entry, an account or a transfer.")
    detail_fields = (
        *("entry_id", "account_link", "title", "amount_text", "balance_text", "reference", "recorded", "effective"),
        *("other", "transfer_id", "undoes", "undone", "event"),
    )

    def get_key_field(self, request: HttpRequest) -> str:
        """Orders one account's history by its index on position, all others by id."""
        return "position" if "account" in request.GET else "pk"

    def find(self, term: str) -> str | None:
        """Finds an entry by its id, or the history of an account, or the entries of a transfer."""
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
        return names_of(entry).account(entry.counterparty)

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
    """Journal legs, newest first: two for each movement."""

    list_display = ("leg", "recorded", "side", "amount_text", "event")
    number_columns = ("leg", "amount_text", "event")
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
        """The account of the leg, with a link if it is a customer's."""
        ours = as_uuid(leg.account)
        return names_of(leg).account(ours) if ours else show.identifier(leg.account)

    @admin.display(description=_("amount"))
    def amount_text(self, leg: JournalLeg) -> SafeString:
        return money(leg.amount, leg.currency, signed=True)
