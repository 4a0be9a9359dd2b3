"""Forgetting what is personal about a customer."""

from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.db import connection
from django.test import Client
from rest_framework.test import APIClient

from accounts.domain.commands import (
    EraseCustomer,
    OpenAccount,
    ReinstateCustomer,
    SuspendCustomer,
    UpdateCustomerDetails,
)
from accounts.services.erasure import erase_personal_data
from accounts.services.ids import new_id
from accounts.services.registration import update_details
from accounts.users.models import User
from eventstore import log
from eventstore.execute import Receipt, execute
from eventstore.models import Command, Event, SubjectKey
from eventstore.projecting.runner.runner import Runner
from eventstore.testing import given
from projections.models import Customer
from tests.accounts.examples import ADA, ADA_ERASED, ADA_REGISTERED, ADA_SUSPENDED, ADAS, NOW
from tests.emails import change_email
from tests.factories import (
    PASSWORD,
    AccountFactory,
    ClosureFactory,
    CustomerFactory,
    ErasureFactory,
    StaffFactory,
    TransferFactory,
)
from tests.tokens import token_of

ERASE = EraseCustomer(ADA, "Asked for it")


def test_says_why() -> None:
    given(ADA_REGISTERED).when(ERASE).then(ADA_ERASED).answers(customer_id=str(ADA), status="erased")


def test_the_suspended_have_a_right_to_it_too() -> None:
    given(ADA_REGISTERED, ADA_SUSPENDED).when(ERASE).then(ADA_ERASED).answers(customer_id=str(ADA), status="erased")


@pytest.mark.parametrize("reason", ["", "\u200b\u3164", "  "])
def test_takes_a_reason(reason: str) -> None:
    given(ADA_REGISTERED).when(EraseCustomer(ADA, reason)).refused("REASON_REQUIRED", field="reason")


def test_somebody_who_never_registered_is_not_found() -> None:
    given().when(ERASE).refused("CUSTOMER_NOT_FOUND", field="customer_id")


@pytest.mark.parametrize(
    "command",
    [
        ERASE,
        SuspendCustomer(ADA, "Complaint"),
        ReinstateCustomer(ADA, "Settled"),
        UpdateCustomerDetails(ADA, name="Ada"),
        OpenAccount(ADAS, ADA, "EUR", NOW),
        OpenAccount(ADAS, ADA, "EUR", NOW, by_staff=True),
    ],
    ids=lambda command: type(command).__name__,
)
def test_who_was_forgotten_is_not_found(command: Any) -> None:
    given(ADA_REGISTERED, ADA_ERASED).when(command).refused("CUSTOMER_NOT_FOUND", field="customer_id")


def erase(customer: User) -> Receipt:
    assert customer.customer_id
    command = EraseCustomer(customer.customer_id, "Asked for it")
    staff = StaffFactory.create()
    return execute(
        command, new_id(), actor=staff.actor, in_transaction=partial(erase_personal_data, customer.customer_id)
    )


def refusal(receipt: Receipt) -> str | None:
    return receipt.refusal.code if receipt.refusal else None


@pytest.mark.django_db
class TestWithAnAccount:
    """A customer who has one."""

    def test_is_not_forgotten_before_it_is_closed(self) -> None:
        account = AccountFactory.create()
        customer = User.objects.get(customer_id=account.customer_id)
        assert refusal(erase(customer)) == "CUSTOMER_HAS_ACCOUNTS"
        assert SubjectKey.objects.get(subject_id=account.customer_id).wrapped
        assert User.objects.get(pk=customer.pk).is_active
        assert not Event.objects.filter(type="customer.erased").exists()
        ClosureFactory.create(account=account)
        assert erase(customer).accepted

    def test_is_not_forgotten_while_one_of_several_is_open(self) -> None:
        customer = CustomerFactory.create()
        ClosureFactory.create(account=AccountFactory.create(owner=customer))
        AccountFactory.create(owner=customer)
        assert refusal(erase(customer)) == "CUSTOMER_HAS_ACCOUNTS"

    def test_is_not_held_up_by_what_others_have(self) -> None:
        sent = TransferFactory.create()
        assert sent.accepted
        assert erase(CustomerFactory.create()).accepted


@pytest.mark.django_db
class TestSignIn:
    """What becomes of the sign-in."""

    def test_no_password_lets_them_in_any_more(self) -> None:
        customer = CustomerFactory.create(email="ada@example.org")
        assert authenticate(username="ada@example.org", password=PASSWORD) == customer
        ErasureFactory.create(customer=customer)
        assert authenticate(username="ada@example.org", password=PASSWORD) is None
        gone = User.objects.get(pk=customer.pk)
        assert not gone.is_active
        assert not gone.has_usable_password()
        assert authenticate(username=gone.email, password=PASSWORD) is None

    def test_no_token_does(self) -> None:
        customer = CustomerFactory.create()
        caller = APIClient(HTTP_AUTHORIZATION=f"Token {token_of(customer)}")
        assert caller.get("/api/v1/me").status_code == 200
        ErasureFactory.create(customer=customer)
        assert caller.get("/api/v1/me").status_code == 401

    def test_no_session_does(self, client: Client) -> None:
        customer = CustomerFactory.create()
        client.force_login(customer)
        assert client.get("/api/v1/me").status_code == 200
        ErasureFactory.create(customer=customer)
        assert client.get("/api/v1/me").status_code == 401

    def test_somebody_else_may_have_the_email(self) -> None:
        ErasureFactory.create(customer=CustomerFactory.create(email="ada@example.org"))
        again = CustomerFactory.create(email="ada@example.org")
        assert authenticate(username="ada@example.org", password=PASSWORD) == again

    def test_two_who_were_forgotten_do_not_meet(self) -> None:
        ErasureFactory.create()
        ErasureFactory.create()
        assert User.objects.filter(email__endswith="@invalid").count() == 2


