"""A request that is sent again gets the answer that it got, byte for byte, whatever language is asked for this time."""

import json
from typing import Any

import pytest
from django.test import Client

from eventstore.models import Command, Event
from projections.models import Account
from tests.api.caller import ROOT, Answer, Caller
from tests.factories import owner_of
from tests.tampering import forge_rows

ENGLISH = "There is not enough money in this account."


def send(caller: Caller, path: str, body: Any, key: str, language: str) -> Answer:
    headers = {"Idempotency-Key": key, "Accept-Language": language}
    return caller.send("POST", ROOT + path, json.dumps(body), headers=headers)


def words(first: str) -> str:
    return {"en": "zh-hans", "zh-hans": "en"}[first]


@pytest.mark.parametrize("first", ["en", "zh-hans"])
def test_a_refusal_is_told_in_its_first_language(ada: Caller, adas: Account, first: str) -> None:
    path, body = f"accounts/{adas.account_id}/withdrawals", {"amount": "999.00"}
    answers = [send(ada, path, body, "1", language) for language in (first, words(first), "fr", "", first)]
    assert answers[0].refusal == (422, "INSUFFICIENT_FUNDS", "amount")
    assert {(answer.status, answer.raw) for answer in answers} == {(422, answers[0].raw)}
    assert {answer.headers["Content-Language"] for answer in answers} == {first}
    assert send(ada, path, body, "2", words(first)).raw != answers[0].raw  # another request, in its own language


def test_the_command_shows_the_answer_that_was_given(ada: Caller, adas: Account) -> None:
    path = f"accounts/{adas.account_id}/withdrawals"
    first = send(ada, path, {"amount": "999.00"}, "1", "zh-hans")
    found = ada.send("GET", f"{ROOT}commands/1", headers={"Accept-Language": "en"})
    assert found.body["response"] == first.body


@pytest.mark.parametrize("mode", ["each", "atomic"])
def test_so_are_the_refusals_in_a_bulk(ada: Caller, adas: Account, mode: str) -> None:
    path = f"accounts/{adas.account_id}/withdrawals"
    items = [
        {"path": path, "body": {"amount": "1.00"}, "key": "a"},
        {"path": path, "body": {"amount": "999.00"}, "key": "b"},
        {"path": path, "body": {"amount": "ten"}, "key": "c"},
        {"path": path, "body": {"sum": "1.00"}, "key": "d"},
        {"path": "nowhere", "body": {}, "key": "e"},
        {"path": path, "body": {"amount": "2.00"}, "key": "a"},
    ]
    body = {"mode": mode, "items": items if mode == "each" else items[:1]}
    first, again = (send(ada, "bulk", body, "bulk", language) for language in ("zh-hans", "en"))
    assert (again.status, again.raw) == (200, first.raw)
    by_itself = send(ada, path, {"amount": "999.00"}, "b", "en") if mode == "each" else None
    assert by_itself is None or by_itself.body == first.body["results"][1]["body"]


def test_a_session_that_changes_its_language_gets_the_same_answer(adas: Account) -> None:
    browser = Client()
    browser.force_login(owner_of(adas.account_id))
    answers = []
    for language in ("zh-hans", "en"):
        browser.cookies["django_language"] = language
        answers.append(
            send(Caller(None, browser), f"accounts/{adas.account_id}/withdrawals", {"amount": "999"}, "1", "en")
        )
    assert answers[1].raw == answers[0].raw


def test_a_command_that_was_stored_without_a_language_is_told_in_the_readers(ada: Caller, adas: Account) -> None:
    path, body = f"accounts/{adas.account_id}/withdrawals", {"amount": "999.00"}
    chinese = send(ada, path, body, "1", "zh-hans")
    forget_language("1")
    english = send(ada, path, body, "1", "en")
    assert english.code == chinese.code
    assert english.body["message"] == ENGLISH
    assert english.headers["Content-Language"] == "en"


def test_no_event_holds_the_language(ada: Caller, adas: Account) -> None:
    position = send(ada, f"accounts/{adas.account_id}/deposits", {"amount": "1.00"}, "1", "zh-hans").body["position"]
    assert "language" not in Event.objects.get(position=position).metadata
    assert Command.objects.get(key="1").metadata["language"] == "zh-hans"


def forget_language(key: str) -> None:
    """Make a stored command like those of earlier versions."""
    metadata = Command.objects.get(key=key).metadata
    del metadata["language"]
    forge_rows(Command, {"key": key}, metadata=metadata)
