"""Erasure of a customer: the personal data and the sign-in are deleted in the transaction of the command."""

from collections.abc import Sequence
from functools import partial
from typing import Final
from uuid import UUID

from django.db.models import QuerySet

from accounts.domain.commands import EraseCustomer
from accounts.domain.events import CustomerErased
from accounts.domain.rules import ACCOUNTS, CUSTOMERS
from accounts.services.id_lookup import id_lookup
from accounts.users.emails import erased_email
from accounts.users.factors import remove_factors
from accounts.users.mail import forget_mails
from accounts.users.models import User
from eventstore import personal
from eventstore.decider import Refused
from eventstore.decider import phrase as _
from eventstore.execute import execute
from eventstore.messages import type_of
from eventstore.models import Event, Stream

ERASED_AGAIN: Final = "Erased again after a restore: the list of erasures has this customer."
ERASER: Final = "system:erasure_list"  # the actor of such erasures
_ERASED: Final = type_of(CustomerErased).name


def erase_personal_data(customer_id: UUID) -> None:
    """Deletes the key of a customer's personal data, and the sign-in; raises Refused CUSTOMER_HAS_ACCOUNTS.

    Runs in the transaction of EraseCustomer, which locks the customer's stream: no account is opened for the customer
    meanwhile. Raises ErasureListUnavailable where a restore could bring the customer back.
    """
    must_have_no_open_account(customer_id)
    _forget(customer_id)


def must_have_no_open_account(customer_id: UUID) -> None:
    """Raises Refused CUSTOMER_HAS_ACCOUNTS for a customer with an account that is not closed."""
    if not all(_is_closed(account_id) for account_id in id_lookup().accounts_of(customer_id)):
        raise Refused("CUSTOMER_HAS_ACCOUNTS", _("This customer has an account that is not closed."))


def customers_not_erased(subjects: Sequence[UUID]) -> set[UUID]:
    """Those of some subjects who are customers, and whose streams do not say that they were erased."""
    customers = _customers_among(subjects)
    erased = Event.objects.filter(stream_id__in=subjects, type=_ERASED)
    return set(customers.values_list("stream_id", flat=True)) - set(erased.values_list("stream_id", flat=True))


def erase_again(customer_id: UUID) -> bool:
    """Erases a customer whom a restore brought back, also one who has an open account in that past.

    Such an account stays as it is, because what is owed does not depend on a name; staff have to find out what became
    of it before the restore. Returns False for whoever is no customer here.
    """
    if not _customers_among([customer_id]).exists():
        return False
    customer, version = CUSTOMERS.load(customer_id)
    if customer.erased:
        _forget(customer_id, is_listed=True)
        return True
    key = f"{customer_id} at {version}"  # the same for two programs that start at once
    forget = partial(_forget, customer_id, is_listed=True)
    execute(EraseCustomer(customer_id, ERASED_AGAIN), key, actor=ERASER, in_transaction=forget)
    return True


def _customers_among(subjects: Sequence[UUID]) -> "QuerySet[Stream]":
    return Stream.objects.filter(stream_id__in=subjects, category=CUSTOMERS.category)


def _is_closed(account_id: UUID) -> bool:
    account = ACCOUNTS.current(account_id)
    return account.closed


def _forget(customer_id: UUID, *, is_listed: bool = False) -> None:
    personal.erase(customer_id, is_listed=is_listed)
    if user := User.objects.filter(customer_id=customer_id).first():
        _anonymise_sign_in(user, customer_id)


def _anonymise_sign_in(user: User, customer_id: UUID) -> None:
    """Keeps the user, because the admin's log refers to it, without what signs in."""
    forget_mails(user.pk, {user.email, user.new_email, user.released_email} - {""})
    remove_factors(user, notify=False)
    user.email, user.is_active = erased_email(customer_id), False
    user.email_confirmed_at = user.new_email_at = None
    user.new_email = user.released_email = ""
    user.set_unusable_password()
    user.save()
    user.end_access()
