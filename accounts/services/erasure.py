"""Erasure of a customer: the personal data and the sign-in are deleted in the transaction of the command."""

from uuid import UUID

from rest_framework.authtoken.models import Token

from accounts.domain.rules import ACCOUNTS
from accounts.services.id_lookup import id_lookup
from accounts.users.models import User
from eventstore import personal
from eventstore.decider import Refused
from eventstore.decider import phrase as _


def erase_personal_data(customer_id: UUID) -> None:
    """Deletes the key of a customer's personal data, and the sign-in; raises Refused CUSTOMER_HAS_ACCOUNTS.

    Runs in the transaction of EraseCustomer, which locks the customer's stream: no account is opened for the customer
    meanwhile.
    """
    if not all(_is_closed(account_id) for account_id in id_lookup().accounts_of(customer_id)):
        raise Refused("CUSTOMER_HAS_ACCOUNTS", _("This customer has an account that is not closed."))
    personal.erase(customer_id)
    _anonymise_sign_in(customer_id)


def _is_closed(account_id: UUID) -> bool:
    account = ACCOUNTS.current(account_id)
    return account.closed


def _anonymise_sign_in(customer_id: UUID) -> None:
    """Keeps the user, because sessions and the admin's log refer to it, without e-mail, password and tokens."""
    user = User.objects.get(customer_id=customer_id)
    Token.objects.filter(user=user).delete()
    user.email, user.is_active = f"erased-{customer_id}@invalid", False
    user.set_unusable_password()
    user.save()
