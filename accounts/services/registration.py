"""Registration of customers, and changes of their details: the customer and the sign-in change together, or neither."""

from dataclasses import replace
from functools import partial
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.hashers import make_password

from accounts.domain.commands import RegisterCustomer, UpdateCustomerDetails
from accounts.domain.text import clean_email, clean_locale, clean_name, clean_timezone
from accounts.domain.zones import DEFAULT_ZONE
from accounts.services.ids import new_id
from accounts.services.use_cases import command_request
from accounts.users.models import User
from accounts.users.sign_ins import (
    HashNeeded,
    make_sign_in,
    must_be_a_good_password,
    register_sign_in,
    withdraw_new_email,
)
from eventstore.execute import CommandRequest, Receipt, execute_request, key_text
from eventstore.messages import canonical
from eventstore.personal import keyed_hash


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
    proven: bool = False,
    password_hash: str | None = None,
) -> CommandRequest:
    """The request that makes a customer and a sign-in; the engine refuses EMAIL_TAKEN.

    Without a `password_hash` its execution raises HashNeeded where it would succeed, unless it is dry. A mail asks the
    customer to confirm the e-mail, unless it is `proven` that it is theirs. Raises Refused MALFORMED, with the field at
    fault. `fingerprint` is the caller's request, word for word, where the
    caller has one; only a keyed hash of it is stored, so it may hold the e-mail.
    """
    address = clean_email(email)
    command = RegisterCustomer(
        customer_id=new_id(),
        name=clean_name(name),
        email=address,
        locale=clean_locale(locale or settings.LANGUAGE_CODE),
        timezone=clean_timezone(timezone or DEFAULT_ZONE),
    )
    must_be_a_good_password(password, address)
    if dry_run:
        password_hash = make_password(None)  # of no password at all
    sign_in = partial(make_sign_in, confirmed=True) if proven else partial(register_sign_in, locale=command.locale)
    return CommandRequest(
        command=command,
        key=key_text(key),
        actor=anonymous_actor(address),
        fingerprint_source=_fingerprint_source(fingerprint, command, password),
        in_transaction=partial(sign_in, address, password_hash, command.customer_id),
        dry_run=dry_run,
    )


def register_customer(key: str | UUID, *, password: str, **details: Any) -> Receipt:
    """Executes a `registration_request`, and hashes the password only if all else is well.

    A hash is slow on purpose. So no transaction waits for it, and whoever sends a request again, or asks for an e-mail
    that is taken, costs no more than anybody else.
    """
    request = partial(registration_request, key, password=password, **details)
    try:
        return execute_request(request())
    except HashNeeded:
        password_hash = make_password(password)
    return execute_request(request(password_hash=password_hash))


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

    A new e-mail is asked for, and counts once it is confirmed; the present one ends what was asked for before. Raises
    Refused MALFORMED, with the field at fault.
    """
    address = None if email is None else clean_email(email)
    command = UpdateCustomerDetails(
        customer_id=customer_id,
        name=None if name is None else clean_name(name),
        email=address,
        locale=None if locale is None else clean_locale(locale),
        timezone=None if timezone is None else clean_timezone(timezone),
    )
    if address and User.objects.filter(customer_id=customer_id, email=address).exists():
        command = replace(command, email=None)
        request = command_request(command, key, actor=actor, fingerprint=fingerprint, dry_run=dry_run)
        return replace(request, in_transaction=partial(withdraw_new_email, customer_id))
    return command_request(command, key, actor=actor, fingerprint=fingerprint, dry_run=dry_run)


def update_details(customer_id: UUID, key: str | UUID, **details: Any) -> Receipt:
    """Executes an `update_request`."""
    return execute_request(update_request(customer_id, key, **details))
