"""The page of live events, as it is without its script; with it: tests/journeys/test_live_events.py."""

import re
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client, override_settings

from eventstore import feed, log
from projections.models import Account
from tests.admin.pages import ADMIN, links_of, read
from tests.factories import AccountFactory

LIVE = "eventstore/event/live/"


@pytest.fixture
def account(db: None) -> Account:
    return AccountFactory.create(owner__name="Ada Lovelace", balance=10_000)


def shown(staff: Client, **query: Any) -> list[str]:
    """The types of the events on the page, the newest first."""
    rows = staff.get(ADMIN + LIVE, query).context["rows"]
    return [row["event"].type for row in rows if row["event"].category in {"account", "customer"}]


def source(staff: Client, **query: Any) -> dict[str, str]:
    found: dict[str, str] = staff.get(ADMIN + LIVE, query).context["source"]
    return found


def test_it_shows_the_newest_and_where_they_lead(staff: Client, account: Account) -> None:
    assert shown(staff)[:3] == ["account.money_deposited", "account.opened", "customer.registered"]
    links = links_of(staff, LIVE)
    assert f"/admin/eventstore/event/{account.position}/change/" in links
    assert f"/admin/eventstore/stream/{account.account_id}/change/" in links
    assert "Look for newer events" in read(staff, LIVE)
    assert f"/admin/{LIVE}?type=account.opened" in links_of(staff, LIVE, type="account.opened")
    assert f"/admin/{LIVE}" in links_of(staff, "eventstore/event/")


def test_it_can_be_narrowed(staff: Client, account: Account) -> None:
    assert shown(staff, category="account") == ["account.money_deposited", "account.opened"]
    assert shown(staff, type="account.opened") == ["account.opened"]
    assert shown(staff, category="customer", type="account.opened") == []
    assert shown(staff, stream=account.account_id) == ["account.money_deposited", "account.opened"]
    assert shown(staff, stream=uuid4()) == []


def test_the_script_goes_on_where_the_page_ends(staff: Client, account: Account) -> None:
    assert source(staff, type="account.opened", category="") == {
        "url": "/api/v1/events/stream?type=account.opened",
        "cursor": log.cursor(feed.tidemark()),
    }


def test_what_is_above_the_mark_is_left_to_the_script(
    staff: Client, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark = replace(feed.advance(), position=account.position - 1)
    monkeypatch.setattr(feed, "advance", lambda timeout: mark)
    assert shown(staff)[:2] == ["account.opened", "customer.registered"]
    assert source(staff)["cursor"] == log.cursor(mark.position)


@pytest.mark.parametrize("query", [{"stream": "nonsense"}, {"type": "nothing"}, {"category": "nothing"}])
def test_a_choice_that_is_none_shows_nothing_and_says_so(
    staff: Client, account: Account, query: dict[str, str]
) -> None:
    assert (shown(staff, **query), source(staff, **query)) == ([], {})
    assert re.search("Enter a valid UUID|Select a valid choice", read(staff, LIVE, **query))


def test_without_a_place_for_live_events_there_is_no_script(staff: Client, account: Account) -> None:
    assert "eventstore/live.js" in staff.get(ADMIN + LIVE).content.decode()
    with override_settings(EVENTSTORE_LIVE_URL=""):
        assert "eventstore/live.js" not in staff.get(ADMIN + LIVE).content.decode()
        assert shown(staff)[0] == "account.money_deposited"
