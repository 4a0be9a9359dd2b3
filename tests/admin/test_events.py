"""An event's page: what happened, where it stands, why it is there, what is beside it."""

import pytest
from django.test import Client

from eventstore.models import Event
from tests.admin.conftest import World
from tests.admin.pages import keys_on, links_of, read

EVENTS = "eventstore/event/"


@pytest.fixture
def sent(world: World) -> Event:
    return Event.objects.get(type="account.transfer_sent")


def page_of(event: Event) -> str:
    return f"{EVENTS}{event.position}/change/"


def test_shows_data_envelope_and_metadata(staff: Client, sent: Event) -> None:
    text = read(staff, page_of(sent))
    assert "amount 2500" in text
    assert f"Event id {sent.event_id}" in text
    assert f"Digest {bytes(sent.digest).hex()}" in text
    assert f"actor {sent.metadata['actor']}" in text
    assert f"Recorded at {sent.recorded_at:%Y-%m-%d %H:%M:%S} UTC" in text


def test_leads_to_its_command_its_stream_and_the_streams_it_names(staff: Client, world: World, sent: Event) -> None:
    links = links_of(staff, page_of(sent))
    assert f"/admin/eventstore/command/{world.transfer.command_id}/change/" in links
    assert f"/admin/eventstore/stream/{world.adas.account_id}/change/" in links
    assert f"/admin/eventstore/stream/{world.bobs.account_id}/change/" in links


def test_leads_to_its_neighbours_in_the_stream(staff: Client, world: World, sent: Event) -> None:
    stream = Event.objects.filter(stream_id=world.adas.account_id)
    first, before = stream.get(version=1), stream.get(version=sent.version - 1)
    assert f"/admin/{page_of(before)}" in links_of(staff, page_of(sent))
    steps = {link for link in links_of(staff, page_of(first)) if EVENTS in link and link.endswith("/change/")}
    assert steps == {f"/admin/{page_of(stream.get(version=2))}"}


def test_can_be_opened_by_event_id(staff: Client, sent: Event) -> None:
    assert f"Position {sent.position}" in read(staff, f"{EVENTS}{sent.event_id}/change/")


@pytest.mark.parametrize("key", ["999999999", "0" * 40, "abc", "00000000-0000-0000-0000-000000000001", "9" * 40])
def test_an_unknown_one_is_not_found(staff: Client, world: World, key: str) -> None:
    assert staff.get(f"/admin/{EVENTS}{key}/change/").status_code == 404


def test_a_search_leads_straight_to_what_it_means(staff: Client, world: World, sent: Event) -> None:
    targets = {
        str(sent.position): f"/admin/{page_of(sent)}",
        str(sent.event_id): f"/admin/eventstore/event/{sent.event_id}/change/",
        str(sent.stream_id): f"/admin/eventstore/stream/{sent.stream_id}/change/",
        str(world.transfer.command_id): f"/admin/eventstore/command/{world.transfer.command_id}/change/",
    }
    assert {term: staff.get(f"/admin/{EVENTS}", {"q": f" {term} "}).headers["Location"] for term in targets} == targets


@pytest.mark.parametrize("term", ["999999999", "nothing", "9" * 40, "'; --"])
def test_a_search_for_nothing_finds_nothing(staff: Client, world: World, term: str) -> None:
    assert "There is nothing here." in read(staff, EVENTS, q=term)


def test_a_search_for_what_no_database_holds_is_malformed(staff: Client, world: World) -> None:
    assert staff.get(f"/admin/{EVENTS}", {"q": "a\0b"}).status_code == 400


def test_a_search_for_a_type_lists_it(staff: Client, world: World, sent: Event) -> None:
    assert keys_on(staff, EVENTS, q="account.transfer_sent") == [sent.position]


def test_filters_by_type_and_category(staff: Client, world: World, sent: Event) -> None:
    customers = Event.objects.filter(category="customer").order_by("-position")
    assert keys_on(staff, EVENTS, type="account.transfer_sent") == [sent.position]
    assert keys_on(staff, EVENTS, category="customer") == [event.position for event in customers]
    assert keys_on(staff, EVENTS, category="customer", type="account.transfer_sent") == []


def test_an_event_whose_class_is_gone_is_shown_as_it_is_stored(
    staff: Client, sent: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    from eventstore import messages

    monkeypatch.delitem(messages.events, "account.transfer_sent")
    assert "amount 2500" in read(staff, page_of(sent))
