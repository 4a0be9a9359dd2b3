"""Names beside ids on the pages of the admin: all those of a page are read at once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final
from uuid import UUID

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.users.staff_names import staff_emails
from eventstore.admin import as_uuid, may_see_personal_data, show
from projections.models import Account, Customer
from projections.templatetags.accounts import account_name

APP: Final = "projections"
CUSTOMER: Final = "customer:"
ID_FIELDS: Final = ("account_id", "customer_id", "counterparty", "stream_id")
ACTOR_FIELDS: Final = ("actor", "requested_by", "decided_by")


@dataclass(frozen=True)
class Names:
    """The accounts, the names of customers and the e-mails of staff that a page names."""

    accounts: Mapping[UUID, Account] = field(default_factory=dict)
    customers: Mapping[UUID, str] = field(default_factory=dict)  # empty for who may not see personal data
    staff: Mapping[str, str] = field(default_factory=dict)
    short: bool = True  # whether only the ends of ids are shown

    def account(self, account_id: UUID) -> SafeString:
        """An account by its label, its id and its owner's name, as a link."""
        link = show.identifier(account_id, show.link_to("account", account_id, app=APP), short=self.short)
        known = self.accounts.get(account_id)
        if known is None:
            return link
        owner = self.customers.get(known.customer_id, "")
        return format_html('{} <span class="quiet">{}</span>', show.named(account_name(known), link), owner)

    def customer(self, customer_id: UUID) -> SafeString:
        """A customer by name and id, as a link."""
        link = show.identifier(customer_id, show.link_to("customer", customer_id, app=APP), short=self.short)
        return show.named(self.customers.get(customer_id), link)

    def actor(self, actor: str | None) -> SafeString | str:
        """Who did something: a member of staff by e-mail, a customer by name, each with the name in the log."""
        if not actor:
            return show.NOTHING
        return show.named(self.name_of(actor), show.identifier(actor, short=self.short))

    def name_of(self, actor: str) -> str | None:
        """The name of an actor in plain text."""
        if actor.startswith(CUSTOMER):
            found = as_uuid(actor.removeprefix(CUSTOMER))
            return self.customers.get(found) if found else None
        return self.staff.get(actor)

    def subject(self, subject_id: UUID) -> str | None:
        """The name of an account or a customer in plain text, an account's with its owner's."""
        account = self.accounts.get(subject_id)
        if account is None:
            return self.customers.get(subject_id)
        owner = self.customers.get(account.customer_id)
        return ", ".join(filter(None, (account_name(account), owner)))


def read_names(ids: Iterable[UUID], actors: Iterable[str], user: Any) -> Names:
    """The names for ids of accounts and customers, and for actors: three queries at most, however many there are."""
    wanted, actors = set(ids), set(actors)
    wanted |= {found for actor in actors if (found := as_uuid(actor.removeprefix(CUSTOMER)))}
    accounts = Account.objects.in_bulk(list(wanted)) if wanted else {}
    people = wanted | {account.customer_id for account in accounts.values()}
    return Names(accounts, _customers(people - set(accounts), user), staff_emails(actors))


def _customers(ids: Iterable[UUID], user: Any) -> dict[UUID, str]:
    if not ids or not may_see_personal_data(user):
        return {}
    found = Customer.objects.filter(pk__in=list(ids)).values_list("pk", "name")
    return {key: _("erased") if name is None else name for key, name in found}


def attach_names(rows: Sequence[Any], user: Any, *, short: bool) -> None:
    """Sets `names` of each row of a page to the names for all of them."""
    ids = [getattr(row, name, None) for row in rows for name in ID_FIELDS]
    legs = [as_uuid(row.account) for row in rows if isinstance(getattr(row, "account", None), str)]
    actors = [getattr(row, name, None) for row in rows for name in ACTOR_FIELDS]
    names = replace(read_names(filter(None, [*ids, *legs]), filter(None, actors), user), short=short)
    for row in rows:
        row.names = names


def names_of(row: Any) -> Names:
    """The names that `attach_names` has set."""
    found: Names = row.names
    return found
