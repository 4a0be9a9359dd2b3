"""Changing what is known of a customer, and their sign-in with it."""

from typing import Any

import pytest
from django.contrib.auth import authenticate

from accounts.domain.commands import UpdateCustomerDetails
from accounts.domain.events import CustomerDetailsUpdated
from accounts.services.registration import register_customer, update_details
from accounts.users.models import User
from eventstore.decider import Refused
from eventstore.models import Event
from eventstore.testing import given
from tests.accounts.examples import ADA, ADA_REGISTERED

PASSWORD = "correct horse battery"


def registered(email: str) -> User:
    receipt = register_customer("register", name="Somebody", email=email, password=PASSWORD)
    return User.objects.get(customer_id=receipt.answer["customer_id"])


def test_changes_only_what_is_given() -> None:
    command = UpdateCustomerDetails(ADA, name="Ada Lovelace")
    given(ADA_REGISTERED).when(command).then(CustomerDetailsUpdated(ADA, name="Ada Lovelace"))


def test_answers_nothing_personal() -> None:
    command = UpdateCustomerDetails(ADA, email="ada@example.com", timezone="UTC")
    answer = {"customer_id": str(ADA), "locale": "en", "timezone": "UTC"}
    given(ADA_REGISTERED).when(command).answers(**answer, email_unconfirmed=True)
    command = UpdateCustomerDetails(ADA, name="Ada Lovelace", timezone="UTC")
    given(ADA_REGISTERED).when(command).answers(**answer)


def test_an_email_is_asked_for_and_not_changed_yet() -> None:
    given(ADA_REGISTERED).when(UpdateCustomerDetails(ADA, email="ada@example.com")).then()


def test_nothing_given_changes_nothing() -> None:
    given(ADA_REGISTERED).when(UpdateCustomerDetails(ADA)).then()


def test_refuses_somebody_who_is_no_customer() -> None:
    given().when(UpdateCustomerDetails(ADA, name="Ada")).refused("CUSTOMER_NOT_FOUND")


@pytest.mark.django_db
def test_a_new_email_does_not_count_yet() -> None:
    user = registered("ada@example.org")
    assert user.customer_id
    assert update_details(user.customer_id, "1", actor=user.actor, email="Ada@Example.com").accepted
    assert authenticate(username="ada@example.com", password=PASSWORD) is None
    assert authenticate(username="ada@example.org", password=PASSWORD) == user
    user.refresh_from_db()
    assert (user.email, user.new_email) == ("ada@example.org", "ada@example.com")


@pytest.mark.django_db
def test_the_own_email_may_be_given_again() -> None:
    user = registered("ada@example.org")
    assert user.customer_id
    assert update_details(user.customer_id, "1", actor=user.actor, email="ada@example.org").accepted


@pytest.mark.django_db
def test_refuses_an_email_that_somebody_has() -> None:
    registered("bob@example.org")
    user = registered("ada@example.org")
    assert user.customer_id
    receipt = update_details(user.customer_id, "1", actor=user.actor, name="Ada", email="bob@example.org")
    assert receipt.refusal
    assert (receipt.refusal.code, receipt.refusal.field) == ("EMAIL_TAKEN", "email")
    user.refresh_from_db()
    assert user.email == "ada@example.org"
    assert Event.objects.count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize(("field", "value"), [("name", ""), ("email", "nobody"), ("locale", "?"), ("timezone", "Mars")])
def test_refuses_what_is_malformed_and_names_the_field(field: str, value: str) -> None:
    change: dict[str, Any] = {field: value}
    with pytest.raises(Refused) as caught:
        update_details(ADA, "1", actor=f"customer:{ADA}", **change)
    assert (caught.value.refusal.code, caught.value.refusal.field) == ("MALFORMED", field)
