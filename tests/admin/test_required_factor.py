"""Where the site asks staff for a second factor: whoever has none sets it up before anything else opens."""

import pytest
from django.conf import LazySettings
from django.test import Client

from accounts.services.staff import SUPERUSER
from accounts.users.factors import remove_factors
from accounts.users.models import User
from tests.api.caller import Caller
from tests.factories import PASSWORD, CustomerFactory, StaffFactory
from tests.pages.browser import text_of
from tests.second_factors import code_of, give_app, sign_in

pytestmark = pytest.mark.django_db

REFUSED = (401, "SECOND_FACTOR_REQUIRED", None)


@pytest.fixture(autouse=True)
def required(settings: LazySettings) -> None:
    settings.STAFF_SECOND_FACTOR = True


@pytest.fixture
def boss() -> User:
    return StaffFactory.create(role=SUPERUSER)


@pytest.mark.parametrize("page", ["/sign-in", "/admin/login/"])
def test_the_password_leads_to_the_page_that_sets_one_up(client: Client, boss: User, page: str) -> None:
    answer = client.post(page, {"username": boss.email, "password": PASSWORD})
    assert answer["Location"] == "/security/factors"
    assert "Members of staff need a second factor here." in text_of(client.get("/security/factors"))


@pytest.mark.parametrize(
    "address", ["/admin/", "/admin/accounts/user/", "/admin/password_change/", "/admin/actions/erase/{customer}/"]
)
def test_nothing_else_of_the_admin_opens(client: Client, boss: User, address: str) -> None:
    client.force_login(boss)
    path = address.format(customer=CustomerFactory.create().customer_id)
    for send in (client.get, client.post):
        answer = send(path, follow=True)
        assert answer.request["PATH_INFO"] == "/security/factors"
    assert "/admin/projections/customer/" not in text_of(answer)


def test_with_it_everything_opens(client: Client, boss: User) -> None:
    client.force_login(boss)
    client.get("/security/factors/app")
    client.post("/security/factors/app", {"code": code_of(boss, confirmed=False)})
    assert client.get("/admin/").status_code == 200


def test_who_lost_all_of_them_sets_up_another(client: Client, boss: User) -> None:
    give_app(boss)
    sign_in(client, boss)
    assert client.get("/admin/").status_code == 200
    remove_factors(boss)
    assert client.get("/admin/").status_code == 302, "their sessions have ended"
    sign_in(client, boss)
    assert client.get("/admin/", follow=True).request["PATH_INFO"] == "/security/factors"


@pytest.mark.parametrize("path", ["me", "customers", "accounts", "audit"])
def test_the_api_is_closed_to_tokens_and_sessions_without_it(client: Client, boss: User, path: str) -> None:
    client.force_login(boss)
    for caller in (Caller.of(boss), Caller(client=client)):
        answer = caller.get(path)
        assert answer.refusal == REFUSED
        assert answer.headers["WWW-Authenticate"] == "Token"


def test_so_is_each_command_and_bulk(boss: User) -> None:
    customer = CustomerFactory.create()
    caller, path = Caller.of(boss), f"customers/{customer.customer_id}/suspend"
    body = {"reason": "Asked for it"}
    assert caller.post(path, body).refusal == REFUSED
    assert caller.post("bulk", {"mode": "each", "items": [{"path": path, "body": body, "key": "1"}]}).refusal == REFUSED


def test_no_token_is_made_without_it(boss: User) -> None:
    answer = Caller().post("token", {"email": boss.email, "password": PASSWORD}, key=None)
    assert answer.refusal == (401, "SECOND_FACTOR_REQUIRED", "otp")
    assert "token" not in answer.body


def test_a_token_that_was_made_with_it_opens(boss: User) -> None:
    give_app(boss)
    answer = Caller().post("token", {"email": boss.email, "password": PASSWORD, "otp": code_of(boss)}, key=None)
    assert Caller(answer.body["token"]).get("customers").status == 200


def test_customers_need_none(client: Client) -> None:
    customer = CustomerFactory.create()
    assert client.post("/sign-in", {"username": customer.email, "password": PASSWORD})["Location"] == "/"
    assert Caller.of(customer).get("me").status == 200
