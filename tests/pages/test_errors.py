"""Error pages."""

import pytest
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.views.defaults import server_error
from pytest_django.asserts import assertTemplateUsed

from accounts.users.models import User
from tests.pages.browser import text_of

pytestmark = pytest.mark.django_db


def test_an_unknown_address(client: Client) -> None:
    page = client.get("/nothing/here")
    assert page.status_code == 404
    assertTemplateUsed(page, "base.html")


def test_a_form_from_elsewhere() -> None:
    page = Client(enforce_csrf_checks=True).post("/sign-up", {"name": "Eve"})
    assert page.status_code == 403
    assert "Please send that again" in text_of(page)


def test_a_fault_of_ours_is_told_as_such(rf: RequestFactory) -> None:
    answer = server_error(rf.get("/"))
    assert answer.status_code == 500
    assert "That is our fault" in answer.content.decode()


@pytest.mark.parametrize("code", ["400", "403", "403_csrf", "404", "405", "429", "500"])
def test_each_has_one_heading_and_one_main(code: str) -> None:
    page = render_to_string(f"{code}.html")
    assert page.count("<h1") == page.count("<main") == 1


def test_pages_allow_nothing_inline_and_nothing_foreign(client: Client, ada: User) -> None:
    page = client.get("/")
    assert "default-src 'self'" in page["Content-Security-Policy"]
    assert "style=" not in text_of(page)
    assert "http" not in text_of(page).replace("http-equiv", "")
