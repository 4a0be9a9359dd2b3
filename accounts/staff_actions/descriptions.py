"""What a staff action is about, in words and amounts: one description for each kind of subject."""

from collections.abc import Callable, Mapping
from typing import Any, Final
from uuid import UUID

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, pgettext

from accounts.domain.account import ALL, DEBITS, Account
from accounts.domain.customer import Customer
from accounts.domain.events import (
    BalanceAdjusted,
    EntryReversed,
    HoldCaptured,
    MoneyDeposited,
    MoneyEvent,
    MoneyWithdrawn,
    TransferReceived,
    TransferSent,
    signed_amount,
)
from accounts.staff_actions.readers import Reader
from accounts.staff_actions.subjects import ApprovalState, EntryState, HoldState, load_entry
from accounts.templatetags.money import money, plain_money
from accounts.templatetags.orders import order_in_words
from eventstore.admin import Fact, Section, show

Describer = Callable[[Any, Reader], list[Section]]

# Marked here, translated where they are shown.
KINDS: Final[Mapping[type[Any], str]] = {
    MoneyDeposited: gettext_noop("Deposit"),
    MoneyWithdrawn: gettext_noop("Withdrawal"),
    TransferSent: gettext_noop("Transfer sent"),
    TransferReceived: gettext_noop("Transfer received"),
    HoldCaptured: gettext_noop("Captured hold"),
    EntryReversed: gettext_noop("Reversal"),
    BalanceAdjusted: gettext_noop("Adjustment"),
}


def customer(state: Customer, reader: Reader) -> list[Section]:
    """The customer, by name and id."""
    assert state.customer_id
    return [Section(_("Customer"), [_customer_fact(state, reader)])]


def _customer_fact(state: Customer, reader: Reader) -> Fact:
    tones = {"active": "good", "suspended": "bad"}
    shown = reader.customer(state.customer_id) if state.customer_id else show.NOTHING
    return Fact(_("Customer"), shown, customer_status_text(state), tones.get(state.status, "quiet"))


def customer_status_text(state: Customer) -> str:
    """The status of a customer in words."""
    words = {"active": _("active"), "suspended": _("suspended"), "erased": _("erased")}
    return words[state.status]


def account(state: Account, reader: Reader) -> list[Section]:
    """The account with its owner and its sums."""
    return [Section(_("Account"), account_facts(state, reader))]


def account_facts(state: Account, reader: Reader) -> list[Fact]:
    """The owner, the label and the sums of an account."""
    assert state.account_id
    assert state.customer_id
    return [
        Fact(_("Owner"), reader.customer(state.customer_id)),
        Fact(_("Account"), reader.account(state.account_id, state), *_status(state)),
        Fact(_("Balance"), money(state.balance, state.currency)),
        Fact(_("Held"), money(state.held, state.currency)),
        Fact(_("Overdraft limit"), money(state.overdraft_limit, state.currency)),
        Fact(_("Available"), money(state.available, state.currency)),
        Fact(_("Limit for each movement out"), limit_text(state.per_entry, state.currency)),
        Fact(_("Limit for each day"), limit_text(state.daily_out, state.currency)),
    ]


def _status(state: Account) -> tuple[str, str]:
    """The mark of an account, and its tone."""
    if state.closed:
        return pgettext("account", "closed"), "quiet"
    return (freeze_text(state.frozen), "bad") if state.frozen else (pgettext("account", "open"), "good")


def freeze_text(scope: str) -> str:
    """The scope of a freeze in words."""
    words = {DEBITS: _("frozen: money may not leave"), ALL: _("frozen: money may not move"), "": _("not frozen")}
    return words[scope]


def limit_text(amount: int | None, currency: str) -> SafeString | str:
    """A limit, or that there is none."""
    return _("none") if amount is None else money(amount, currency)


def entry(state: EntryState, reader: Reader) -> list[Section]:
    """The entry, and its account as it is now."""
    return [Section(_("Entry"), _entry_facts(state, reader)), *account(state.account, reader)]


def _entry_facts(state: EntryState, reader: Reader) -> list[Fact]:
    event: Any = state.record.event
    return [
        Fact(_("What"), entry_title(event)),
        Fact(_("Amount"), money(signed_amount(event), event.currency, signed=True)),
        Fact(_("Balance after it"), money(event.balance, event.currency)),
        Fact(_("Recorded at"), show.moment(state.record.recorded_at)),
        Fact(_("Effective at"), show.moment(state.record.effective_at)),
        Fact(_("Reference"), show.value(getattr(event, "reference", None) or getattr(event, "reason", None))),
        *_other_side(event, reader),
        Fact(_("Entry id"), show.identifier(event.entry_id)),
    ]


def entry_title(event: MoneyEvent) -> str:
    """The kind of an entry in words."""
    return _(KINDS[type(event)])


def _other_side(event: Any, reader: Reader) -> list[Fact]:
    """The other account of a transfer, and its owner."""
    names = ("to_account", "from_account", "counterparty")
    other_id = next(filter(None, (getattr(event, name, None) for name in names)), None)
    if other_id is None:
        return []
    other = reader.state_of(other_id)
    return [
        Fact(_("Other account"), reader.account(other_id, other)),
        Fact(
            _("Owner of the other account"), reader.customer(other.customer_id) if other.customer_id else show.NOTHING
        ),
    ]


def hold(state: HoldState, reader: Reader) -> list[Section]:
    """The hold, and its account as it is now; of a hold that has ended, the account alone."""
    held = state.hold
    if held is None:
        return account(state.account, reader)
    facts = [
        Fact(_("Amount"), money(held.amount, state.currency)),
        Fact(_("Expires at"), show.moment(held.expires_at)),
        Fact(_("Reference"), show.value(held.reference)),
        Fact(_("Hold id"), show.identifier(held.hold_id)),
    ]
    return [Section(_("Hold"), facts), *account(state.account, reader)]


def approval(state: ApprovalState, reader: Reader) -> list[Section]:
    """The request: what is asked for, by whom and why; and what it is about."""
    requested = state.record.event
    state_of_account = reader.state_of(requested.account_id)
    reversed_entry = _reversed_entry(requested.order)
    facts = [
        Fact(_("What is asked for"), _order(requested.command, requested.order, state_of_account)),
        Fact(_("Requested by"), reader.actor(requested.requested_by)),
        Fact(_("Requested at"), show.moment(state.record.recorded_at)),
        Fact(_("Reason"), requested.reason),
        Fact(_("Status"), status_text(state.approval.status)),
    ]
    about = entry(reversed_entry, reader) if reversed_entry else account(state_of_account, reader)
    return [Section(pgettext("approval", "Request"), facts), *about]


def status_text(status: str) -> str:
    """The status of a request in words."""
    words = {
        "open": pgettext("approval", "open"),
        "granted": _("granted"),
        "refused": pgettext("approval", "refused"),
        "withdrawn": _("withdrawn"),
    }
    return words[status]


def _order(command: str, order: Mapping[str, Any], state: Account) -> str:
    """The requested command in words, with its amount; the leg of a reversal is what it moves back."""
    amount = order["leg"]["amount"] if "leg" in order else order.get("amount", order.get("limit"))
    return order_in_words(command, plain_money(amount, state.currency, signed="limit" not in order))


def _reversed_entry(order: Mapping[str, Any]) -> EntryState | None:
    return load_entry(UUID(order["leg"]["entry_id"])) if "leg" in order else None


DESCRIPTIONS: Final[Mapping[str, Describer]] = {
    "customer": customer,
    "account": account,
    "entry": entry,
    "hold": hold,
    "approval": approval,
}
