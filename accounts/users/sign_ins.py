"""The sign-in of a customer: written in the transaction of the command that changes the customer's e-mail.

An address counts at once when a customer registers with it, and is theirs for good once it is confirmed. Until then
whoever proves to own it may take it back.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, router, transaction
from django.utils import timezone

from accounts.users.emails import has_mailbox, released_email
from accounts.users.mail import queue_few
from accounts.users.models import User
from eventstore.decider import Refused
from eventstore.decider import phrase as _


class HashNeeded(Exception):
    """A new sign-in lacks nothing but the hash of its password, which is slow: no transaction is to wait for it."""


def must_be_a_good_password(password: str, email: str) -> None:
    """Raises Refused MALFORMED for a password that the validators reject."""
    try:
        validate_password(password, User(email=email))
    except ValidationError as error:
        raise Refused("MALFORMED", " ".join(error.messages), field="password") from error


def make_sign_in(email: str, password_hash: str | None, customer_id: UUID, *, confirmed: bool = False) -> User:
    """Creates the sign-in of a new customer; raises Refused EMAIL_TAKEN, then HashNeeded if there is no hash."""
    with _refuse_taken_email(email, customer_id):
        if password_hash is None:
            raise HashNeeded
        return User.objects.create_customer(email, password_hash, customer_id, confirmed=confirmed)


def register_sign_in(email: str, password_hash: str | None, customer_id: UUID, locale: str) -> None:
    """Creates the sign-in of a new customer, and asks them by mail to confirm the address."""
    user = make_sign_in(email, password_hash, customer_id)
    queue_few("confirm_email", email, user_id=user.pk, language=locale)


def ask_for_email(email: str, customer_id: UUID) -> None:
    """Keeps an address that a customer wants to have until it is confirmed; raises Refused EMAIL_TAKEN.

    It is not reserved meanwhile. The present address ends what was asked for before.
    """
    user = User.objects.get(customer_id=customer_id)
    if email == user.email:
        withdraw_new_email(customer_id)
        return
    _must_be_free(email, customer_id)
    user.new_email, user.new_email_at = email, timezone.now()
    user.save(update_fields=["new_email", "new_email_at"])
    queue_few("confirm_new_email", email, user_id=user.pk)
    _notify("email_change_asked", user)


def withdraw_new_email(customer_id: UUID) -> None:
    """Forgets the address that a customer asked for; its link dies."""
    User.objects.filter(customer_id=customer_id).update(new_email="", new_email_at=None)


def move_sign_in(email: str, customer_id: UUID) -> None:
    """Gives a customer the address that they asked for; raises Refused EMAIL_TAKEN, or if they want it no more."""
    user = User.objects.get(customer_id=customer_id)
    wanting = User.objects.filter(customer_id=customer_id, new_email=email)
    with _refuse_taken_email(email, customer_id):
        moved = wanting.update(email=email, email_confirmed_at=timezone.now(), new_email="", released_email="")
    if not moved:
        raise Refused("VERSION_CONFLICT", _("Nobody asks for this e-mail address any more."), field="email")
    _notify("email_changed", user)


def confirm_sign_in(email: str, user_id: int) -> bool:
    """Notes that a user has proven to own their address; whether it is still theirs, and was not confirmed before."""
    unconfirmed = User.objects.filter(pk=user_id, email=email, email_confirmed_at=None)
    return bool(unconfirmed.update(email_confirmed_at=timezone.now()))


def release_sign_in(email: str, customer_id: UUID) -> None:
    """Takes an address from a customer who never confirmed it; raises Refused EMAIL_TAKEN if they have.

    They go on signing in with it, until they have another one: `accounts/users/backends.py`.
    """
    unconfirmed = User.objects.filter(customer_id=customer_id, email=email, email_confirmed_at=None)
    if not unconfirmed.update(email=released_email(customer_id), released_email=email):
        raise _taken()


def _notify(kind: str, user: User) -> None:
    """Sends a notice to the address that a user has, or had until now."""
    if has_mailbox(user.email):
        queue_few(kind, user.email, user_id=user.pk)


def _taken() -> Refused:
    return Refused("EMAIL_TAKEN", _("This e-mail address belongs to somebody already."), field="email")


def _must_be_free(email: str, customer_id: UUID) -> None:
    if User.objects.filter(email=email).exclude(customer_id=customer_id).exists():
        raise _taken()


@contextmanager
def _refuse_taken_email(email: str, customer_id: UUID) -> Iterator[None]:
    """Refuses EMAIL_TAKEN by a query, and by the unique constraint where another transaction took the e-mail since.

    The savepoint keeps the transaction usable, because the refusal is stored in it.
    """
    _must_be_free(email, customer_id)
    try:
        with transaction.atomic(using=router.db_for_write(User)):
            yield
    except IntegrityError as error:
        raise _taken() from error
