"""Cursors in answers: places that are refused once the log has changed, instead of naming something else."""

from typing import Any

import pytest
from django.test import Client

from eventstore import log
from eventstore.decider import Refused
from eventstore.http import query_views
from eventstore.log.identity import begin_epoch
from eventstore.models import Epoch
from projections.models import Account
from tests.api.caller import Answer, Caller
from tests.factories import owner_of

QUESTIONS = [
    *("me", "accounts", "accounts/{id}", "accounts/{id}/balance", "accounts/{id}/entries", "accounts/{id}/holds"),
    *("accounts/{id}/daily-balances", "accounts/{id}/statements", "accounts/{id}/entries.csv"),
]
QUESTIONS_OF_STAFF = [
    *("customers", "events", "approvals", "trial-balance", "audit", "projections", "volumes", "streams/account/{id}"),
]


def restore() -> None:
    """A new epoch, as after a restore."""
    begin_epoch(Epoch.Cause.RESTORED, "a copy of yesterday")


def deposit(caller: Caller, account: Account, key: str = "one", **query: Any) -> Answer:
    return caller.post(f"accounts/{account.account_id}/deposits", {"amount": "1.00"}, key=key, **query)


def refused(answer: Answer, field: str) -> dict[str, Any]:
    assert answer.refusal == (409, "LOG_CHANGED", field)
    details: dict[str, Any] = answer.body["details"]
    assert details.keys() == {"changed", "epoch", "began_at", "cause", "cursor"}
    return details


