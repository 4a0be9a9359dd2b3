"""The catalogue in the admin: found by words, narrowed by links, with documents to take along."""

import json

import pytest
from django.test import Client
from django.utils import translation

from accounts.users.models import User
from tests.admin.conftest import World
from tests.admin.pages import links_of, read, statements

CATALOGUE = "eventstore/event/catalogue/"


def names_on(client: Client, **query: str) -> set[str]:
    """The stored names in the table of a page."""
    page = client.get(f"/admin/{CATALOGUE}", query)
    assert page.status_code == 200
    table = page.context["table"]
    return {str(row[0].value) for row in table.rows} if table else set()


@pytest.mark.once("made of code")
@pytest.mark.parametrize(
    ("query", "there", "not_there"),
    [
        ({}, {"account.opened", "account.open", "projection.event_skipped"}, set()),
        ({"q": "MoneyDeposited"}, {"account.money_deposited"}, {"account.opened"}),
        ({"q": "to_account"}, {"account.transfer", "account.transfer_sent"}, {"account.transfer_received"}),
        ({"q": "arrived from outside"}, {"account.money_deposited"}, {"account.deposit"}),
        ({"q": "deposit", "kind": "command"}, {"account.deposit"}, {"account.money_deposited"}),
        ({"category": "staff"}, {"staff.rights_set", "staff.set_rights"}, {"account.opened"}),
        ({"personal": "yes"}, {"customer.registered", "customer.register"}, {"customer.suspended"}),
        ({"personal": "no", "kind": "event"}, {"customer.suspended"}, {"customer.registered"}),
    ],
    ids=lambda given: str(given) if isinstance(given, dict) else "",
)
def test_it_is_searched_and_narrowed(
    staff: Client, query: dict[str, str], there: set[str], not_there: set[str]
) -> None:
    found = names_on(staff, **query)
    assert there <= found
    assert not found & not_there


@pytest.mark.once("made of code")
def test_what_nobody_declares_is_not_found(staff: Client) -> None:
    assert names_on(staff, q="no such thing") == set()
    assert "There is nothing here." in read(staff, CATALOGUE, q="no such thing")
    assert staff.get(f"/admin/{CATALOGUE}account.vanished/").status_code == 404
    assert staff.get(f"/admin/{CATALOGUE}openapi.json").status_code == 404


def test_a_page_tells_all_of_an_event(staff: Client) -> None:
    page = f"{CATALOGUE}account.money_deposited/"
    text = read(staff, page)
    assert "Money arrived from outside." in text
    assert "amount int in the currency's minor units: 1050 is 10.50" in text
    assert "Stream account (account_id)" in text
    assert "Version 2" in text
    assert "Read as the next version by add_unknown_day. Adds the missing day as None" in text
    assert '"amount": 1050' in text
    assert '"specversion": "1.0"' in text
    assert "daily_balances delayed" in text
    links = links_of(staff, page)
    assert f"/admin/{CATALOGUE}account.deposit/" in links
    assert "/admin/eventstore/event/?type=account.money_deposited" in links
    assert "/admin/eventstore/projection/entries/change/" in links


@pytest.mark.once("made of code")
def test_a_page_tells_all_of_a_command(staff: Client) -> None:
    page = f"{CATALOGUE}account.expire_holds/"
    assert "Sent without a person, by system:expire_holds" in read(staff, page)
    assert f"/admin/{CATALOGUE}account.hold_expired/" in links_of(staff, page)
    assert "/admin/eventstore/command/?type=account.expire_holds" in links_of(staff, page)


@pytest.mark.once("made of code")
def test_personal_fields_are_marked(staff: Client) -> None:
    text = read(staff, f"{CATALOGUE}customer.registered/")
    assert "email Personal personal, encrypted with the key of customer_id" in text


def test_lists_and_events_lead_to_it(staff: Client, world: World) -> None:
    for model in ("event", "command"):
        assert f"/admin/{CATALOGUE}" in links_of(staff, f"eventstore/{model}/")
    event = f"eventstore/event/{world.deposit.position}/change/"
    assert f"/admin/{CATALOGUE}account.money_deposited/" in links_of(staff, event)


@pytest.mark.once("made of code")
@pytest.mark.parametrize(("document", "key"), [("asyncapi", "channels"), ("json-schema", "$defs")])
def test_documents_are_there_to_download(staff: Client, document: str, key: str) -> None:
    assert f"/admin/{CATALOGUE}{document}.json" in links_of(staff, CATALOGUE)
    answer = staff.get(f"/admin/{CATALOGUE}{document}.json")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{document}.json"'
    assert key in json.loads(answer.content)


@pytest.mark.once("made of code")
def test_it_asks_the_database_for_no_more_than_what_is_installed(staff: Client) -> None:
    with statements() as list_of_all:
        staff.get(f"/admin/{CATALOGUE}")
    with statements() as one:
        staff.get(f"/admin/{CATALOGUE}account.opened/")
    assert (len(list_of_all), len(one)) == (0, 1)


@pytest.mark.once("made of code")
def test_it_is_found_in_ones_own_language(staff: Client) -> None:
    with translation.override("zh-hans"):
        told = translation.gettext("Money arrived from outside.")
    staff.cookies["django_language"] = "zh-hans"
    assert "account.money_deposited" in names_on(staff, q=told)


@pytest.mark.once("made of code")
def test_who_has_no_role_does_not_see_it(client: Client, newcomer: User) -> None:
    client.force_login(newcomer)
    for page in ("", "account.opened/", "asyncapi.json"):
        assert client.get(f"/admin/{CATALOGUE}{page}").status_code == 403
