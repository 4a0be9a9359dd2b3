"""Questions about accounts, their history, and transfers between them."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from accounts.api.schema import ACCOUNT_ID, in_path, query_operation
from accounts.api.serializers import AccountSerializer
from eventstore.decider import Refused, phrase
from projections import queries
from projections.api.query_views import ListView, PageByIdQuery, PageByPositionQuery, QueryView
from projections.api.serializers import EntrySerializer, TransferSerializer, pages_of
from projections.models import Account

TRANSFER_ID = in_path("transfer_id", "The transfer.")


@query_operation(
    "List accounts", "Customers see their own, staff see all. Newest first.", answer=pages_of(AccountSerializer)
)
class AccountsView(ListView):
    """`GET accounts`."""

    query = PageByIdQuery
    read_model = "accounts"
    shape = AccountSerializer

    def page(self, asked: Mapping[str, Any]) -> "queries.Page[Any, Any]":
        """Those that the caller may see."""
        return queries.accounts(customer_id=self.user.customer_id, before=asked.get("cursor"), limit=asked["limit"])


@query_operation(
    "Tell about an account",
    "An account of somebody else is as good as none.",
    answer=AccountSerializer,
    refuses="ACCOUNT_NOT_FOUND",
    path=[ACCOUNT_ID],
)
class AccountView(QueryView):
    """`GET accounts/{id}`."""

    read_model = "accounts"

    def answer(self, asked: Mapping[str, Any], position: int) -> Mapping[str, Any]:
        """The account; raises Refused for somebody else's."""
        body = AccountSerializer(visible_account(self.id_of("account_id"), self.user.customer_id)).data
        return {**body, "position": max(body["position"], position)}


@query_operation(
    "List the history of an account",
    "Newest first, each line with the balance after it.",
    answer=pages_of(EntrySerializer),
    refuses="ACCOUNT_NOT_FOUND",
    path=[ACCOUNT_ID],
)
class EntriesView(ListView):
    """`GET accounts/{id}/entries`."""

    query = PageByPositionQuery
    read_model = "entries"
    shape = EntrySerializer

    def page(self, asked: Mapping[str, Any]) -> "queries.Page[Any, Any]":
        """Its lines; raises Refused for somebody else's account."""
        account = visible_account(self.id_of("account_id"), self.user.customer_id)
        return queries.entries(account.account_id, before=asked.get("cursor"), limit=asked["limit"])


@query_operation(
    "Tell about a transfer",
    "For who sent or received it, and for staff.",
    answer=TransferSerializer,
    refuses="TRANSFER_NOT_FOUND",
    path=[TRANSFER_ID],
)
class TransferView(QueryView):
    """`GET transfers/{id}`."""

    read_model = "entries"

    def answer(self, asked: Mapping[str, Any], position: int) -> Mapping[str, Any]:
        """The transfer; raises Refused for one between others."""
        wanted = self.id_of("transfer_id")
        found = queries.transfer(wanted, customer_id=self.user.customer_id) if wanted else None
        if found is None:
            raise Refused("TRANSFER_NOT_FOUND", phrase("There is no such transfer."))
        body = TransferSerializer(found).data
        return {**body, "position": max(body["position"], position)}


def visible_account(account_id: UUID | None, customer_id: UUID | None) -> Account:
    """The account, if the customer owns it, or any for staff; raises Refused ACCOUNT_NOT_FOUND."""
    found = queries.account(account_id, customer_id=customer_id) if account_id else None
    if found is None:
        raise no_account()
    return found


def no_account() -> Refused:
    """The refusal of an account that is not there, not theirs, or was not there yet."""
    return Refused("ACCOUNT_NOT_FOUND", phrase("There is no such account."), field="account_id")
