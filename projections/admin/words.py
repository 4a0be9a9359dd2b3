"""The product's words on the engine's pages: names of people and accounts, and amounts in major units."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final
from uuid import UUID

from accounts.domain.money import EXPONENTS
from accounts.templatetags.money import plain_money
from accounts.templatetags.orders import order_in_words
from eventstore.admin import Words
from projections.admin.names import read_names
from projections.models import Account

# Fields of events, commands and states that hold minor units
AMOUNTS: Final = frozenset(
    {"amount", "balance", "held", "released", "limit", "per_entry", "daily_out", "overdraft_limit", "spent"}
)
ACCOUNT_FIELDS: Final = ("account_id", "from_account")  # of which one gives the currency, where the message has none
ACTOR_FIELDS: Final = ("requested_by", "approver")


class ProductWords(Words):
    """Names, for those who may see personal data, and amounts."""

    def actors(self, actors: Collection[str], user: Any) -> Mapping[str, str]:
        """E-mails of staff, and names of customers."""
        names = read_names((), actors, user)
        return {actor: name for actor in actors if (name := names.name_of(actor))}

    def streams(self, ids: Collection[UUID], user: Any) -> Mapping[UUID, str]:
        """Names of customers, and labels of accounts with their owners' names."""
        names = read_names(ids, (), user)
        return {found: name for found in ids if (name := names.subject(found))}

    def fields(self, message: object, user: Any) -> Mapping[str, str]:
        """What the ids and the amounts of a message or a state stand for."""
        values = {name: getattr(message, name) for name in _field_names(message)}
        ids = {name: found for name, found in values.items() if isinstance(found, UUID)}
        actors = {name: found for name in ACTOR_FIELDS if isinstance(found := values.get(name), str)}
        names = read_names(ids.values(), actors.values(), user)
        found = {name: names.subject(value) for name, value in ids.items()}
        found |= {name: names.name_of(value) for name, value in actors.items()}
        found |= _amounts(values, names.accounts)
        return {name: text for name, text in found.items() if text}


def _field_names(message: object) -> Iterator[str]:
    yield from getattr(message, "__dataclass_fields__", ())


def _amounts(values: Mapping[str, Any], accounts: Mapping[UUID, Account]) -> dict[str, str | None]:
    currency: str = values.get("currency") or _currency_of_account(values, accounts) or ""
    if currency not in EXPONENTS:
        return {}
    sums = {name: found for name in AMOUNTS if isinstance(found := values.get(name), int)}
    shown: dict[str, str | None] = {name: plain_money(found, currency) for name, found in sums.items()}
    if (order := values.get("order")) and isinstance(values.get("command"), str):
        shown["order"] = order_text(values["command"], order, currency)
    return shown


def _currency_of_account(values: Mapping[str, Any], accounts: Mapping[UUID, Account]) -> str | None:
    known = (accounts.get(values[name]) for name in ACCOUNT_FIELDS if isinstance(values.get(name), UUID))
    return next((account.currency for account in known if account), None)


def order_text(command: str, order: Mapping[str, Any], currency: str) -> str | None:
    """A requested command in words, with its amount; the leg of a reversal is what it moves back."""
    leg = order.get("leg")
    amount = leg.get("amount") if isinstance(leg, dict) else order.get("amount", order.get("limit"))
    if not isinstance(amount, int):
        return None
    return order_in_words(command, plain_money(amount, currency, signed="limit" not in order))
