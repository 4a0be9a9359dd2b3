"""Questions about what an account held: at a time, and day by day."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from accounts.api.fields import Moment
from accounts.api.schema import ACCOUNT_ID, query_operation
from projections import queries
from projections.api.accounts import no_account, visible_account
from projections.api.query_views import FreshnessQuery, ListView, PeriodQuery, QueryView, days_in
from projections.api.serializers import BalanceSerializer, DailyBalanceSerializer, pages_of
from projections.balances import Axis, balance_as_of, current_time, daily_balances, day_at


class AsOfQuery(FreshnessQuery):
    """Which moment is asked for, on which axis."""

    as_of = Moment(required=False, help_text="RFC 3339 with an offset; now, if not given.")
    axis = serializers.ChoiceField(
        [axis.value for axis in Axis],
        default=Axis.RECORDED.value,
        help_text="By when a movement was recorded, or by its effective date.",
    )


@query_operation(
    "Tell what an account held at a time",
    "Everything up to and with that moment is counted: by when it was recorded, which never changes any more, or by "
    "its effective date, which a backdated entry may still change. Before its opening there was no account.",
    answer=BalanceSerializer,
    refuses="ACCOUNT_NOT_FOUND FORBIDDEN",
    path=[ACCOUNT_ID],
)
class BalanceView(QueryView):
    """`GET accounts/{id}/balance`."""

    query = AsOfQuery
    read_model = "entries"

    def answer(self, asked: Mapping[str, Any], position: int) -> Mapping[str, Any]:
        """The balance; raises Refused for somebody else's account, and for a time before it was opened."""
        account = visible_account(self.id_of("account_id"), self.user.customer_id)
        moment = asked.get("as_of") or current_time(account)
        if moment < account.opened_at:
            raise no_account()
        told = {
            "account_id": account.account_id,
            "balance": balance_as_of(account.account_id, moment, Axis(asked["axis"])),
            "currency": account.currency,
            "as_of": moment,
            "axis": asked["axis"],
        }
        return BalanceSerializer({**told, "position": position}).data


@query_operation(
    "List the daily balances of an account",
    "Each day of its time zone from its opening until today, oldest first, for a chart. A day without movements ends "
    "as the one before it did.",
    answer=pages_of(DailyBalanceSerializer),
    refuses="ACCOUNT_NOT_FOUND FORBIDDEN",
    path=[ACCOUNT_ID],
)
class DailyBalancesView(ListView):
    """`GET accounts/{id}/daily-balances`."""

    query = PeriodQuery
    read_model = "daily_balances"
    shape = DailyBalanceSerializer

    def page(self, asked: Mapping[str, Any]) -> "queries.Page[Any, Any]":
        """The days of the period on which there was the account; raises Refused for somebody else's."""
        account = visible_account(self.id_of("account_id"), self.user.customer_id)
        today = day_at(account, current_time(account))
        first, last = days_in(asked, today)
        first, last = max(first, day_at(account, account.opened_at)), min(last, today)
        return queries.Page(list(daily_balances(account, first, last)), None)
