"""GET events."""

from typing import Any

import pytest
from django.test import Client, override_settings

from eventstore.keys import ring
from eventstore.models import SubjectKey
from eventstore.personal import UNREADABLE
from projections.models import Account
from tests.api.caller import Caller


def types(page: dict[str, Any]) -> list[str]:
    return [event["type"] for event in page["results"]]


def test_tells_everything_oldest_first(auditor: Caller, adas: Account) -> None:
    page = auditor.get("events").body
    assert types(page) == ["customer.registered", "account.opened", "account.money_deposited"]
    assert page["next"] is None
    assert page["position"] >= adas.position
    event = page["results"][-1]
    assert event["data"] | {"entry_id": "", "day": ""} == {
        "account_id": str(adas.account_id),
        "entry_id": "",
        "amount": 10_000,
        "currency": "EUR",
        "balance": 10_000,
        "reference": "",
        "day": "",
    }
    assert (event["category"], event["stream_id"], event["version"]) == ("account", str(adas.account_id), 2)
    assert event["metadata"]["actor"] == f"customer:{adas.customer_id}"
    assert event["effective_at"] == event["recorded_at"]


def test_personal_data_is_readable_for_staff(auditor: Caller, adas: Account) -> None:
    (event,) = auditor.get("events", type="customer.registered").body["results"]
    assert event["data"]["name"] == "Ada Lovelace"


def test_goes_on_after_what_is_known(auditor: Caller, adas: Account) -> None:
    page = auditor.get("events", limit=2).body
    assert types(page) == ["customer.registered", "account.opened"]
    rest = auditor.get(page["next"]).body
    assert types(rest) == ["account.money_deposited"]
    assert auditor.get("events", after=rest["results"][-1]["position"]).body["results"] == []


def test_can_be_narrowed(auditor: Caller, adas: Account) -> None:
    assert types(auditor.get("events", category="customer").body) == ["customer.registered"]
    assert types(auditor.get("events", type="account.opened").body) == ["account.opened"]
    assert types(auditor.get("events", category="account", type="account.opened").body) == ["account.opened"]
    assert types(auditor.get("events", category="customer", type="account.opened").body) == []
    assert types(auditor.get("events", category="nothing").body) == []


def test_a_narrowed_list_keeps_what_it_is_narrowed_to(auditor: Caller, adas: Account) -> None:
    page = auditor.get("events", category="account", limit=1).body
    assert types(auditor.get(page["next"]).body) == ["account.money_deposited"]


@pytest.mark.parametrize(
    ("name", "value"),
    [("after", "-1"), ("after", "x"), ("after", "9" * 19), ("limit", "0"), ("type", "a\0b"), ("before", "5")],
)
def test_refuses_what_it_can_not_take(auditor: Caller, name: str, value: str) -> None:
    assert auditor.get("events", **{name: value}).refusal == (400, "MALFORMED", name)


def test_is_for_staff(ada: Caller, stranger: Caller) -> None:
    assert ada.get("events").refusal == (403, "FORBIDDEN", None)
    assert stranger.get("events").refusal == (401, "NOT_SIGNED_IN", None)


def test_what_can_t_be_decrypted_is_marked_and_the_page_goes_on(auditor: Caller, adas: Account) -> None:
    SubjectKey.objects.filter(pk=adas.customer_id).update(wrapped=b"damaged")
    page = auditor.get("events")
    assert page.status == 200
    assert types(page.body) == ["customer.registered", "account.opened", "account.money_deposited"]
    assert page.body["results"][0]["data"]["name"] == UNREADABLE


def test_a_process_with_the_wrong_key_answers_that_it_is_not_ready(auditor: Caller, adas: Account) -> None:
    ring.forget()
    with override_settings(PERSONAL_DATA_KEY=bytes(range(100, 132)), PERSONAL_DATA_KEYS_OLD=[]):
        assert auditor.get("events").status == 503
        assert Client().get("/readyz").status_code == 503
    ring.forget()
    assert Client().get("/readyz").status_code == 200
