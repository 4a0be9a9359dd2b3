"""The sign-in that goes with a customer: kept in step with their e-mail, inside the command's transaction."""

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
    """A password as it may be stored; raises Refused MALFORMED if it is a bad one."""
    try:
        validate_password(password, User(email=email))
    except ValidationError as error:
        raise Refused("MALFORMED", " ".join(error.messages), field="password") from error
    return make_password(password)


def make_sign_in(email: str, password_hash: str, customer_id: UUID) -> None:
    """Let a new customer sign in; raises Refused EMAIL_TAKEN."""
    with _unless_taken(email, customer_id):
        User.objects.create_customer(email, password_hash, customer_id)


def move_sign_in(email: str, customer_id: UUID) -> None:
    """Let a customer sign in with another e-mail from now on; raises Refused EMAIL_TAKEN."""
    with _unless_taken(email, customer_id):
        User.objects.filter(customer_id=customer_id).update(email=email)


@contextmanager
def _unless_taken(email: str, customer_id: UUID) -> Iterator[None]:
    """Find out by a look, and by the unique constraint if somebody took the e-mail since.

    The savepoint keeps the transaction usable, because the refusal is to be stored in it.
    """
    taken = Refused("EMAIL_TAKEN", _("This e-mail address belongs to somebody already."), field="email")
    if User.objects.filter(email=email).exclude(customer_id=customer_id).exists():
        raise taken
    try:
        with transaction.atomic(using=router.db_for_write(User)):
            yield
    except IntegrityError as error:
        raise taken from error
