"""GET events/stream, as a server that knows of no listeners answers it: what is there, and where to go on."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.users.models import User
from accounts.users.roles import Role
from accounts.users.sessions import Session
from accounts.users.sign_in_checks import SignIn, still_viewing
from accounts.users.tokens import ApiToken
from eventstore import log
from eventstore.errors import RangeDetached
from eventstore.live import source
from eventstore.log.cursor_text import read_cursor
from eventstore.log.identity import begin_epoch
from eventstore.models import Epoch
from projections.models import Account
from tests.api.caller import Answer, Caller
from tests.factories import PASSWORD, EarlierStaffFactory

STREAM = "/api/v1/events/stream"


def events(answer: Answer) -> list[dict[str, Any]]:
    assert answer.status == 200, answer.raw
    return [json.loads(line) for line in re.findall(rb"^data: (.*)$", answer.raw, re.MULTILINE)]


def types(answer: Answer) -> list[str]:
    return [event["type"] for event in events(answer)]


def ids(answer: Answer) -> list[str]:
    return re.findall(r"^id: (\S+)$", answer.raw.decode(), re.MULTILINE)


def place(cursor: str) -> int:
    found = read_cursor(cursor)
    assert found
    return found.place


def resumed(caller: Caller, cursor: str, query: str = "") -> Answer:
    return caller.send("GET", f"{STREAM}{query}", headers={"Last-Event-ID": cursor})


def test_tells_events_as_their_list_does(auditor: Caller, adas: Account) -> None:
    answer, listed = auditor.get("events/stream", after=0), auditor.get("events").body
    assert events(answer) == listed["results"]
    assert ids(answer)[1:] == [event["cursor"] for event in listed["results"]]
    assert re.match(rb"retry: \d{4}\nid: ", answer.raw)
    assert answer.headers["Content-Type"] == "text/event-stream; charset=utf-8"
    assert (answer.headers["Cache-Control"], answer.headers["X-Accel-Buffering"]) == ("no-store", "no")


def test_begins_with_what_comes_now(auditor: Caller, adas: Account) -> None:
    answer = auditor.get("events/stream")
    assert (events(answer), len(ids(answer))) == ([], 1)
    assert place(ids(answer)[0]) == auditor.get("events").body["position"]


def test_goes_on_after_what_is_known(auditor: Caller, adas: Account) -> None:
    first, _, last = auditor.get("events").body["results"]
    assert types(auditor.get("events/stream", after=first["cursor"])) == ["account.opened", "account.money_deposited"]
    assert types(resumed(auditor, first["cursor"])) == ["account.opened", "account.money_deposited"]
    assert types(resumed(auditor, last["cursor"], "?after=0")) == []


def test_sends_a_page_at_a_time(auditor: Caller, adas: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "PAGE", 2)
    answer = auditor.get("events/stream", after=0)
    assert types(answer) == ["customer.registered", "account.opened"]
    assert types(resumed(auditor, ids(answer)[-1])) == ["account.money_deposited"]


def test_can_be_narrowed(auditor: Caller, adas: Account) -> None:
    def narrowed(**query: Any) -> list[str]:
        return types(auditor.get("events/stream", after=0, **query))

    assert narrowed(category="customer") == ["customer.registered"]
    assert narrowed(type="account.opened") == ["account.opened"]
    assert narrowed(category="customer", type="account.opened") == narrowed(category="nothing") == []
    assert narrowed(stream=adas.account_id) == ["account.opened", "account.money_deposited"]
    assert narrowed(stream=adas.account_id, type="account.opened") == ["account.opened"]
    assert narrowed(stream=adas.account_id, category="customer") == []


@pytest.mark.parametrize(
    ("name", "value"), [("after", "x"), ("type", "a\0b"), ("stream", "x"), ("limit", "5"), ("min_position", "-1")]
)
def test_refuses_what_it_can_not_take(auditor: Caller, name: str, value: str) -> None:
    assert auditor.get("events/stream", **{name: value}).refusal == (400, "MALFORMED", name)


@pytest.mark.parametrize("text", ["nonsense", ""])
def test_refuses_a_last_id_that_is_none(auditor: Caller, db: None, text: str) -> None:
    assert resumed(auditor, text).refusal == (400, "MALFORMED", "Last-Event-ID")


def test_refuses_a_place_in_another_epoch(auditor: Caller, adas: Account) -> None:
    old = ids(auditor.get("events/stream", after=0))[-1]
    begin_epoch(Epoch.Cause.RESTORED, "a copy of yesterday")
    assert auditor.get("events/stream", after=old).refusal == (409, "LOG_CHANGED", "after")
    answer = resumed(auditor, old)
    assert answer.refusal == (409, "LOG_CHANGED", "Last-Event-ID")
    assert events(resumed(auditor, answer.body["details"]["cursor"])) == []
    assert log.cursor(0) != old


def test_says_what_an_archive_alone_has(auditor: Caller, adas: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    def detached(*_args: Any, **_options: Any) -> None:
        raise RangeDetached("events", 1, 2, "file:///archive")

    monkeypatch.setattr(source, "stored", detached)
    assert auditor.get("events/stream", after=0).refusal == (410, "ARCHIVED", None)


def test_is_for_staff(ada: Caller, stranger: Caller) -> None:
    assert ada.get("events/stream").refusal == (403, "FORBIDDEN", None)
    assert stranger.get("events/stream").refusal == (401, "NOT_SIGNED_IN", None)


def test_head_tells_of_the_stream_and_begins_none(auditor: Caller, db: None) -> None:
    answer = auditor.send("HEAD", STREAM)
    assert (answer.status, answer.raw) == (200, b"")
    assert answer.headers["Content-Type"] == "text/event-stream; charset=utf-8"


@pytest.fixture
def user(db: None) -> User:
    return EarlierStaffFactory.create(role=Role.AUDITOR)


@pytest.fixture
def token(user: User) -> SignIn:
    Caller.of(user)
    return SignIn(user.pk, ApiToken.objects.get(user=user).pk)


@pytest.fixture
def session(user: User) -> SignIn:
    assert Client().login(username=user.email, password=PASSWORD)
    return SignIn(user.pk, Session.objects.get(user=user).pk)


class TestWhoMayStillListen:
    def test_who_is_signed_in_may(self, token: SignIn, session: SignIn) -> None:
        gone = SignIn(10**6, "session")
        assert set(still_viewing([token, session, gone])) == {token, session}
        assert set(still_viewing([token])) == {token}

    def test_a_stream_ends_with_its_own_session_or_token(self, token: SignIn, session: SignIn) -> None:
        ApiToken.objects.all().delete()
        assert set(still_viewing([token, session])) == {session}
        Session.objects.all().delete()
        assert set(still_viewing([token, session])) == set()

    @pytest.mark.parametrize(
        "change",
        [
            lambda user: user.groups.clear(),
            lambda user: user.end_access(),
            lambda user: User.objects.filter(pk=user.pk).update(is_active=False),
            lambda user: user.delete(),
        ],
    )
    def test_a_stream_ends_with_its_owners_rights(
        self, user: User, token: SignIn, session: SignIn, change: Callable[[User], None]
    ) -> None:
        change(User.objects.get(pk=user.pk))
        assert set(still_viewing([token, session])) == set()

    def test_a_stream_ends_where_a_second_factor_is_asked_for(self, token: SignIn, settings: Any) -> None:
        settings.STAFF_SECOND_FACTOR = True
        assert set(still_viewing([token])) == set()
