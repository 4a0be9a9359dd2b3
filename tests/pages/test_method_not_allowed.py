"""Who comes by a way that an address does not take finds a page, not an empty answer."""

import pytest
from django.test import Client

from accounts.services.staff import SUPERUSER
from accounts.users.models import User
from projections.models import Account
from tests.factories import StaffFactory
from tests.pages.browser import text_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options"])
@pytest.mark.parametrize(
    "path", ["/", "/accounts", "/accounts/open", "/sign-up", "/profile", "/transfer", "/sign-out", "/livez"]
)
def test_each_405_has_a_page(client: Client, ada: User, path: str, method: str) -> None:
    answer = getattr(client, method)(path)
    assert answer.status_code == 405
    assert answer["Allow"]
    assert "Not in this way" in text_of(answer)
    assert "Content-Security-Policy" in answer


def test_a_page_that_only_shows_takes_no_form(client: Client, account: Account) -> None:
    answer = client.post(f"/accounts/{account.account_id}")
    assert answer.status_code == 405
    assert "Nothing was changed." in text_of(answer)


def test_the_admin_s_own_have_one_too(client: Client) -> None:
    client.force_login(StaffFactory.create(role=SUPERUSER))
    answer = client.get("/admin/logout/")
    assert (answer.status_code, "Not in this way" in text_of(answer)) == (405, True)


def test_the_api_answers_programs(client: Client, ada: User) -> None:
    answer = client.put("/api/v1/me", {}, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (405, "METHOD_NOT_ALLOWED")


def test_a_link_to_the_way_out_leads_to_a_button(client: Client, ada: User) -> None:
    page = client.get("/sign-out")
    assert page.status_code == 200
    assert "Do you want to sign out?" in text_of(page)
    assert "_auth_user_id" in client.session, "a link signs nobody out"
    client.post("/sign-out")
    assert "You are signed out" in text_of(client.get("/sign-out"))
