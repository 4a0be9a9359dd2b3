"""The read models in the admin: what customers see, with the way back to the commands and events behind it."""

from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.text import normalise_email
from eventstore.admin import show
from eventstore.admin.filters import Filter, OutcomeFilter, RecordedFilter
from eventstore.admin.readonly import ReadOnlyAdmin, as_number, as_uuid
from eventstore.admin.show import Link
from projections.models import Account, AuditLine, Customer, Entry, JournalLeg
from projections.templatetags.entries import entry_title
from projections.templatetags.money import money

APP = "projections"


class BelongingFilter(Filter):
    """What belongs to one thing. There is nothing to choose from: other pages lead here."""

    field: ClassVar[str]

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(given, given)] if (given := request.GET.get(self.parameters[0])) else []

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        if (found := as_uuid(self.value() or "")) is None:
            raise IncorrectLookupParameters
        return queryset.filter(**{self.field: found})


class OwnerFilter(BelongingFilter):
    """The accounts of one customer."""

    title, parameter_name, parameters, field = _("owner"), "customer", ("customer",), "customer_id"


class AccountFilter(BelongingFilter):
    """The history of one account."""

    title, parameter_name, parameters, field = _("account"), "account", ("account",), "account_id"


class TransferFilter(BelongingFilter):
    """Both sides of one transfer."""

    title, parameter_name, parameters, field = _("transfer"), "transfer", ("transfer",), "transfer_id"


class AboutFilter(BelongingFilter):
    """What was asked about one customer or account."""

    title, parameter_name, parameters, field = _("about"), "about", ("about",), "stream_id"


class RefusedFilter(OutcomeFilter):
    """What was refused, by the index that holds nothing else."""

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        return queryset.exclude(code="") if self.value() == "refused" else super().queryset(request, queryset)


class ReadModelAdmin(ReadOnlyAdmin):
    """What the pages of all read models share."""

    @admin.display(description=_("recorded at"))
    def recorded(self, row: Any) -> str:
        return show.moment(row.recorded_at)

    @admin.display(description=_("effective at"))
    def effective(self, row: Any) -> str:
        return show.moment(row.effective_at)

    @admin.display(description=_("event"))
    def event(self, row: Any) -> SafeString:
        """The event that a row follows from, or the last of them."""
        return show.identifier(row.position, show.link_to("event", row.position))

    @admin.display(description=_("account"))
    def account_link(self, row: Any) -> SafeString:
        return show.identifier(row.account_id, show.link_to("account", row.account_id, app=APP))

    @admin.display(description=_("owner"))
    def owner(self, row: Any) -> SafeString:
        return show.identifier(row.customer_id, show.link_to("customer", row.customer_id, app=APP))


@admin.register(Customer)
class CustomerAdmin(ReadModelAdmin):
    """Who the customers are, the newest first."""

    list_display = ("who", "email", "status", "registered", "customer_id")
    search_fields = ("name",)
    search_help_text = _("A name or a part of it, a whole e-mail address, or a customer's id.")
    detail_fields = ("name", "email", "customer_id", "status", "locale", "timezone", "registered", "version", "event")

    def find(self, term: str) -> str | None:
        found = Customer.objects.filter(customer_id=as_uuid(term)).first()
        return show.link_to("customer", found.customer_id, app=APP) if found else None

    def search(self, queryset: "QuerySet[Any]", term: str) -> "QuerySet[Any]":
        if "@" in term:
            return queryset.filter(email=normalise_email(term))
        return queryset.filter(name__icontains=term)

    @admin.display(description=_("name"))
    def who(self, customer: Customer) -> str:
        return gettext("erased") if customer.name is None else customer.name

    @admin.display(description=_("registered at"))
    def registered(self, customer: Customer) -> str:
        return show.moment(customer.registered_at)

    def links(self, obj: Customer) -> list[Link]:
        actor = f"customer:{obj.customer_id}"
        return [
            Link(gettext("Accounts"), show.list_of("account", {"customer": obj.customer_id}, app=APP)),
            Link(gettext("What they asked for"), show.list_of("command", {"q": actor})),
            Link(gettext("What was asked about them"), show.list_of("auditline", {"about": obj.customer_id}, app=APP)),
            Link(gettext("Stream"), show.link_to("stream", obj.customer_id)),
        ]


