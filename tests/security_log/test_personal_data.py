"""What staff read about customers is recorded, on every address there is; customers' own reading is not."""

import pytest
from django.test import Client

from accounts.users.models import User
from tests.api.caller import Caller
from tests.authorization.bodies import address_at
from tests.authorization.callers import Person
from tests.authorization.conftest import world  # noqa: F401 - a fixture
from tests.authorization.rules import rules
from tests.authorization.world import BALANCES, FRIENDS, OTHERS, OWNERS, World
from tests.security_log.conftest import Recorded


def test_a_customer_is_read_by_staff(ada: User, auditor: User, recorded: Recorded) -> None:
    Caller.of(auditor).get(f"customers/{ada.customer_id}")
    [event] = recorded("personal_data.read")
    assert (event["actor"], event["at_customer_id"]) == (auditor.actor, str(ada.customer_id))
    assert event["route"] == "api/v1/customers/<str:customer_id>"


@pytest.mark.parametrize("address", ["/api/v1/customers?q=ada", "/admin/projections/customer/?q=ada"])
def test_a_search_says_how_many_it_found_and_not_for_what(
    ada: User, auditor: User, address: str, recorded: Recorded
) -> None:
    client = Client()
    client.force_login(auditor)
    assert client.get(address).status_code == 200
    [event] = recorded("personal_data.read")
    assert event["count"] == 1
    assert "ada" not in str({**event, "request_id": "", "address": ""}).lower()  # which are random digits


def test_what_customers_read_about_themselves_is_not_recorded(ada: User, recorded: Recorded) -> None:
    Caller.of(ada).get("me")
    Caller.of(ada).get(f"customers/{ada.customer_id}")
    Caller.of(ada).get("accounts")
    assert not recorded("personal_data.read")


def test_every_address_that_shows_staff_anything_of_a_customer_is_recorded(
    world: World,  # noqa: F811 - the fixture
    caplog: pytest.LogCaptureFixture,
    recorded: Recorded,
) -> None:
    caplog.set_level("INFO")
    person, faults = Person.of(world.people["auditor"]), []
    marks = [text.lower() for text in (OWNERS, OTHERS, FRIENDS, *BALANCES, world.ids["account_id"])]
    for route in rules():
        caplog.clear()
        address = address_at(route, world)
        got = person.at(route).send("GET", address)
        shown = [mark for mark in marks if mark in got.text and mark not in address.lower()]
        if got.status == 200 and shown and not recorded("personal_data.read"):
            faults.append(f"{route} shows {shown}")
    assert not faults, "\n".join(faults)
