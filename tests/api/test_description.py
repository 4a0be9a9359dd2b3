"""/api/schema/ and /api/docs/: the API describes itself."""

from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from playwright.sync_api import Browser, ConsoleMessage
from pytest_django.live_server_helper import LiveServer

from eventstore.http.errors import status_of
from tests.journeys.conftest import browser  # noqa: F401 - a fixture

OPERATIONS = {
    "GET /api/v1/accounts",
    "GET /api/v1/accounts/{account_id}",
    "GET /api/v1/accounts/{account_id}/balance",
    "GET /api/v1/accounts/{account_id}/daily-balances",
    "GET /api/v1/accounts/{account_id}/entries",
    "GET /api/v1/accounts/{account_id}/entries.csv",
    "GET /api/v1/accounts/{account_id}/holds",
    "GET /api/v1/accounts/{account_id}/statements",
    "GET /api/v1/accounts/{account_id}/statements/{period}",
    "GET /api/v1/accounts/{account_id}/statements/{period}.csv",
    "GET /api/v1/accounts/{account_id}/statements/{period}.pdf",
    "GET /api/v1/approvals",
    "GET /api/v1/approvals/{approval_id}",
    "GET /api/v1/audit",
    "GET /api/v1/commands/{key}",
    "GET /api/v1/customers",
    "GET /api/v1/customers/{customer_id}",
    "GET /api/v1/events",
    "GET /api/v1/holds/{hold_id}",
    "GET /api/v1/me",
    "GET /api/v1/projections",
    "GET /api/v1/streams/{category}/{stream_id}",
    "GET /api/v1/transfers/{transfer_id}",
    "GET /api/v1/trial-balance",
    "GET /api/v1/volumes",
    "PATCH /api/v1/customers/{customer_id}",
    "POST /api/v1/accounts",
    "POST /api/v1/accounts/{account_id}/close",
    "POST /api/v1/accounts/{account_id}/deposits",
    "POST /api/v1/accounts/{account_id}/freeze",
    "POST /api/v1/accounts/{account_id}/holds",
    "POST /api/v1/accounts/{account_id}/limits",
    "POST /api/v1/accounts/{account_id}/overdraft",
    "POST /api/v1/accounts/{account_id}/unfreeze",
    "POST /api/v1/accounts/{account_id}/withdrawals",
    "POST /api/v1/approvals",
    "POST /api/v1/approvals/{approval_id}/approve",
    "POST /api/v1/approvals/{approval_id}/refuse",
    "POST /api/v1/approvals/{approval_id}/withdraw",
    "POST /api/v1/bulk",
    "POST /api/v1/customers",
    "POST /api/v1/customers/{customer_id}/erase",
    "POST /api/v1/customers/{customer_id}/reinstate",
    "POST /api/v1/customers/{customer_id}/suspend",
    "POST /api/v1/entries/{entry_id}/reversal",
    "POST /api/v1/holds/{hold_id}/capture",
    "POST /api/v1/holds/{hold_id}/release",
    "POST /api/v1/token",
    "POST /api/v1/transfers",
}


@pytest.fixture
def schema(client: Client) -> dict[str, Any]:
    described: dict[str, Any] = client.get("/api/schema/", headers={"Accept": "application/json"}).json()
    return described


def operations(schema: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        f"{method.upper()} {path}": operation
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
    }


def test_the_description_is_valid(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("spectacular", "--validate", "--fail-on-warn")
    assert capsys.readouterr().err == ""


def test_it_names_every_operation(schema: dict[str, Any]) -> None:
    assert operations(schema).keys() == OPERATIONS


def test_each_operation_says_what_it_is_for_and_how_it_refuses(schema: dict[str, Any]) -> None:
    for name, operation in operations(schema).items():
        assert operation["summary"], name
        assert operation["description"], name
        assert {"400", "429", "503"} <= operation["responses"].keys(), name
        for status, response in operation["responses"].items():
            codes = response["description"].split(", ") if int(status) >= 400 else []
            assert all(status_of(code) == int(status) for code in codes), name


def test_who_acts_is_asked_for_a_key(schema: dict[str, Any]) -> None:
    for name, operation in operations(schema).items():
        headers = [part["name"] for part in operation.get("parameters", []) if part["in"] == "header"]
        acts = not name.startswith("GET") and not name.endswith("token")
        assert headers == (["Idempotency-Key"] if acts else []), name


@pytest.mark.browser
def test_the_docs_page_lists_every_operation_under_the_strict_policy(
    browser: Browser,  # noqa: F811
    live_server: LiveServer,
) -> None:
    complaints: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            complaints.append(message.text)

    page = browser.new_page()
    page.on("console", note)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{live_server.url}/api/docs/")
    page.wait_for_selector(".opblock")
    listed = page.locator(".opblock-summary").all()
    names = {
        f"{row.locator('.opblock-summary-method').inner_text()} "
        f"{row.locator('.opblock-summary-path').get_attribute('data-path')}"
        for row in listed
    }
    page.locator(".opblock-summary-control").first.click()
    page.wait_for_selector(".opblock-body")
    assert names == OPERATIONS
    assert complaints == []
