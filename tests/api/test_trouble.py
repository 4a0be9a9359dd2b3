"""When the database, or we, are in trouble."""

import logging
import sqlite3
from typing import Any, NoReturn

import pytest
from django.db import InterfaceError, OperationalError, connection
from django.test import Client
from django.utils import timezone

from eventstore.backends import retries, store
from eventstore.errors import RetriesExhausted
from eventstore.http import command_views
from eventstore.models import Restoration
from projections import queries
from projections.models import Account
from tests.api.caller import Caller

EUR = {"currency": "EUR"}


def failing(error: Exception) -> Any:
    def fail(*args: object, **options: object) -> NoReturn:
        raise error

    return fail


@pytest.mark.parametrize(
    "error", [RetriesExhausted("again and again"), OperationalError("database is locked"), InterfaceError("gone")]
)
def test_a_busy_database_asks_to_come_again(ada: Caller, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(command_views, "execute_request", failing(error))
        answer = ada.post("accounts", EUR, key="1")
        assert answer.refusal == (503, "RETRY_LATER", None)
        assert answer.headers["Retry-After"] == "1"
        assert "locked" not in answer.body["message"]
    assert ada.post("accounts", EUR, key="1").status == 201  # the key is still free


def test_a_part_of_a_log_takes_no_commands(ada: Caller) -> None:
    restore = Restoration.objects.create(source="/srv/archive", manifest="0" * 64, position=5, number=5)
    answer = ada.post("accounts", EUR, key="1")
    assert answer.refusal == (503, "RETRY_LATER", None)
    assert "is being restored" in answer.body["message"]
    assert "/srv" not in answer.body["message"]
    restore.ended_at = timezone.now()
    restore.save()
    assert ada.post("accounts", EUR, key="1").status == 201


def test_so_it_does_when_one_asks(ada: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "accounts", failing(OperationalError("server closed the connection")))
    assert ada.get("accounts").refusal == (503, "RETRY_LATER", None)


def test_a_transaction_that_never_gets_through(ada: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    locked = OperationalError("database is locked")
    locked.__cause__ = sqlite3.OperationalError("database is locked")
    monkeypatch.setattr(type(store(connection)), "is_transient", lambda *_: True)
    monkeypatch.setattr(retries, "FIRST_PAUSE", 0)
    monkeypatch.setattr("eventstore.execute._once", failing(locked))
    assert ada.post("accounts", EUR).refusal == (503, "RETRY_LATER", None)


def test_what_nobody_foresaw_is_logged_and_says_nothing(
    ada: Caller, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(queries, "accounts", failing(RuntimeError("secret")))
    calm = Caller(ada.token, Client(raise_request_exception=False))
    with caplog.at_level(logging.ERROR, "django.request"):
        answer = calm.get("accounts")
    assert answer.refusal == (500, "INTERNAL_ERROR", None)
    assert "secret" not in answer.body["message"]
    assert "secret" in caplog.text
    with pytest.raises(RuntimeError):  # and Django signals it, for monitoring
        ada.get("accounts")


def test_trouble_is_logged_too(
    ada: Caller, adas: Account, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(queries, "accounts", failing(OperationalError("no disk")))
    with caplog.at_level(logging.ERROR, "django.request"):
        ada.get("accounts")
    assert "no disk" in caplog.text
