"""PATCH customers/{id}."""

from typing import Any

import pytest
from django.conf import LazySettings

from accounts.users.mail import OutgoingMail
from eventstore.log import cursor
from projections.models import Account
from tests.api.caller import Caller
from tests.emails import change_email
from tests.factories import PASSWORD, owner_of


def test_changes_what_is_sent_and_leaves_the_rest(ada: Caller, adas: Account) -> None:
    answer = ada.patch(f"customers/{adas.customer_id}", {"name": "Ada King", "timezone": "Europe/London"})
    assert answer.status == 200
    assert answer.body == {
        "command_id": answer.body["command_id"],
        "position": answer.body["position"],
        "cursor": cursor(answer.body["position"]),
        "customer_id": str(adas.customer_id),
        "name": "Ada King",
        "locale": "en",
        "timezone": "Europe/London",
    }
    me = ada.get("me").body
    assert (me["name"], me["email"], me["timezone"]) == ("Ada King", "ada@example.org", "Europe/London")


def test_a_new_email_counts_once_it_is_confirmed(ada: Caller, adas: Account) -> None:
    answer = ada.patch(f"customers/{adas.customer_id}", {"email": "King@Example.org"})
    assert answer.body == {
        "command_id": answer.body["command_id"],
        "position": 0,
        "cursor": cursor(0),
        "customer_id": str(adas.customer_id),
        "email": "king@example.org",
        "email_unconfirmed": True,
        "locale": "en",
        "timezone": "UTC",
    }
    me = ada.get("me").body
    assert (me["email"], me["email_confirmed"], me["new_email"]) == ("ada@example.org", True, "king@example.org")
    change_email(owner_of(adas.account_id))
    me = ada.get("me").body
    assert (me["email"], me["email_confirmed"], me["new_email"]) == ("king@example.org", True, None)


def test_a_replay_answers_the_same_once_it_is_confirmed(ada: Caller, adas: Account) -> None:
    path, body = f"customers/{adas.customer_id}", {"email": "king@example.org"}
    before = ada.patch(path, body, key="1")
    change_email(owner_of(adas.account_id))
    after = ada.patch(path, body, key="1")
    assert (after.status, after.raw) == (200, before.raw)
    assert OutgoingMail.objects.filter(kind="confirm_new_email").count() == 1


def test_the_present_email_is_no_new_one(ada: Caller, adas: Account) -> None:
    ada.patch(f"customers/{adas.customer_id}", {"email": "king@example.org"})
    answer = ada.patch(f"customers/{adas.customer_id}", {"email": "ADA@example.org"})
    assert (answer.status, answer.body["email"]) == (200, "ada@example.org")
    assert "email_unconfirmed" not in answer.body
    assert ada.get("me").body["new_email"] is None, "it ends what was asked for before"


def test_a_dry_run_asks_for_nothing(ada: Caller, adas: Account) -> None:
    mails = OutgoingMail.objects.count()
    answer = ada.patch(f"customers/{adas.customer_id}", {"email": "king@example.org"}, dry_run=1)
    assert (answer.status, answer.body["email_unconfirmed"], answer.body["dry_run"]) == (200, True, True)
    assert ada.get("me").body["new_email"] is None
    assert OutgoingMail.objects.count() == mails


def test_who_asks_for_many_emails_is_throttled(ada: Caller, adas: Account, settings: LazySettings) -> None:
    settings.ATTEMPT_RATES = {"email_change": "2/hour"}
    path = f"customers/{adas.customer_id}"
    for number in (1, 2):
        assert ada.patch(path, {"email": f"king{number}@example.org"}, key=str(number)).status == 200
    answer = ada.patch(path, {"email": "king3@example.org"}, key="3")
    assert answer.refusal == (429, "THROTTLED", None)
    assert int(answer.headers["Retry-After"]) >= 1
    assert ada.patch(path, {"email": "king1@example.org"}, key="1").status == 200, "a replay asks for nothing"
    assert ada.patch(path, {"name": "Ada King"}).status == 200
    settings.ATTEMPT_RATES = {}
    assert ada.patch(path, {"email": "king3@example.org"}, key="3").status == 200, "429 is not stored"


def test_who_finds_many_that_are_taken_is_throttled(
    ada: Caller, adas: Account, bobs: Account, settings: LazySettings
) -> None:
    settings.ATTEMPT_RATES = {"email_taken": "1/hour"}
    path = f"customers/{adas.customer_id}"
    assert ada.patch(path, {"email": "bob@example.org"}, key="1").refusal == (409, "EMAIL_TAKEN", "email")
    for email in ("bob@example.org", "free@example.org"):
        assert ada.patch(path, {"email": email}, dry_run=1).refusal == (429, "THROTTLED", None)


def test_signs_in_with_the_new_email(ada: Caller, adas: Account, stranger: Caller) -> None:
    ada.patch(f"customers/{adas.customer_id}", {"email": "King@Example.org"})
    change_email(owner_of(adas.account_id))
    old, new = ({"email": email, "password": PASSWORD} for email in ("ada@example.org", "king@example.org"))
    assert stranger.post("token", old, key=None).status == 401
    assert stranger.post("token", new, key=None).status == 200


def test_the_email_of_another_is_taken(ada: Caller, adas: Account, bobs: Account) -> None:
    answer = ada.patch(f"customers/{adas.customer_id}", {"email": "BOB@example.org"})
    assert answer.refusal == (409, "EMAIL_TAKEN", "email")
    assert ada.get("me").body["email"] == "ada@example.org"


def test_nothing_sent_changes_nothing(ada: Caller, adas: Account) -> None:
    answer = ada.patch(f"customers/{adas.customer_id}", {})
    assert (answer.status, answer.body["position"]) == (200, 0)


@pytest.mark.parametrize(
    ("field", "value"), [("name", ""), ("name", None), ("email", "x"), ("timezone", 5), ("status", "active")]
)
def test_refuses_what_it_can_not_take(ada: Caller, adas: Account, field: str, value: Any) -> None:
    answer = ada.patch(f"customers/{adas.customer_id}", {field: value})
    assert answer.refusal == (400, "MALFORMED", field)


def test_nobody_changes_somebody_else(ada: Caller, bobs: Account) -> None:
    for customer_id in (bobs.customer_id, bobs.account_id, "nobody"):
        answer = ada.patch(f"customers/{customer_id}", {"name": "Mallory"})
        assert answer.refusal == (404, "CUSTOMER_NOT_FOUND", None)


def test_nor_do_members_of_staff(operator: Caller, adas: Account) -> None:
    answer = operator.patch(f"customers/{adas.customer_id}", {"name": "Mallory"})
    assert answer.refusal == (403, "FORBIDDEN", None)


def test_a_rehearsal_under_a_known_key_is_counted_like_any_other(
    ada: Caller, adas: Account, bobs: Account, settings: LazySettings
) -> None:
    settings.ATTEMPT_RATES = {"email_taken": "2/hour"}
    path = f"customers/{adas.customer_id}"
    assert ada.patch(path, {"name": "Ada"}, key="1").status == 200
    tried = [ada.patch(path, {"email": "bob@example.org"}, key="1", dry_run=1).status for _ in range(4)]
    assert tried == [409, 409, 429, 429]
