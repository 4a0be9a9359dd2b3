"""POST accounts."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from eventstore.log import cursor
from projections.models import Account
from tests.api.caller import Caller
from tests.factories import StaffFactory


def test_a_customer_opens_an_account(ada: Caller, adas: Account) -> None:
    answer = ada.post("accounts", {"currency": "EUR", "label": "Boat"})
    assert answer.status == 201
    body = answer.body
    assert body == {
        "command_id": body["command_id"],
        "position": body["position"],
        "cursor": cursor(body["position"]),
        "account_id": body["account_id"],
        "customer_id": str(adas.customer_id),
        "label": "Boat",
        "currency": "EUR",
        "timezone": "UTC",
        "balance": "0.00",
        "held": "0.00",
        "available": "0.00",
        "overdraft_limit": "0.00",
        "per_entry": None,
        "daily_out": None,
        "status": "open",
        "frozen_scope": None,
        "version": 1,
        "opened_at": body["opened_at"],
    }


def test_the_account_is_there_as_it_was_told(ada: Caller) -> None:
    opened = ada.post("accounts", {"currency": "JPY", "timezone": "Asia/Tokyo"}).body
    found = ada.get(f"accounts/{opened['account_id']}", min_position=opened["position"]).body
    assert found == {name: value for name, value in opened.items() if name != "command_id"}


def test_both_sides_describe_an_account_alike(client: Client) -> None:
    described = client.get("/api/schema/", headers={"Accept": "application/json"}).json()["components"]["schemas"]
    read, written = described["Account"], described["OpenedAccount"]
    assert shape(written) == {**shape(read), "command_id": ("string", "uuid", False)}
    assert {*written["required"]} == {*read["required"], "command_id"} - {"cursor"}  # a dry run has none


def shape(component: dict[str, Any]) -> dict[str, tuple[str, str | None, bool]]:
    return {
        name: (field["type"], field.get("format"), field.get("nullable", False))
        for name, field in component["properties"].items()
    }


def test_a_label_is_not_needed(ada: Caller) -> None:
    assert ada.post("accounts", {"currency": "EUR"}).body["label"] == ""
    assert ada.post("accounts", {"currency": "EUR", "label": ""}).status == 201


@pytest.mark.parametrize("currency", ["XXX", "eur", "EURO", "€", "XAU"])
def test_the_currency_is_one_in_use(ada: Caller, currency: str) -> None:
    assert ada.post("accounts", {"currency": currency}).refusal == (422, "UNKNOWN_CURRENCY", "currency")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("currency", ""),
        ("currency", 978),
        ("currency", None),
        ("label", "x" * 101),
        ("label", "a\0b"),
        ("label", None),
        ("timezone", "Mars/Olympus"),
        ("customer_id", "me"),
        ("balance", "100.00"),
    ],
)
def test_refuses_what_it_can_not_take(ada: Caller, field: str, value: Any) -> None:
    assert ada.post("accounts", {"currency": "EUR", field: value}).refusal == (400, "MALFORMED", field)


def test_a_currency_is_needed(ada: Caller) -> None:
    assert ada.post("accounts", {}).refusal == (400, "MALFORMED", "currency")


def test_a_customer_may_say_that_it_is_for_themselves(ada: Caller, adas: Account) -> None:
    assert ada.post("accounts", {"currency": "EUR", "customer_id": str(adas.customer_id)}).status == 201


def test_but_not_that_it_is_for_somebody_else(ada: Caller, bobs: Account) -> None:
    answer = ada.post("accounts", {"currency": "EUR", "customer_id": str(bobs.customer_id)})
    assert answer.refusal == (404, "CUSTOMER_NOT_FOUND", "customer_id")


@pytest.mark.parametrize("role", ["support", "operator", "superuser"])
def test_staff_open_accounts_for_customers(adas: Account, role: str) -> None:
    clerk = Caller.of(StaffFactory.create(role=role))
    answer = clerk.post("accounts", {"currency": "EUR", "customer_id": str(adas.customer_id)})
    assert (answer.status, answer.body["customer_id"]) == (201, str(adas.customer_id))


def test_staff_have_to_say_for_whom(operator: Caller) -> None:
    assert operator.post("accounts", {"currency": "EUR"}).refusal == (400, "MALFORMED", "customer_id")
    nobody = operator.post("accounts", {"currency": "EUR", "customer_id": str(uuid4())})
    assert nobody.refusal == (404, "CUSTOMER_NOT_FOUND", "customer_id")


@pytest.mark.parametrize("role", ["approver", "auditor"])
def test_who_only_looks_opens_nothing(adas: Account, role: str) -> None:
    looker = Caller.of(StaffFactory.create(role=role))
    answer = looker.post("accounts", {"currency": "EUR", "customer_id": str(adas.customer_id)})
    assert answer.refusal == (403, "FORBIDDEN", None)
