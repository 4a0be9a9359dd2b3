"""What a staff action changes, before and after: found by previewing its command, so that no action can forget it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.domain.account import Account
from accounts.domain.approval import Approval
from accounts.domain.customer import Customer
from accounts.services.previews import preview
from accounts.staff_actions.descriptions import customer_status_text, freeze_text, limit_text, status_text
from accounts.staff_actions.readers import account_label
from accounts.templatetags.money import money
from eventstore.decider import Refused
from eventstore.forms import sentence
from eventstore.messages import StreamKey


@dataclass(frozen=True, slots=True)
class Change:
    """One value that an action changes."""

    name: str
    before: SafeString | str
    after: SafeString | str


@dataclass(frozen=True, slots=True)
class Effect:
    """What a command would change as things stand now, or the sentence by which it would be refused."""

    changes: tuple[Change, ...] = ()
    refusal: str = ""
    field: str | None = None  # the field at fault of a refused command


def effect_of(build: Callable[[], Any], *, is_approved: bool = False) -> Effect:
    """The effect of the command that a builder makes now; `is_approved` as for `preview`."""
    try:
        found = preview(build(), is_approved=is_approved)
    except Refused as refused:
        return Effect(refusal=sentence(refused.refusal), field=refused.refusal.field)
    many = sum(key.category == "account" for key in found.before) > 1
    changes = [
        change for key, before in found.before.items() for change in _changes(key, before, found.after[key], many=many)
    ]
    return Effect(tuple(changes))


def _changes(key: StreamKey, before: Any, after: Any, *, many: bool) -> Iterator[Change]:
    values = _VALUES[key.category]
    whose = f"{account_label(before)}: " if many and key.category == "account" else ""
    for name, shown in values(before).items():
        if (then := values(after)[name]) != shown:
            yield Change(f"{whose}{name}", shown, then)


def _account(state: Account) -> dict[str, SafeString | str]:
    currency = state.currency
    return {
        _("Balance"): money(state.balance, currency),
        _("Held"): money(state.held, currency),
        _("Overdraft limit"): money(state.overdraft_limit, currency),
        _("Available"): money(state.available, currency),
        _("Limit for each movement out"): limit_text(state.per_entry, currency),
        _("Limit for each day"): limit_text(state.daily_out, currency),
        _("Freeze"): freeze_text(state.frozen),
    }


def _customer(state: Customer) -> dict[str, SafeString | str]:
    return {_("Status"): customer_status_text(state)}


def _approval(state: Approval) -> dict[str, SafeString | str]:
    return {pgettext("approval", "Request"): status_text(state.status)}


_VALUES: Final[dict[str, Callable[[Any], dict[str, SafeString | str]]]] = {
    "account": _account,
    "customer": _customer,
    "approval": _approval,
}
