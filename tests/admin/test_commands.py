"""A command's page: who asked for what, when, what they were told, and what came of it."""

import pytest
from django.test import Client

from eventstore.models import Command
from tests.admin.conftest import World
from tests.admin.pages import keys_on, links_of, read

COMMANDS = "eventstore/command/"


def page_of(command_id: object) -> str:
    return f"{COMMANDS}{command_id}/change/"


def test_shows_who_asked_for_what_and_when(staff: Client, world: World) -> None:
    command = Command.objects.get(command_id=world.deposit.command_id)
    text = read(staff, page_of(command.command_id))
    assert f"Who asked Ada Lovelace {world.ada.actor}" in text
    assert f"Recorded at {command.recorded_at:%Y-%m-%d %H:%M:%S} UTC" in text
    assert "amount 10000 100.00 EUR" in text
    assert "reference Salary" in text


def test_shows_what_was_answered(staff: Client, world: World) -> None:
    text = read(staff, page_of(world.deposit.command_id))
    assert "accepted It caused 1 event." in text
    assert "balance 10000" in text


def test_leads_to_the_events_that_it_caused(staff: Client, world: World) -> None:
    links = links_of(staff, page_of(world.transfer.command_id))
    assert len(world.transfer.positions) == 2
    assert {f"/admin/eventstore/event/{position}/change/" for position in world.transfer.positions} <= links


def test_tells_a_refusal_as_a_sentence(staff: Client, world: World) -> None:
    text = read(staff, page_of(world.refused.command_id))
    assert "INSUFFICIENT_FUNDS There is not enough money in this account. Field at fault: amount" in text
    assert "Events that it caused" not in text


def test_can_be_opened_by_number(staff: Client, world: World) -> None:
    number = Command.objects.get(command_id=world.deposit.command_id).number
    assert str(world.deposit.command_id) in read(staff, page_of(number))


@pytest.mark.parametrize("key", ["999999999", "abc", "00000000-0000-0000-0000-000000000001", "9" * 40])
def test_an_unknown_one_is_not_found(staff: Client, world: World, key: str) -> None:
    assert staff.get(f"/admin/{page_of(key)}").status_code == 404


def test_lists_what_was_refused_and_what_was_accepted(staff: Client, world: World) -> None:
    refused = Command.objects.get(command_id=world.refused.command_id).number
    assert keys_on(staff, COMMANDS, outcome="refused") == [refused]
    assert refused not in keys_on(staff, COMMANDS, outcome="accepted")
    assert "INSUFFICIENT_FUNDS" in read(staff, COMMANDS)


def test_lists_one_type(staff: Client, world: World) -> None:
    assert len(keys_on(staff, COMMANDS, type="account.transfer")) == 1


def test_a_search_for_somebody_lists_what_they_asked(staff: Client, world: World) -> None:
    asked = Command.objects.filter(actor=world.ada.actor).order_by("-number")
    assert keys_on(staff, COMMANDS, q=world.ada.actor) == [command.number for command in asked]


def test_a_search_for_somebody_and_their_key_leads_to_the_command(staff: Client, world: World) -> None:
    answer = staff.get(f"/admin/{COMMANDS}", {"q": f"{world.ada.actor} too much"})
    assert answer.headers["Location"] == f"/admin/{page_of(world.refused.command_id)}"


def test_a_search_for_a_number_or_an_id_leads_to_the_command(staff: Client, world: World) -> None:
    for term in (Command.objects.get(command_id=world.deposit.command_id).number, world.deposit.command_id):
        answer = staff.get(f"/admin/{COMMANDS}", {"q": str(term)})
        assert answer.headers["Location"] == f"/admin/{page_of(term)}"


def test_the_refusal_is_told_in_the_language_of_the_reader(staff: Client, world: World) -> None:
    staff.cookies["django_language"] = "zh-hans"
    assert "There is not enough money" not in read(staff, page_of(world.refused.command_id))
