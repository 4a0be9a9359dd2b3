"""Customers and their accounts in the admin, with links to their commands."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.templatetags.money import money
from accounts.users.emails import normalise_email
from eventstore.admin import Link, as_uuid, may_see_personal_data, show
from projections.admin.common import BelongingFilter, ReadModelAdmin
from projections.admin.names import APP, Names, names_of
from projections.models import Account, Customer
from projections.queries import find_customers


class OwnerFilter(BelongingFilter):
    """Accounts of one customer."""

    title, parameter_name, parameters, field = _("owner"), "customer", ("customer",), "customer_id"


@admin.register(Customer)
class CustomerAdmin(ReadModelAdmin):
    """Customers, newest first."""

    list_display = ("who", "mail", "status_mark", "registered", "customer_id")
    search_fields = ("name",)
    search_help_text = _("A name or a part of it, a whole e-mail address, or a customer's id.")
    detail_fields = (
        "who",
        "mail",
        "customer_id",
        "status_mark",
        "locale",
        "timezone",
        "registered",
        "version",
        "event",
    )

    def find(self, term: str) -> str | None:
        found = as_uuid(term)
        if found and Customer.objects.filter(customer_id=found).exists():
            return show.link_to("customer", found, app=APP)
        return None

    def search(self, queryset: "QuerySet[Any]", term: str) -> "QuerySet[Any]":
        if "@" in term:
            return queryset.filter(email=normalise_email(term))
        return find_customers(queryset, term)

    def enrich_for(self, request: HttpRequest, rows: Sequence[Any]) -> None:
        """The rows hold the names themselves; whether the reader may see them is all that is to be found out."""
        may_see = may_see_personal_data(request.user)
        for row in rows:
            row.names = Names(customers={row.pk: row.name or gettext("erased")} if may_see else {})

    def title_of(self, obj: Customer) -> str:
        name = names_of(obj).customers.get(obj.customer_id, str(obj.customer_id))
        return gettext("Customer %(name)s") % {"name": name}

    @admin.display(description=pgettext_lazy("of a person", "name"))
    def who(self, customer: Customer) -> str:
        return self._personal(customer, customer.name)

    @admin.display(description=_("e-mail"))
    def mail(self, customer: Customer) -> str:
        return self._personal(customer, customer.email)

    def _personal(self, customer: Customer, text: str | None) -> str:
        if text is None:
            return gettext("erased")
        return text if customer.customer_id in names_of(customer).customers else gettext("You may not see this.")

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
    """Accounts with their current balances, newest first."""

    list_display = ("name", "owner", "balance_text", "available_text", "status_mark", "opened", "account_id")
    number_columns = ("balance_text", "available_text")
    list_filter = (OwnerFilter,)
    search_fields = ("account_id",)
    search_help_text = _("The id of an account, or of its owner.")
    detail_fields = (
        *("account_id", "owner", "label", "currency", "balance_text", "held_text", "available_text"),
        *(
            "overdraft_text",
            "at_once_text",
            "daily_text",
            "status_mark",
            "frozen_scope",
            "timezone",
            "opened",
            "version",
        ),
        "event",
    )

    def find(self, term: str) -> str | None:
        if (found := as_uuid(term)) is None:
            return None
        if Account.objects.filter(account_id=found).exists():
            return show.link_to("account", found, app=APP)
        return show.list_of("account", {"customer": found}, app=APP)

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

    @admin.display(description=_("limit for each movement out"))
    def at_once_text(self, account: Account) -> str:
        return _limit(account.per_entry, account.currency)

    @admin.display(description=_("limit for each day"))
    def daily_text(self, account: Account) -> str:
        return _limit(account.daily_out, account.currency)

    @admin.display(description=_("opened at"))
    def opened(self, account: Account) -> str:
        return show.moment(account.opened_at)

    def links(self, obj: Account) -> list[Link]:
        return [
            Link(gettext("History"), show.list_of("entry", {"account": obj.account_id}, app=APP)),
            Link(gettext("Holds"), show.list_of("hold", {"account": obj.account_id}, app=APP)),
            Link(gettext("Daily balances"), show.list_of("dailybalance", {"account": obj.account_id}, app=APP)),
            Link(gettext("Approvals"), show.list_of("approval", {"account": obj.account_id}, app=APP)),
            Link(gettext("What was asked about it"), show.list_of("auditline", {"about": obj.account_id}, app=APP)),
            Link(gettext("Stream"), show.link_to("stream", obj.account_id)),
        ]


def _limit(amount: int | None, currency: str) -> str:
    return gettext("none") if amount is None else money(amount, currency)
