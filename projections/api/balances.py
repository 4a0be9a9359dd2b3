"""Queries about the balance of an account: at a time, and day by day."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from eventstore.http.fields import Moment
from eventstore.http.openapi import query_operation
from eventstore.http.paging import Page
from eventstore.http.query_views import FreshnessQuery, PeriodQuery, days_in
from projections.api.accounts import visible_account
from projections.api.parameters import ACCOUNT_ID
from projections.api.query_views import ListView, QueryView
from projections.api.refusals import account_not_found
from projections.api.serializers import BalanceSerializer, DailyBalanceSerializer
from projections.balances import Axis, balance_as_of, current_time, daily_balances, days_of


class BalanceQuery(FreshnessQuery):
    """The query parameters of a balance: a time, and the axis on which it lies."""

    as_of = Moment(required=False, help_text="RFC 3339 with an offset; now, if not given.")
    axis = serializers.ChoiceField(
        [axis.value for axis in Axis],
        default=Axis.RECORDED.value,
        help_text="By when an entry was recorded, or by its effective date.",
    )


@query_operation(
    "get_balance",
    "Get the balance of an account at a time",
    "Everything up to and with that moment is counted: by when it was recorded, which never changes any more, or by "
    "its effective date, which a backdated entry may still change. Before its opening there was no account.",
    tag="accounts",
    refuses="ACCOUNT_NOT_FOUND FORBIDDEN",
    path=[ACCOUNT_ID],
)
class BalanceView(QueryView):
    """`GET accounts/{id}/balance`."""

    query = BalanceQuery
    read_model = "entries"
    serializer = BalanceSerializer

    def answer(self, params: Mapping[str, Any], position: int) -> Mapping[str, Any]:
        """The balance; raises Refused for another customer's account, and for a time before it was opened."""
        account = visible_account(self.id_of("account_id"), self.user.customer_id)
        moment = params.get("as_of") or current_time(account)
        if moment < account.opened_at:
            raise account_not_found()
        balance = {
            "account_id": account.account_id,
            "balance": balance_as_of(account.account_id, moment, Axis(params["axis"])),
            "currency": account.currency,
            "as_of": moment,
            "axis": params["axis"],
            "position": position,
        }
        return BalanceSerializer(balance).data


@query_operation(
    "list_daily_balances",
    "List the daily balances of an account",
    "Each day of its time zone from its opening until today, oldest first, for a chart. A day without entries ends "
    "as the one before it did.",
    tag="accounts",
    refuses="ACCOUNT_NOT_FOUND FORBIDDEN",
    path=[ACCOUNT_ID],
)
class DailyBalancesView(ListView):
    """`GET accounts/{id}/daily-balances`."""

    query = PeriodQuery
    read_model = "daily_balances"
    serializer = DailyBalanceSerializer

    def page(self, params: Mapping[str, Any]) -> "Page[Any, Any]":
        """The days of the period since the opening; raises Refused for another customer's account."""
        account = visible_account(self.id_of("account_id"), self.user.customer_id)
        opened, today = days_of(account)
        first, last = days_in(params, today)
        first, last = max(first, opened), min(last, today)
        return Page(list(daily_balances(account, first, last)), None)
