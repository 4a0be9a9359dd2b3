"""Becoming a customer: the facts, and the sign-in that is made with them."""

import json
import threading
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.db import connection, connections

from accounts.domain.commands import RegisterCustomer
from accounts.services.registration import register_customer
from accounts.services.staff import make_staff
from accounts.users.models import User
from accounts.users.roles import Role
from eventstore.decider import Refused
from eventstore.execute import Receipt
from eventstore.models import Command, Event
from eventstore.testing import given
from tests.accounts.examples import ADA, ADA_REGISTERED

REGISTER = RegisterCustomer(ADA, "Ada", "ada@example.org", "en", "Europe/London")
PASSWORD = "correct horse battery"


def register(key: str = "1", **changes: Any) -> Receipt:
    return register_customer(key, **{"name": "Ada", "email": "ada@example.org", "password": PASSWORD, **changes})


def test_registers_a_customer() -> None:
    given().when(REGISTER).then(ADA_REGISTERED)


def test_answers_nothing_personal() -> None:
    given().when(REGISTER).answers(customer_id=str(ADA), locale="en", timezone="Europe/London")


def test_refuses_an_id_that_is_taken() -> None:
    given(ADA_REGISTERED).when(REGISTER).refused("VERSION_CONFLICT", field="customer_id")


@pytest.mark.django_db
def test_makes_a_sign_in() -> None:
    receipt = register(email=" Ada@Example.org")
    user = authenticate(username="ADA@example.org", password=PASSWORD)
    assert isinstance(user, User)
    assert str(user.customer_id) == receipt.answer["customer_id"]
    assert user.actor == f"customer:{user.customer_id}"
    assert not user.is_staff


@pytest.mark.django_db
def test_nothing_personal_stands_in_clear() -> None:
    assert register().accepted
    assert not register("2").accepted
    stored = json.dumps([*Command.objects.values(), *Event.objects.values()], default=repr)
    for secret in ("Ada", "ada@", PASSWORD):
        assert secret not in stored


@pytest.mark.django_db
def test_the_same_key_again_gives_the_same_answer_and_no_second_sign_in() -> None:
    first, again = register(), register()
    assert again.replayed
    assert again.answer == first.answer
    assert User.objects.count() == Event.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("change", [{"password": "another horse"}, {"name": "Eve"}, {"locale": "zh-hans"}])
def test_the_same_key_for_something_else_is_refused(change: dict[str, str]) -> None:
    register()
    receipt = register(**change)
    assert receipt.refusal
    assert receipt.refusal.code == "IDEMPOTENCY_KEY_REUSED"


@pytest.mark.django_db
def test_a_key_is_scoped_to_the_email() -> None:
    assert register().accepted
    assert register(email="bob@example.org", name="Bob").accepted


@pytest.mark.django_db
def test_an_email_belongs_to_one_customer() -> None:
    register()
    receipt = register("2", email="ADA@example.org ")
    assert receipt.refusal
    assert (receipt.refusal.code, receipt.refusal.field) == ("EMAIL_TAKEN", "email")
    assert User.objects.count() == Event.objects.count() == 1


@pytest.mark.django_db
def test_a_taken_email_stays_refused_under_its_key() -> None:
    register()
    register("2")
    User.objects.update(email="ada@example.com")
    receipt = register("2")
    assert receipt.replayed
    assert not receipt.accepted
    assert register("3").accepted


@pytest.mark.django_db
def test_an_email_of_staff_is_taken_too() -> None:
    make_staff("ada@example.org", Role.AUDITOR, PASSWORD)
    receipt = register()
    assert receipt.refusal
    assert receipt.refusal.code == "EMAIL_TAKEN"


@pytest.mark.django_db
def test_a_rehearsal_makes_nothing() -> None:
    assert register_customer("1", name="Ada", email="ada@example.org", password=PASSWORD, dry_run=True).accepted
    assert not User.objects.exists()
    assert not Event.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", " "),
        ("name", "Ada\0"),
        ("email", "nobody"),
        ("password", "ada"),
        ("password", "12345678"),
        ("locale", "?"),
        ("timezone", "Mars"),
    ],
)
def test_refuses_what_is_malformed_and_names_the_field(field: str, value: str) -> None:
    with pytest.raises(Refused) as caught:
        register(**{field: value})
    assert (caught.value.refusal.code, caught.value.refusal.field) == ("MALFORMED", field)
    assert not Command.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_with_one_email_one_wins() -> None:
    receipts: list[Receipt] = []

    def attempt(number: int) -> None:
        try:
            receipts.append(register(str(number)))
        finally:
            connections[connection.alias].close()

    threads = [threading.Thread(target=attempt, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(receipt.refusal.code if receipt.refusal else "" for receipt in receipts) == [
        "",
        *["EMAIL_TAKEN"] * 7,
    ]
    assert User.objects.count() == Event.objects.count() == 1
