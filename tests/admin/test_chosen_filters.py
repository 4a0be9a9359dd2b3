"""A list that is narrowed says so in one line: what is chosen, and how to take it back. The filters stay closed."""

import pytest
from django.test import Client

from tests.admin.conftest import World
from tests.admin.pages import links_of, read


def test_the_filters_are_closed_and_what_is_chosen_is_told(staff: Client, world: World) -> None:
    query = {"category": "account", "type": "account.opened", "since": "2026-01-01T00:00:00"}
    page = staff.get("/admin/eventstore/event/", query).content.decode()
    assert '<details class="filters">' in page
    text = read(staff, "eventstore/event/", **query)
    for chosen in ("category: account ×", "type: account.opened ×", "time (UTC): from 2026-01-01 00:00:00 ×"):
        assert chosen in text


def test_each_is_taken_back_by_itself(staff: Client, world: World) -> None:
    links = links_of(staff, "eventstore/event/", category="account", type="account.opened", since="2026-01-01")
    assert "?since=2026-01-01&type=account.opened" in links
    assert "?category=account&since=2026-01-01" in links
    assert "?category=account&type=account.opened" in links
    assert "?" in links


def test_an_account_is_told_by_name(staff: Client, world: World) -> None:
    text = read(staff, "projections/entry/", account=world.adas.account_id)
    assert "account: Savings, Ada Lovelace ×" in text


@pytest.mark.parametrize("path", ["eventstore/event/", "projections/hold/"])
def test_without_a_choice_there_is_nothing_to_take_back(staff: Client, world: World, path: str) -> None:
    text = read(staff, path)
    assert "×" not in text
    assert "Show all again" not in text
