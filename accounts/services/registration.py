"""Registration of customers, and changes of their details: the customer and the sign-in change together, or neither."""

from functools import partial
from typing import Any, Final
from uuid import UUID

from django.conf import settings

from accounts.domain.commands import RegisterCustomer, UpdateCustomerDetails
from accounts.domain.text import clean_email, clean_locale, clean_name, clean_timezone
from accounts.services.ids import new_id
from accounts.services.use_cases import command_request
from accounts.users.sign_ins import hash_password, make_sign_in
from eventstore.execute import CommandRequest, Receipt, execute_request
from eventstore.messages import canonical
from eventstore.personal import keyed_hash

DEFAULT_TIMEZONE: Final = "UTC"


def registration_request(
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
    """The request that makes a customer and a sign-in; the engine refuses EMAIL_TAKEN.

    Raises Refused MALFORMED, with the field at fault. `fingerprint` is the caller's request, word for word, where the
    caller has one; only a keyed hash of it is stored, so it may hold the e-mail.
    """
    address = clean_email(email)
    command = RegisterCustomer(
        customer_id=new_id(),
        name=clean_name(name),
        email=address,
        locale=clean_locale(locale or settings.LANGUAGE_CODE),
        timezone=clean_timezone(timezone or DEFAULT_TIMEZONE),
    )
    password_hash = hash_password(password, address)  # slow on purpose, so not while a transaction is open
    return CommandRequest(
        command=command,
        key=str(key),
        actor=anonymous_actor(address),
        fingerprint_source=_fingerprint_source(fingerprint, command, password),
        in_transaction=partial(make_sign_in, address, password_hash, command.customer_id),
        dry_run=dry_run,
    )


def register_customer(key: str | UUID, **details: Any) -> Receipt:
    """Executes a `registration_request`."""
    return execute_request(registration_request(key, **details))


def anonymous_actor(address: str) -> str:
    """The actor of a registration: a keyed hash of the e-mail, which is personal, scopes the caller's key."""
    return f"anonymous:{keyed_hash(address.encode()).hex()}"


def _fingerprint_source(fingerprint: str, command: RegisterCustomer, password: str) -> str:
    """The request with its password; `execute` stores no more than a keyed hash of it."""
    details = [fingerprint, command.name, command.email, command.locale, command.timezone, password]
    return canonical(details).decode()


def update_request(
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
    """The request that changes the given details of a customer; the engine refuses EMAIL_TAKEN.

    Raises Refused MALFORMED, with the field at fault.
    """
    command = UpdateCustomerDetails(
        customer_id=customer_id,
        name=None if name is None else clean_name(name),
        email=None if email is None else clean_email(email),
        locale=None if locale is None else clean_locale(locale),
        timezone=None if timezone is None else clean_timezone(timezone),
    )
    return command_request(command, key, actor=actor, fingerprint=fingerprint, dry_run=dry_run)


def update_details(customer_id: UUID, key: str | UUID, **details: Any) -> Receipt:
    """Executes an `update_request`."""
    return execute_request(update_request(customer_id, key, **details))
