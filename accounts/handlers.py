"""What pages and API call where asking takes more than `execute` alone."""

from functools import partial
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from uuid_utils.compat import uuid7

from accounts.account import Account
from accounts.commands import Deposit, RegisterCustomer, UpdateCustomerDetails, Withdraw
from accounts.sign_ins import hash_password, make_sign_in, move_sign_in
from accounts.text import clean_email, clean_locale, clean_name, clean_timezone
from eventstore import log
from eventstore.decider import Refused
from eventstore.decider import phrase as _
from eventstore.execute import Request, carry_out, execute
from eventstore.messages import canonical
from eventstore.personal import keyed_hash
from eventstore.records import Receipt

DEFAULT_TIMEZONE: Final = "UTC"


def new_id() -> UUID:
    """An id that rises with time, so that new rows of an index lie side by side."""
    return uuid7()


def own_account(account_id: UUID, customer_id: UUID | None) -> Account:
    """The account as a decision sees it; raises Refused ACCOUNT_NOT_FOUND unless it is this customer's.

    Read from the head of its stream, so it costs the same for a long history, and is never out of date.
    """
    account: Account = log.current("account", account_id)
    account.must_belong_to(customer_id)
    return account


def must_have_rails() -> None:
    """Raise Refused RAILS_OFF where money comes and goes by other ways than these demo rails."""
    if not settings.DEMO_RAILS:
        raise Refused("RAILS_OFF", _("Deposits and withdrawals can't be made here."))


def move_money(
    command: Deposit | Withdraw,
    key: str | UUID,
    *,
    actor: str,
    fingerprint: str | None = None,
    dry_run: bool = False,
) -> Receipt:
    """Deposit or withdraw, with the effective date that the command names.

    Raises Refused RAILS_OFF.
    """
    must_have_rails()
    return execute(
        command,
        key,
        actor=actor,
        fingerprint=fingerprint,
        effective_at=command.effective_at,
        dry_run=dry_run,
    )


def registration(
    key: str | UUID,
    *,
    name: str,
    email: str,
    password: str,
    locale: str | None = None,
    timezone: str | None = None,
    fingerprint: str = "",
    dry_run: bool = False,
) -> Request:
    """The request that makes a customer and their sign-in together, or neither; it is refused with EMAIL_TAKEN.

    Raises Refused MALFORMED, with the field at fault. `fingerprint` is what was asked, word for word, where
    the caller has that; no more than a keyed hash of it is stored, so it may hold the e-mail.
    """
    address = clean_email(email)
    command = RegisterCustomer(
        customer_id=new_id(),
        name=clean_name(name),
        email=address,
        locale=clean_locale(locale or settings.LANGUAGE_CODE),
        timezone=clean_timezone(timezone or DEFAULT_TIMEZONE),
    )
    password_hash = hash_password(password, address)  # takes its time, so not while a transaction is open
    return Request(
        command=command,
        key=str(key),
        actor=stranger(address),
        asked=_asked(fingerprint, command, password),
        alongside=partial(make_sign_in, address, password_hash, command.customer_id),
        dry_run=dry_run,
    )


def register_customer(key: str | UUID, **details: Any) -> Receipt:
    """Execute a `registration`."""
    return carry_out(registration(key, **details))


def change_of_details(
    customer_id: UUID,
    key: str | UUID,
    *,
    actor: str,
    name: str | None = None,
    email: str | None = None,
    locale: str | None = None,
    timezone: str | None = None,
    fingerprint: str | None = None,
    dry_run: bool = False,
) -> Request:
    """The request that changes the given details of a customer, and their sign-in with them, unless EMAIL_TAKEN.

    Raises Refused MALFORMED, with the field at fault.
    """
    address = None if email is None else clean_email(email)
    command = UpdateCustomerDetails(
        customer_id=customer_id,
        name=None if name is None else clean_name(name),
        email=address,
        locale=None if locale is None else clean_locale(locale),
        timezone=None if timezone is None else clean_timezone(timezone),
    )
    return Request(
        command=command,
        key=str(key),
        actor=actor,
        asked=fingerprint,
        alongside=None if address is None else partial(move_sign_in, address, customer_id),
        dry_run=dry_run,
    )


def update_details(customer_id: UUID, key: str | UUID, **details: Any) -> Receipt:
    """Execute a `change_of_details`."""
    return carry_out(change_of_details(customer_id, key, **details))


def stranger(address: str) -> str:
    """Who registers is nobody yet, so their e-mail scopes the key: as a keyed hash, for it is personal."""
    return f"anonymous:{keyed_hash(address.encode()).hex()}"


def _asked(fingerprint: str, command: RegisterCustomer, password: str) -> str:
    """What was asked, password included; `execute` keeps no more than a keyed hash of it."""
    details = [fingerprint, command.name, command.email, command.locale, command.timezone, password]
    return canonical(details).decode()
