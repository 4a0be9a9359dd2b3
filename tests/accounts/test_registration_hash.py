"""The hash of a new password is slow on purpose: it is made only where a customer is, outside of transactions."""

import threading
from typing import Any

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.db import connection, connections

from accounts.services.registration import register_customer
from accounts.users.models import User
from eventstore.decider import Refused
from eventstore.execute import Receipt
from eventstore.models import Command

pytestmark = pytest.mark.django_db(transaction=True)

PASSWORD = "correct horse battery"


@pytest.fixture
def hashes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The passwords that were hashed."""
    made: list[str] = []
    encode = MD5PasswordHasher.encode

    def counted(self: Any, password: str, salt: str) -> str:
        assert not connection.in_atomic_block
        made.append(password)
        return encode(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", counted)
    return made


def register(key: str, email: str = "ada@example.org", password: str = PASSWORD, **options: Any) -> Receipt:
    return register_customer(key, name="Ada", email=email, password=password, **options)


def test_a_new_customer_takes_one(hashes: list[str]) -> None:
    receipt = register("1")
    assert receipt.accepted
    assert hashes == [PASSWORD]
    assert User.objects.get().check_password(PASSWORD)
    assert Command.objects.count() == 1


def test_a_replay_takes_none(hashes: list[str]) -> None:
    first = register("1")
    hashes.clear()
    again = register("1")
    assert (again.command_id, again.answer, again.replayed) == (first.command_id, first.answer, True)
    assert hashes == []


def test_a_key_that_was_used_for_something_else_takes_none(hashes: list[str]) -> None:
    register("1")
    hashes.clear()
    refusal = register("1", password="another horse battery").refusal
    assert refusal
    assert (refusal.code, hashes) == ("IDEMPOTENCY_KEY_REUSED", [])


def test_an_email_that_is_taken_takes_none(hashes: list[str]) -> None:
    register("1")
    hashes.clear()
    for key in ("2", "2"):
        refusal = register(key).refusal
        assert refusal
        assert (refusal.code, hashes) == ("EMAIL_TAKEN", [])


def test_a_dry_run_takes_none(hashes: list[str]) -> None:
    receipt = register("1", dry_run=True)
    assert (receipt.accepted, hashes) == (True, [])
    assert not User.objects.exists()


@pytest.mark.parametrize("wrong", [{"password": "12345678"}, {"email": "no address"}])
def test_what_is_malformed_takes_none(hashes: list[str], wrong: dict[str, str]) -> None:
    with pytest.raises(Refused):
        register("1", **wrong)
    assert hashes == []


def test_one_of_two_who_want_an_email_at_once_gets_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both have found it free before either has its hash."""
    both, encode = threading.Barrier(2), MD5PasswordHasher.encode

    def together(self: Any, password: str, salt: str) -> str:
        both.wait()
        return encode(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", together)
    receipts: list[Receipt] = []

    def run(key: str) -> None:
        receipts.append(register(key))
        connections.close_all()

    threads = [threading.Thread(target=run, args=(key,)) for key in ("1", "2")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    codes = [receipt.refusal.code if receipt.refusal else "" for receipt in receipts]
    assert sorted(codes) == ["", "EMAIL_TAKEN"]
    assert User.objects.count() == 1
