"""PATCH customers/{id}."""

from typing import Any

import pytest

from projections.models import Account
from tests.api.caller import Caller
from tests.factories import PASSWORD


def test_changes_what_is_sent_and_leaves_the_rest(ada: Caller, adas: Account) -> None:
    answer = ada.patch(f"customers/{adas.customer_id}", {"name": "Ada King", "timezone": "Europe/London"})
    assert answer.status == 200
    assert answer.body == {
        "command_id": answer.body["command_id"],
        "position": answer.body["position"],
        "customer_id": str(adas.customer_id),
        "name": "Ada King",
        "locale": "en",
        "timezone": "Europe/London",
    }
    me = ada.get("me").body
    assert (me["name"], me["email"], me["timezone"]) == ("Ada King", "ada@example.org", "Europe/London")


def test_signs_in_with_the_new_email(ada: Caller, adas: Account, stranger: Caller) -> None:
    ada.patch(f"customers/{adas.customer_id}", {"email": "King@Example.org"})
    old, new = ({"email": email, "password": PASSWORD} for email in ("ada@example.org", "king@example.org"))
    assert stranger.post("token", old, key=None).status == 401
    assert stranger.post("token", new, key=None).status == 200


def test_the_email_of_another_is_taken(ada: Caller, adas: Account, bobs: Account) -> None:
    answer = ada.patch(f"customers/{adas.customer_id}", {"email": "BOB@example.org"})
    assert answer.refusal == (409, "EMAIL_TAKEN", "email")
    assert ada.get("me").body["email"] == "ada@example.org"


def test_nothing_sent_changes_nothing(ada: Caller, adas: Account) -> None:
    answer = ada.patch(f"customers/{adas.customer_id}", {})
    assert (answer.status, answer.body["position"]) == (200, 0)


@pytest.mark.parametrize(
    ("field", "value"), [("name", ""), ("name", None), ("email", "x"), ("timezone", 5), ("status", "active")]
)
def test_refuses_what_it_can_not_take(ada: Caller, adas: Account, field: str, value: Any) -> None:
    answer = ada.patch(f"customers/{adas.customer_id}", {field: value})
    assert answer.refusal == (400, "MALFORMED", field)


def test_nobody_changes_somebody_else(ada: Caller, bobs: Account) -> None:
    for customer_id in (bobs.customer_id, bobs.account_id, "nobody"):
        answer = ada.patch(f"customers/{customer_id}", {"name": "Mallory"})
        assert answer.refusal == (404, "CUSTOMER_NOT_FOUND", None)


def test_nor_do_members_of_staff(operator: Caller, adas: Account) -> None:
    answer = operator.patch(f"customers/{adas.customer_id}", {"name": "Mallory"})
    assert answer.refusal == (403, "FORBIDDEN", None)