def everything() -> str:
    """What stands in each row of each table of the database, as text."""
    with connection.cursor() as cursor:
        return "\n".join(_rows(cursor, table) for table in connection.introspection.table_names(cursor))


def _rows(cursor: Any, table: str) -> str:
    cursor.execute(f'SELECT * FROM "{table}"')
    names = [column[0] for column in cursor.description]
    return "\n".join(f"{table}: {dict(zip(names, map(_text, row), strict=True))}" for row in cursor.fetchall())


def _text(value: object) -> object:
    return bytes(value).decode("latin-1") if isinstance(value, bytes | memoryview) else value


@pytest.mark.django_db
class TestNothingIsLeft:
    """Wherever one looks."""

    def test_neither_name_nor_email_stands_anywhere(self) -> None:
        customer = CustomerFactory.create(name="Ada Xylander", email="xylander@example.org")
        assert customer.customer_id
        details = {"actor": customer.actor, "name": "Ada Xylanderova", "email": "xylanderova@example.org"}
        assert update_details(customer.customer_id, "1", **details).accepted
        change_email(customer)
        assert update_details(customer.customer_id, "3", actor=customer.actor, email="ylander3@example.org").accepted
        other = CustomerFactory.create()
        assert other.customer_id
        taken = update_details(other.customer_id, "2", actor=other.actor, email="xylanderova@example.org")
        assert refusal(taken) == "EMAIL_TAKEN"
        Runner().catch_up()
        assert "ylander" in everything().casefold(), "found where it is to be found"
        ErasureFactory.create(customer=customer)
        Runner().catch_up()
        assert "ylander" not in everything().casefold()

    def test_the_key_is_gone_but_what_happened_is_not(self) -> None:
        customer = CustomerFactory.create(timezone="Asia/Tokyo")
        assert customer.customer_id
        ErasureFactory.create(customer=customer)
        key = SubjectKey.objects.get(subject_id=customer.customer_id)
        assert key.wrapped is None
        assert key.erased_at
        registered, erased = (record.event for record in log.read_stream(customer.customer_id))
        assert (registered.name, registered.email, registered.timezone) == (None, None, "Asia/Tokyo")
        assert erased.reason == "Asked for it"
        row = Customer.objects.get(customer_id=customer.customer_id)
        assert (row.name, row.email, row.status) == (None, None, "erased")

    def test_a_second_time_there_is_nobody_to_forget(self) -> None:
        customer = CustomerFactory.create()
        ErasureFactory.create(customer=customer)
        assert refusal(erase(customer)) == "CUSTOMER_NOT_FOUND"

    def test_what_they_had_sent_before_is_refused_and_leaves_nothing_personal(self) -> None:
        """A request that waited for the erasure, say."""
        customer = CustomerFactory.create()
        assert customer.customer_id
        ErasureFactory.create(customer=customer)
        details = {"actor": customer.actor, "name": "Ada Xylander", "email": "xylander@example.org"}
        first, again = (update_details(customer.customer_id, "1", **details) for _ in range(2))
        assert refusal(first) == refusal(again) == "CUSTOMER_NOT_FOUND"
        assert again.replayed
        assert "ylander" not in everything().casefold()

    def test_a_rehearsal_forgets_nothing(self) -> None:
        customer = CustomerFactory.create(email="ada@example.org")
        assert customer.customer_id
        command = EraseCustomer(customer.customer_id, "Asked for it")
        in_transaction = partial(erase_personal_data, customer.customer_id)
        assert execute(command, "1", actor="staff:1", in_transaction=in_transaction, dry_run=True).accepted
        assert authenticate(username="ada@example.org", password=PASSWORD) == customer
        assert SubjectKey.objects.get(subject_id=customer.customer_id).wrapped
        assert not Command.objects.filter(type="customer.erase").exists()

    def test_the_same_key_again_gives_the_same_answer(self) -> None:
        customer = CustomerFactory.create()
        assert customer.customer_id
        command = EraseCustomer(customer.customer_id, "Asked for it")
        in_transaction = partial(erase_personal_data, customer.customer_id)
        first, again = (execute(command, "1", actor="staff:1", in_transaction=in_transaction) for _ in range(2))
        assert again.replayed
        assert again.answer == first.answer


@pytest.mark.django_db(transaction=True)
def test_nothing_of_them_is_left_in_the_files_of_sqlite() -> None:
    if connection.vendor != "sqlite":
        pytest.skip("SQLite's files")
    customer = CustomerFactory.create(name="Ada Xylander", email="ada@xylander.example")
    assert customer.customer_id
    update_details(customer.customer_id, "1", actor=customer.actor, name="Ada Xylander-Zweig")
    Runner().catch_up()
    assert b"ylander" in database_files(), "found where it is to be found"
    ErasureFactory.create(customer=customer)
    assert b"ylander" not in database_files()


def database_files() -> bytes:
    path = Path(connection.settings_dict["NAME"])
    return b"".join(each.read_bytes() for each in path.parent.glob(f"{path.name}*"))
