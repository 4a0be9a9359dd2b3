"""A client that openapi-python-client makes from the API's description, and what one does with it over real HTTP."""

from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import UUID

import pytest
from django.test import override_settings
from openapi_python_client import generate
from openapi_python_client.config import Config, ConfigFile, MetaType
from pytest_django.live_server_helper import LiveServer

from projections.models import Account
from tests.factories import PASSWORD, AccountFactory, CustomerFactory

PACKAGE = "generated_client"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def adas() -> Account:
    return AccountFactory.create(owner=CustomerFactory.create(email="ada@example.org"), balance=1_000)


@pytest.fixture
def package(live_server: LiveServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    config = Config.from_sources(
        ConfigFile(post_hooks=[]),  # nobody reads the code of this one
        MetaType.NONE,
        document_source=f"{live_server.url}/api/schema/",
        file_encoding="utf-8",
        overwrite=False,
        output_path=tmp_path / PACKAGE,
    )
    warnings = [f"{error.header}: {error.detail}" for error in generate(config=config)]
    assert warnings == []
    monkeypatch.syspath_prepend(tmp_path)
    return import_module(PACKAGE)


def operation(name: str) -> Any:
    return import_module(f"{PACKAGE}.api.{name}")


def model(name: str) -> Any:
    return getattr(import_module(f"{PACKAGE}.models"), name)


def test_it_signs_in_deposits_replays_and_is_refused(package: Any, adas: Account, live_server: LiveServer) -> None:
    with package.Client(base_url=live_server.url) as stranger:
        credentials = model("TokenRequest")(email="ada@example.org", password=PASSWORD, name="Bookkeeping")
        made = operation("tokens.create_token").sync(client=stranger, body=credentials)
        token = made.token

    ada = package.AuthenticatedClient(base_url=live_server.url, token=token, prefix="Token")
    with ada, override_settings(DEMO_RAILS=True):
        deposit, withdraw = operation("accounts.create_deposit"), operation("accounts.create_withdrawal")
        body = model("DepositRequest")(amount="100.00", reference="Salary")
        first = deposit.sync_detailed(adas.account_id, client=ada, body=body, idempotency_key="salary-march")
        assert (first.status_code, type(first.parsed)) == (201, model("Deposit"))
        assert (first.parsed.balance, first.parsed.currency) == ("110.00", "EUR")
        assert isinstance(first.parsed.entry_id, UUID)

        again = deposit.sync_detailed(adas.account_id, client=ada, body=body, idempotency_key="salary-march")
        assert (again.status_code, again.content) == (201, first.content)

        account = operation("accounts.get_account").sync(
            adas.account_id, client=ada, min_position=first.parsed.position
        )
        assert account.balance == "110.00"

        much = model("WithdrawalRequest")(amount="110.01")
        refused = withdraw.sync_detailed(adas.account_id, client=ada, body=much, idempotency_key="rent")
        assert (refused.status_code, type(refused.parsed)) == (422, model("Error"))
        assert (refused.parsed.code, refused.parsed.field) == ("INSUFFICIENT_FUNDS", "amount")

        (listed,) = operation("tokens.list_tokens").sync(client=ada).results
        assert (listed.token_id, listed.name) == (made.token_id, "Bookkeeping")
        assert operation("tokens.end_token").sync_detailed(made.token_id, client=ada).status_code == 204
        assert operation("tokens.list_tokens").sync_detailed(client=ada).status_code == 401
