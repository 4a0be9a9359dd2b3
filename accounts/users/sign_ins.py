"""The sign-in of a customer: written in the transaction of the command that changes the customer's e-mail."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, router, transaction

from accounts.users.models import User
from eventstore.decider import Refused
from eventstore.decider import phrase as _


def hash_password(password: str, email: str) -> str:
    """The hash of a password, for storage; raises Refused MALFORMED for a password that the validators reject."""
    try:
        validate_password(password, User(email=email))
    except ValidationError as error:
        raise Refused("MALFORMED", " ".join(error.messages), field="password") from error
    return make_password(password)


def make_sign_in(email: str, password_hash: str, customer_id: UUID) -> None:
    """Creates the sign-in of a new customer; raises Refused EMAIL_TAKEN."""
    with _refuse_taken_email(email, customer_id):
        User.objects.create_customer(email, password_hash, customer_id)


def move_sign_in(email: str, customer_id: UUID) -> None:
    """Changes the e-mail of a customer's sign-in; raises Refused EMAIL_TAKEN."""
    with _refuse_taken_email(email, customer_id):
        User.objects.filter(customer_id=customer_id).update(email=email)


@contextmanager
def _refuse_taken_email(email: str, customer_id: UUID) -> Iterator[None]:
    """Refuses EMAIL_TAKEN by a query, and by the unique constraint where another transaction took the e-mail since.

    The savepoint keeps the transaction usable, because the refusal is stored in it.
    """
    taken = Refused("EMAIL_TAKEN", _("This e-mail address belongs to somebody already."), field="email")
    if User.objects.filter(email=email).exclude(customer_id=customer_id).exists():
        raise taken
    try:
        with transaction.atomic(using=router.db_for_write(User)):
            yield
    except IntegrityError as error:
        raise taken from error
