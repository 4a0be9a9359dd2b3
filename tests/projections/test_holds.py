"""Holds and their statuses."""

from projections import id_lookup, queries
from projections.models import Account, Hold
from tests.projections.conftest import Bustle


def test_each_hold_tells_what_became_of_it(bustle: Bustle) -> None:
    rows = queries.holds(bustle.caras.account_id, limit=10).rows
    assert [(row.status, row.amount, row.captured, row.reference, row.reason) for row in rows] == [
        ("open", 1_000, 0, "", ""),
        ("expired", 300, 0, "", ""),
        ("released", 700, 0, "", "Not needed"),
        ("captured", 5_000, 4_500, "Hotel", ""),
    ]
    assert [row.ended_at is None for row in rows] == [True, False, False, False]
    assert [row.entry_id is None for row in rows] == [True, True, True, False]


def test_what_an_account_holds_is_the_sum_of_its_open_ones(bustle: Bustle) -> None:
    for account in Account.objects.all():
        held = queries.holds(account.account_id, status="open", limit=100).rows
        assert account.held == sum(hold.amount for hold in held)
    assert bustle.caras.held == 1_000


def test_a_hold_is_its_owners_alone(bustle: Bustle) -> None:
    hold = Hold.objects.get(status="open")
    assert queries.hold(hold.hold_id) == hold
    assert queries.hold(hold.hold_id, customer_id=bustle.caras.customer_id) == hold
    assert queries.hold(hold.hold_id, customer_id=bustle.dans.customer_id) is None


def test_its_id_leads_to_its_account(bustle: Bustle) -> None:
    for hold in Hold.objects.all():
        assert id_lookup.account_of_hold(hold.hold_id) == bustle.caras.account_id


def test_only_open_holds_whose_time_is_over_are_overdue(bustle: Bustle) -> None:
    (hold,) = Hold.objects.filter(status="open")
    assert id_lookup.accounts_with_overdue_holds(hold.placed_at) == []
    assert id_lookup.accounts_with_overdue_holds(hold.expires_at) == [(hold.account_id, hold.expires_at)]
