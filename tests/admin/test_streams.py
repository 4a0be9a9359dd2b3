"""A stream's page: its state now and at any version, and its events."""

import pytest
from django.test import Client

from eventstore import decider
from eventstore.admin import streams
from eventstore.models import Event
from tests.admin.conftest import World
from tests.admin.pages import links_of, read

STREAMS = "eventstore/stream/"


@pytest.fixture
def page(world: World) -> str:
    return f"{STREAMS}{world.adas.account_id}/change/"


def test_shows_the_state_now(staff: Client, page: str) -> None:
    text = read(staff, page)
    assert "State now" in text
    assert "balance 7500" in text
    assert "version 3 of 3" in text


def test_shows_what_a_version_changed(staff: Client, page: str) -> None:
    text = read(staff, page, version=3)
    assert "State at version 3" in text
    assert "Led there by account.transfer_sent" in text
    assert "balance 7500 75.00 EUR changed 10000 100.00 EUR" in text
    assert text.count(" changed ") == 3  # the balance, and how much of it went out on which day


def test_steps_from_version_to_version(staff: Client, page: str) -> None:
    assert {"?version=1", "?version=3"} <= links_of(staff, page, version=2)
    assert "?version=4" not in links_of(staff, page, version=3)


def test_begins_before_the_first_event(staff: Client, page: str) -> None:
    assert "balance 0" in read(staff, page, version=0)
    assert "?version=-1" not in links_of(staff, page, version=0)


@pytest.mark.parametrize("version", ["4", "-1", "two", "", "9" * 30])
def test_there_are_no_other_versions(staff: Client, page: str, version: str) -> None:
    assert staff.get(f"/admin/{page}", {"version": version}).status_code == 404


def test_lists_its_events_page_by_page(staff: Client, world: World, page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "EVENTS_ON_A_PAGE", 2)
    positions = Event.objects.filter(stream_id=world.adas.account_id).order_by("version").values_list("pk", flat=True)
    opened, deposited, sent = (f"/admin/eventstore/event/{position}/change/" for position in positions)
    first, second = links_of(staff, page), links_of(staff, page, after=2)
    assert {sent, deposited, "?after=2#events"} <= first
    assert opened not in first
    assert {opened, "?before=1#events"} <= second
    assert "?version=1&after=2#events" in links_of(staff, page, version=1)


def test_a_search_by_id_leads_to_it(staff: Client, world: World, page: str) -> None:
    answer = staff.get(f"/admin/{STREAMS}", {"q": str(world.adas.account_id)})
    assert answer.headers["Location"] == f"/admin/{page}"


def test_lists_one_category(staff: Client, world: World) -> None:
    assert "customer" not in read(staff, STREAMS, category="account").partition("Last event at")[2]


def test_without_rules_there_are_events_but_no_state(staff: Client, page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(decider.deciders, "account")
    for query in ({}, {"version": 1}):
        text = read(staff, page, **query)
        assert "it has no state" in text
        assert "account.money_deposited" in text


def test_an_event_whose_class_is_gone_does_not_hide_the_page(
    staff: Client, page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from eventstore import messages

    monkeypatch.delitem(messages.events, "account.money_deposited")
    assert "No class is declared with the stored name 'account.money_deposited'" in read(staff, page, version=2)


@pytest.mark.parametrize("key", ["abc", "00000000-0000-0000-0000-000000000001"])
def test_an_unknown_one_is_not_found(staff: Client, world: World, key: str) -> None:
    assert staff.get(f"/admin/{STREAMS}{key}/change/").status_code == 404
