"""/api/schema/ and /api/docs/: the API describes itself."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from openapi_spec_validator import OpenAPIV30SpecValidator
from playwright.sync_api import Browser, ConsoleMessage
from pytest_django.live_server_helper import LiveServer

from config import api_schema
from eventstore.http.errors import status_of
from tests.journeys.conftest import browser  # noqa: F401 - a fixture

OPERATIONS = {  # the operation ids, after which generated clients name their methods
    "DELETE /api/v1/token": "delete_token",
    "DELETE /api/v1/tokens/{token_id}": "end_token",
    "GET /api/v1/accounts": "list_accounts",
    "GET /api/v1/accounts/{account_id}": "get_account",
    "GET /api/v1/accounts/{account_id}/balance": "get_balance",
    "GET /api/v1/accounts/{account_id}/daily-balances": "list_daily_balances",
    "GET /api/v1/accounts/{account_id}/entries": "list_entries",
    "GET /api/v1/accounts/{account_id}/entries.csv": "get_entries_csv",
    "GET /api/v1/accounts/{account_id}/holds": "list_holds",
    "GET /api/v1/accounts/{account_id}/statements": "list_statements",
    "GET /api/v1/accounts/{account_id}/statements/{period}": "get_statement",
    "GET /api/v1/accounts/{account_id}/statements/{period}.csv": "get_statement_csv",
    "GET /api/v1/accounts/{account_id}/statements/{period}.pdf": "get_statement_pdf",
    "GET /api/v1/accounts/{account_id}/statements/{period}/proof": "get_statement_proof",
    "GET /api/v1/approvals": "list_approvals",
    "GET /api/v1/approvals/{approval_id}": "get_approval",
    "GET /api/v1/audit": "list_audit_lines",
    "GET /api/v1/commands/{command_id}/proof": "get_command_proof",
    "GET /api/v1/commands/{key}": "get_command",
    "GET /api/v1/customers": "list_customers",
    "GET /api/v1/customers/{customer_id}": "get_customer",
    "GET /api/v1/events": "list_events",
    "GET /api/v1/events/stream": "stream_events",
    "GET /api/v1/events/{position}/proof": "get_event_proof",
    "GET /api/v1/heads": "list_heads",
    "GET /api/v1/heads/consistency": "get_consistency_proof",
    "GET /api/v1/holds/{hold_id}": "get_hold",
    "GET /api/v1/me": "get_me",
    "GET /api/v1/projections": "list_projections",
    "GET /api/v1/streams/{category}/{stream_id}": "get_stream",
    "GET /api/v1/tokens": "list_tokens",
    "GET /api/v1/transfers/{transfer_id}": "get_transfer",
    "GET /api/v1/trial-balance": "get_trial_balance",
    "GET /api/v1/volumes": "list_volumes",
    "PATCH /api/v1/customers/{customer_id}": "update_customer",
    "POST /api/v1/accounts": "create_account",
    "POST /api/v1/accounts/{account_id}/close": "close_account",
    "POST /api/v1/accounts/{account_id}/deposits": "create_deposit",
    "POST /api/v1/accounts/{account_id}/freeze": "freeze_account",
    "POST /api/v1/accounts/{account_id}/holds": "place_hold",
    "POST /api/v1/accounts/{account_id}/limits": "set_limits",
    "POST /api/v1/accounts/{account_id}/overdraft": "set_overdraft",
    "POST /api/v1/accounts/{account_id}/unfreeze": "unfreeze_account",
    "POST /api/v1/accounts/{account_id}/withdrawals": "create_withdrawal",
    "POST /api/v1/approvals": "create_approval",
    "POST /api/v1/approvals/{approval_id}/approve": "grant_approval",
    "POST /api/v1/approvals/{approval_id}/refuse": "refuse_approval",
    "POST /api/v1/approvals/{approval_id}/withdraw": "withdraw_approval",
    "POST /api/v1/bulk": "bulk",
    "POST /api/v1/customers": "create_customer",
    "POST /api/v1/customers/{customer_id}/erase": "erase_customer",
    "POST /api/v1/customers/{customer_id}/reinstate": "reinstate_customer",
    "POST /api/v1/customers/{customer_id}/suspend": "suspend_customer",
    "POST /api/v1/entries/{entry_id}/reversal": "reverse_entry",
    "POST /api/v1/holds/{hold_id}/capture": "capture_hold",
    "POST /api/v1/holds/{hold_id}/release": "release_hold",
    "POST /api/v1/token": "create_token",
    "POST /api/v1/transfers": "create_transfer",
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


def test_it_keeps_to_the_standard(schema: dict[str, Any]) -> None:
    assert list(OpenAPIV30SpecValidator(schema).iter_errors()) == []


def test_it_names_every_operation(schema: dict[str, Any]) -> None:
    assert {name: operation["operationId"] for name, operation in operations(schema).items()} == OPERATIONS


def test_components_are_named_plainly(schema: dict[str, Any]) -> None:
    names = schema["components"]["schemas"].keys()
    assert {"Account", "AccountList", "Entry", "Deposit", "DepositRequest", "Error", "Hold", "Statement"} <= names
    assert [name for name in names if name.endswith(("Shape", "Serializer", "SerializerList", "Enum"))] == []


def test_operations_are_grouped_by_resource(schema: dict[str, Any]) -> None:
    tags = {tag for operation in operations(schema).values() for tag in operation["tags"]}
    assert tags == {
        *("accounts", "approvals", "audit", "bulk", "commands", "customers", "entries", "events", "heads", "holds"),
        *("projections", "statements", "streams", "tokens", "transfers", "trial-balance", "volumes"),
    }


def test_becoming_a_customer_and_signing_in_need_no_sign_in(schema: dict[str, Any]) -> None:
    anonymous = {name for name, operation in operations(schema).items() if "security" not in operation}
    assert anonymous == {
        *("POST /api/v1/customers", "POST /api/v1/token"),
        *("GET /api/v1/heads", "GET /api/v1/heads/consistency"),
    }
    assert "security" not in schema


def test_each_operation_says_what_it_is_for_and_how_it_refuses(schema: dict[str, Any]) -> None:
    for name, operation in operations(schema).items():
        assert operation["summary"], name
        assert operation["description"], name
        assert {"400", "429", "503"} <= operation["responses"].keys(), name
        for status, response in operation["responses"].items():
            codes = response["description"].split(", ") if int(status) >= 400 else []
            assert all(status_of(code) == int(status) for code in codes), name


def test_whoever_signs_in_may_be_asked_for_a_second_factor(schema: dict[str, Any]) -> None:
    for name, operation in operations(schema).items():
        if "security" in operation:
            assert operation["responses"]["401"]["description"] == "NOT_SIGNED_IN, SECOND_FACTOR_REQUIRED", name


def test_who_acts_is_asked_for_a_key(schema: dict[str, Any]) -> None:
    for name, operation in operations(schema).items():
        headers = [part["name"] for part in operation.get("parameters", []) if part["in"] == "header"]
        acts = not name.startswith(("GET", "DELETE")) and not name.endswith("token")
        listens = operation["operationId"] == "stream_events"
        assert headers == (["Idempotency-Key"] if acts else ["Last-Event-ID"] if listens else []), name


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
    assert names == OPERATIONS.keys()
    assert complaints == []


def test_it_is_made_once_for_all_who_ask_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Making it takes a second, and is not safe among threads."""
    api_schema._made.clear()
    made: list[str] = []
    make = api_schema.SchemaView._make

    def counted(self: Any, request: Any) -> Any:
        made.append(request.accepted_media_type)
        return make(self, request)

    monkeypatch.setattr(api_schema.SchemaView, "_make", counted)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: Client().get("/api/schema/?version=7"), range(8)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert len(made) == 1


def test_it_is_told_in_the_language_of_the_caller() -> None:
    texts = {
        Client().get(f"/api/schema/?lang={language}", HTTP_ACCEPT_LANGUAGE="en").headers["Content-Language"]
        for language in ("", "en", "xx")
    }
    assert texts == {"en"}
    assert Client().get("/api/schema/?lang=zh-hans").headers["Content-Language"] == "zh-hans"
