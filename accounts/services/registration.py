"""What pages and API call where asking takes more than `execute` alone."""

from functools import partial
from typing import Any, Final
from uuid import UUID

from django.conf import settings

from accounts.domain.commands import RegisterCustomer, UpdateCustomerDetails
from accounts.domain.text import clean_email, clean_locale, clean_name, clean_timezone
from accounts.services.ids import new_id
from accounts.users.sign_ins import hash_password, make_sign_in, move_sign_in
from eventstore.execute import CommandRequest, Receipt, execute_request
from eventstore.messages import canonical
from eventstore.personal import keyed_hash

DEFAULT_TIMEZONE: Final = "UTC"


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
) -> CommandRequest:
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
    return CommandRequest(
        command=command,
        key=str(key),
        actor=stranger(address),
        fingerprint_source=_fingerprint_source(fingerprint, command, password),
        in_transaction=partial(make_sign_in, address, password_hash, command.customer_id),
        dry_run=dry_run,
    )


def register_customer(key: str | UUID, **details: Any) -> Receipt:
    """Execute a `registration`."""
    return execute_request(registration(key, **details))


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
) -> CommandRequest:
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
    return CommandRequest(
        command=command,
        key=str(key),
        actor=actor,
        fingerprint_source=fingerprint,
        in_transaction=None if address is None else partial(move_sign_in, address, customer_id),
        dry_run=dry_run,
    )


def update_details(customer_id: UUID, key: str | UUID, **details: Any) -> Receipt:
    """Execute a `change_of_details`."""
    return execute_request(change_of_details(customer_id, key, **details))


def stranger(address: str) -> str:
    """Who registers is nobody yet, so their e-mail scopes the key: as a keyed hash, for it is personal."""
    return f"anonymous:{keyed_hash(address.encode()).hex()}"


def _fingerprint_source(fingerprint: str, command: RegisterCustomer, password: str) -> str:
    """What was asked, password included; `execute` keeps no more than a keyed hash of it."""
    details = [fingerprint, command.name, command.email, command.locale, command.timezone, password]
    return canonical(details).decode()
