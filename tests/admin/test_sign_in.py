"""The sign-in page of the admin counts wrong passwords, as every door does."""

from typing import Any

import pytest
from django.test import Client

from tests.clock_fixtures import Clock
from tests.factories import PASSWORD, CustomerFactory, StaffFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def sam() -> None:
    StaffFactory.create(email="sam@example.org")


def sign_in(client: Client, password: str = PASSWORD, email: str = "sam@example.org") -> Any:
    return client.post("/admin/login/", {"username": email, "password": password, "next": "/admin/"})


def test_forty_wrong_passwords_are_slowed_down(client: Client, clock: Clock) -> None:
    assert [sign_in(client, "wrong").status_code for _ in range(40)] == [200] * 10 + [429] * 30
    page = sign_in(client)
    assert (page.status_code, page["Retry-After"]) == (429, "20")
    assert "There were too many attempts. Please try again in 20 seconds." in page.content.decode()
    clock.seconds += 20
    assert sign_in(client)["Location"] == "/admin/"


def test_a_spelling_of_the_email_is_no_other_account(client: Client, clock: Clock) -> None:
    for number in range(10):
        sign_in(client, "wrong", " " * number + "Sam@Example.org")
    assert sign_in(client).status_code == 429


def test_all_doors_count_together(client: Client, clock: Clock) -> None:
    for _ in range(10):
        client.post("/sign-in", {"username": "sam@example.org", "password": "wrong"})
    assert sign_in(client).status_code == 429


def test_a_known_device_is_not_locked_out_by_others(client: Client, clock: Clock) -> None:
    assert sign_in(client).status_code == 302
    client.post("/sign-out")
    for _ in range(40):
        sign_in(Client(), "wrong")
    assert sign_in(Client()).status_code == 429
    assert sign_in(client)["Location"] == "/admin/"


def test_a_customers_right_password_is_answered_and_counted_like_a_wrong_one(client: Client, clock: Clock) -> None:
    CustomerFactory.create(email="ada@example.org")
    right = [sign_in(client, PASSWORD, "ada@example.org") for _ in range(11)]
    wrong = [sign_in(client, "wrong", "eve@example.org") for _ in range(11)]
    assert [page.status_code for page in right] == [page.status_code for page in wrong] == [200] * 10 + [429]
    assert right[0].context["form"].errors == wrong[0].context["form"].errors