@admin.register(Account)
class AccountAdmin(ReadModelAdmin):
    """The accounts as they stand, the newest first."""

    list_display = ("name", "balance_text", "status", "opened", "owner", "account_id")
    list_filter = (OwnerFilter,)
    search_fields = ("account_id",)
    search_help_text = _("The id of an account, or of its owner.")
    detail_fields = (
        *("account_id", "owner", "label", "currency", "balance_text", "held_text", "available_text"),
        *("overdraft_text", "status", "timezone", "opened", "version", "event"),
    )

    def find(self, term: str) -> str | None:
        if Account.objects.filter(account_id=(found := as_uuid(term))).exists():
            return show.link_to("account", found, app=APP)
        return show.list_of("account", {"customer": found}, app=APP) if found else None

    @admin.display(description=_("account"))
    def name(self, account: Account) -> str:
        return account.label or account.currency

    @admin.display(description=_("balance"))
    def balance_text(self, account: Account) -> SafeString:
        return money(account.balance, account.currency)

    @admin.display(description=_("held"))
    def held_text(self, account: Account) -> SafeString:
        return money(account.held, account.currency)

    @admin.display(description=_("available"))
    def available_text(self, account: Account) -> SafeString:
        return money(account.available, account.currency)

    @admin.display(description=_("overdraft limit"))
    def overdraft_text(self, account: Account) -> SafeString:
        return money(account.overdraft_limit, account.currency)

    @admin.display(description=_("opened at"))
    def opened(self, account: Account) -> str:
        return show.moment(account.opened_at)

    def links(self, obj: Account) -> list[Link]:
        return [
            Link(gettext("History"), show.list_of("entry", {"account": obj.account_id}, app=APP)),
            Link(gettext("What was asked about it"), show.list_of("auditline", {"about": obj.account_id}, app=APP)),
            Link(gettext("Stream"), show.link_to("stream", obj.account_id)),
        ]


@admin.register(Entry)
class EntryAdmin(ReadModelAdmin):
    """The lines of the accounts' histories, the newest first."""

    list_display = ("recorded", "title", "amount_text", "balance_text", "reference", "account_link", "event")
    list_filter = (AccountFilter, TransferFilter)
    search_fields = ("entry_id",)
    search_help_text = _("The id of an entry, an account or a transfer.")
    detail_fields = (
        *("entry_id", "account_link", "title", "amount_text", "balance_text", "reference", "recorded", "effective"),
        *("other", "transfer_id", "event"),
    )

    def get_key_field(self, request: HttpRequest) -> str:
        """One account's history has an index by position; ids order all of them."""
        return "position" if "account" in request.GET else "pk"

    def find(self, term: str) -> str | None:
        """An entry's page; else the history of an account, or the sides of a transfer."""
        found = as_uuid(term)
        if Entry.objects.filter(entry_id=found).exists():
            return show.link_to("entry", found, app=APP)
        side = "account" if Entry.objects.filter(account_id=found).exists() else "transfer"
        return show.list_of("entry", {side: found}, app=APP) if found else None

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

    def links(self, obj: Entry) -> list[Link]:
        legs = Link(gettext("Journal legs"), show.list_of("journalleg", {"q": obj.position}, app=APP))
        if obj.transfer_id is None:
            return [legs]
        sides = show.list_of("entry", {"transfer": obj.transfer_id}, app=APP)
        return [Link(gettext("Both sides of the transfer"), sides), legs]


@admin.register(JournalLeg)
class JournalLegAdmin(ReadModelAdmin):
    """Double entry: each movement twice, the newest first."""

    list_display = ("leg", "recorded", "account", "amount_text", "event")
    search_fields = ("leg",)
    search_help_text = _("The position of the event that moved the money.")
    detail_fields = ("leg", "account", "amount_text", "movement", "recorded", "effective", "event")

    def search(self, queryset: "QuerySet[Any]", term: str) -> "QuerySet[Any]":
        position = as_number(term)
        return queryset.none() if position is None else queryset.filter(leg__in=(2 * position, 2 * position + 1))

    @admin.display(description=_("amount"))
    def amount_text(self, leg: JournalLeg) -> SafeString:
        return money(leg.amount, leg.currency, signed=True)


@admin.register(AuditLine)
class AuditLineAdmin(ReadModelAdmin):
    """Who asked for what, with which outcome; the newest first."""

    list_display = ("number", "recorded", "command", "outcome", "who", "about")
    list_filter = (RefusedFilter, AboutFilter, RecordedFilter)
    search_fields = ("number",)
    search_help_text = _("Who asked, as customer:… or staff:…, or the id of what it was about.")
    detail_fields = ("number", "recorded", "command", "outcome", "actor", "about", "command_id")

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
        return show.identifier(line.actor, show.list_of("auditline", {"q": line.actor}, app=APP), short=True)

    @admin.display(description=_("about"))
    def about(self, line: AuditLine) -> SafeString:
        return show.stream_link(line.category, line.stream_id, short=True)

    def links(self, obj: AuditLine) -> list[Link]:
        return [Link(gettext("Command"), show.link_to("command", obj.command_id))]
