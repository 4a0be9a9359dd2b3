"""Queries about accounts, their entries, and transfers between them."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from eventstore.decider import Refused, phrase
from eventstore.http.fields import Store
from eventstore.http.openapi import query_operation
from eventstore.http.paging import Page
from eventstore.http.query_views import PageByIdQuery, PageByPositionQuery
from projections import queries
from projections.api.parameters import ACCOUNT_ID, TRANSFER_ID
from projections.api.query_views import DetailView, ListView
from projections.api.refusals import account_not_found
from projections.api.serializers import AccountSerializer, EntrySerializer, TransferSerializer
from projections.models import Account


@query_operation(
    "list_accounts", "List accounts", "Customers see their own, staff see all. Newest first.", tag="accounts"
)
class AccountsView(ListView):
    """`GET accounts`."""

    query = PageByIdQuery
    read_model = "accounts"
    serializer = AccountSerializer

    def page(self, params: Mapping[str, Any]) -> "Page[Any, Any]":
        """The accounts that the caller may see."""
        return queries.accounts(customer_id=self.user.customer_id, before=params.get("cursor"), limit=params["limit"])


@query_operation(
    "get_account",
    "Get an account",
    "Another customer's account is answered like one that does not exist.",
    tag="accounts",
    refuses="ACCOUNT_NOT_FOUND",
    path=[ACCOUNT_ID],
)
class AccountView(DetailView):
    """`GET accounts/{id}`."""

    read_model = "accounts"
    serializer = AccountSerializer

    def found(self, params: Mapping[str, Any]) -> Account:
        """The account; raises Refused for another customer's."""
        return visible_account(self.id_of("account_id"), self.user.customer_id)


@query_operation(
    "list_entries",
    "List the entries of an account",
    "Its history, newest first, each entry with the balance after it.",
    tag="entries",
    refuses="ACCOUNT_NOT_FOUND",
    path=[ACCOUNT_ID],
)
class EntriesView(ListView):
    """`GET accounts/{id}/entries`."""

    query = PageByPositionQuery
    pages_in = Store.EVENTS
    read_model = "entries"
    serializer = EntrySerializer

    def page(self, params: Mapping[str, Any]) -> "Page[Any, Any]":
        """The entries of the account; raises Refused for another customer's."""
        account = visible_account(self.id_of("account_id"), self.user.customer_id)
        return queries.entries(account.account_id, before=params.get("cursor"), limit=params["limit"])


@query_operation(
    "get_transfer",
    "Get a transfer",
    "For the customers who sent or received it, and for staff.",
    tag="transfers",
    refuses="TRANSFER_NOT_FOUND",
    path=[TRANSFER_ID],
)
class TransferView(DetailView):
    """`GET transfers/{id}`."""

    read_model = "entries"
    serializer = TransferSerializer

    def found(self, params: Mapping[str, Any]) -> queries.Transfer:
        """The transfer; raises Refused for one between other customers."""
        transfer_id = self.id_of("transfer_id")
        found = queries.transfer(transfer_id, customer_id=self.user.customer_id) if transfer_id else None
        if found is None:
            raise Refused("TRANSFER_NOT_FOUND", phrase("There is no such transfer."))
        return found


def visible_account(account_id: UUID | None, customer_id: UUID | None) -> Account:
    """The account, if the customer owns it, or any for staff; raises Refused ACCOUNT_NOT_FOUND."""
    found = queries.account(account_id, customer_id=customer_id) if account_id else None
    if found is None:
        raise account_not_found()
    return found