class TestReading:
    def test_a_read_is_sure_to_show_what_a_cursor_names(self, ada: Caller, adas: Account) -> None:
        done = deposit(ada, adas).body
        for path in QUESTIONS[:6]:
            answer = ada.get(path.format(id=adas.account_id), min_position=done["cursor"])
            assert (answer.status, answer.body["position"] >= done["position"]) == (200, True), path
            assert answer.body["cursor"] == log.cursor(answer.body["position"])

    @pytest.mark.parametrize("path", QUESTIONS)
    def test_every_question_refuses_a_cursor_from_before_a_restore(self, ada: Caller, adas: Account, path: str) -> None:
        old = deposit(ada, adas).body["cursor"]
        restore()
        details = refused(ada.get(path.format(id=adas.account_id), min_position=old), "min_position")
        assert (details["changed"], details["epoch"], details["cause"]) == ("epoch", 2, "restored")

    @pytest.mark.parametrize("path", QUESTIONS_OF_STAFF)
    def test_so_does_every_question_of_staff(self, auditor: Caller, adas: Account, path: str) -> None:
        old = auditor.get("projections").body["cursor"]
        restore()
        refused(auditor.get(path.format(id=adas.account_id), min_position=old), "min_position")

    def test_the_refusal_leads_to_where_to_go_on(self, auditor: Caller, ada: Caller, adas: Account) -> None:
        old = auditor.get("events").body["results"][-1]
        restore()
        details = refused(auditor.get("events", after=old["cursor"]), "after")
        new = deposit(ada, adas).body
        page = auditor.get("events", after=details["cursor"]).body
        assert [event["position"] for event in page["results"]] == [new["position"]]

    def test_a_number_counts_as_one_of_the_present_epoch(self, ada: Caller, auditor: Caller, adas: Account) -> None:
        done = deposit(ada, adas).body
        restore()
        assert ada.get("accounts", min_position=done["position"]).status == 200
        assert auditor.get("events", after=done["position"]).body["results"] == []

    def test_a_cursor_beyond_the_end_is_not_waited_for(
        self, ada: Caller, adas: Account, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(query_views, "MAX_WAIT_SECONDS", 1e9)
        beyond = log.cursor(adas.position + 1_000)
        assert ada.get("accounts", min_position=beyond).refusal == (503, "RETRY_LATER", None)

    def test_the_message_is_for_a_person(self, ada: Caller, adas: Account) -> None:
        old = deposit(ada, adas).body["cursor"]
        restore()
        message = ada.get("accounts", min_position=old).body["message"]
        assert message.startswith("The log began a new epoch on 20")
        assert "(an archive was restored)" in message
        assert "yesterday" not in message

    @pytest.mark.parametrize("damage", [lambda text: text[:-1], lambda text: text.swapcase(), lambda text: text + "A"])
    def test_a_damaged_one_is_malformed(self, ada: Caller, auditor: Caller, adas: Account, damage: Any) -> None:
        text = damage(deposit(ada, adas).body["cursor"])
        assert ada.get("accounts", min_position=text).refusal == (400, "MALFORMED", "min_position")
        assert auditor.get("events", after=text).refusal == (400, "MALFORMED", "after")


class TestLists:
    def test_events_and_rows_have_one_each(self, auditor: Caller, ada: Caller, adas: Account) -> None:
        deposit(ada, adas)
        for caller, path in ((auditor, "events"), (ada, f"accounts/{adas.account_id}/entries"), (ada, "accounts")):
            for row in caller.get(path).body["results"]:
                assert row["cursor"] == log.cursor(row["position"])

    @pytest.mark.parametrize("path", ["events", "accounts/{id}/entries"])
    def test_the_next_page_is_refused_once_the_log_has_changed(
        self, auditor: Caller, ada: Caller, adas: Account, path: str
    ) -> None:
        deposit(ada, adas)
        following = auditor.get(path.format(id=adas.account_id), limit=1).body["next"]
        assert auditor.get(following).status == 200
        restore()
        refused(auditor.get(following), "after" if path == "events" else "cursor")

    def test_so_is_that_of_the_audit_whose_places_are_numbers_of_commands(
        self, auditor: Caller, ada: Caller, adas: Account
    ) -> None:
        deposit(ada, adas)
        following = auditor.get("audit", limit=1).body["next"]
        assert len(auditor.get(following).body["results"]) == 1
        number = following.partition("cursor=")[2]
        assert auditor.get("events", after=number).refusal == (400, "MALFORMED", "after")
        assert auditor.get("audit", cursor=log.cursor(1)).refusal == (400, "MALFORMED", "cursor")
        restore()
        refused(auditor.get(following), "cursor")

    def test_a_list_by_ids_goes_on_as_an_id_names_one_thing_for_ever(self, ada: Caller, adas: Account) -> None:
        ada.post("accounts", {"currency": "EUR"})
        following = ada.get("accounts", limit=1).body["next"]
        restore()
        assert len(ada.get(following).body["results"]) == 1

    def test_a_file_has_it_in_a_header(self, ada: Caller, adas: Account) -> None:
        headers = ada.get(f"accounts/{adas.account_id}/entries.csv").headers
        assert headers["Tidemark-Cursor"] == log.cursor(int(headers["Tidemark-Position"]))


class TestReceipts:
    def test_a_replay_differs_by_no_byte_also_after_a_restore(self, ada: Caller, adas: Account) -> None:
        first = deposit(ada, adas)
        assert first.body["cursor"] == log.cursor(first.body["position"])
        assert deposit(ada, adas).raw == first.raw
        restore()
        assert deposit(ada, adas).raw == first.raw
        refused(ada.get("accounts", min_position=first.body["cursor"]), "min_position")
        assert deposit(ada, adas, "two").body["cursor"] != first.body["cursor"]

    def test_so_does_one_of_a_bulk(self, ada: Caller, adas: Account) -> None:
        item = {"path": f"accounts/{adas.account_id}/deposits", "body": {"amount": "1.00"}, "key": "first"}
        body = {"mode": "each", "items": [item, {**item, "key": "second"}]}
        first = ada.post("bulk", body, key="bulk")
        assert first.body["cursor"] == log.cursor(first.body["position"])
        restore()
        assert ada.post("bulk", body, key="bulk").raw == first.raw

    def test_the_stored_command_tells_the_same(self, ada: Caller, adas: Account) -> None:
        first = deposit(ada, adas).body
        restore()
        command = ada.get("commands/one").body
        assert command["response"]["cursor"] == first["cursor"]
        assert command["cursor"] == log.cursor(command["position"])
        assert command["events"][0]["cursor"] == log.cursor(first["position"]) != first["cursor"]

    def test_a_dry_run_has_none(self, ada: Caller, adas: Account) -> None:
        body = deposit(ada, adas, dry_run=1).body
        assert body["dry_run"] is True
        assert "cursor" not in body

    def test_a_command_that_caused_nothing_has_that_of_the_beginning(self, ada: Caller, adas: Account) -> None:
        body = {"mode": "each", "items": [{"path": "transfers", "body": {}, "key": "one"}]}
        assert ada.post("bulk", body).body["cursor"] == log.cursor(0)


class TestPages:
    def test_a_page_after_a_command_asks_by_cursor(self, adas: Account) -> None:
        client = Client()
        client.force_login(owner_of(adas.account_id))
        address = f"/accounts/{adas.account_id}/rename"
        form = client.get(address).context["form"]
        sent = {"label": "Travel", "command_id": form["command_id"].value() if "command_id" in form.fields else ""}
        answer = client.post(address, {**form.initial, **sent})
        position = answer.headers["Location"].partition("position=")[2]
        assert log.position_in(position) > adas.position
        assert "Travel" in client.get(answer.headers["Location"]).content.decode()
        restore()
        with pytest.raises(Refused):
            log.position_in(position)
        assert client.get(answer.headers["Location"]).status_code == 200
        assert "Refresh" not in client.get(answer.headers["Location"]).headers
