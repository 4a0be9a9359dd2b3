"""GET events/{position}/proof, commands/{command_id}/proof, statements/{yyyy-mm}/proof, heads and heads/consistency."""

import base64
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from eventstore.integrity.seal_keys import known_keys
from eventstore.integrity.sealer import seal
from eventstore.models import Command, Event
from eventstore.proofs.rows import event_as_stored
from eventstore.verifier.check import check
from eventstore.verifier.digests import event_digest
from eventstore.verifier.notes import read_head
from projections.models import Account, Entry
from projections.statements.issuance import issue
from tests.api.caller import Answer, Caller
from tests.api.conftest import caller_for
from tests.factories import DepositFactory, TransferFactory
from tests.history import opened, paid_in, registered
from tests.tampering import forge_rows

pytestmark = pytest.mark.django_db


def newest(account: Account) -> int:
    position: int = Entry.objects.filter(account_id=account.account_id).latest("position").position
    return position


def verified(tmp_path: Path, *answers: Answer) -> int:
    """The exit code of the verifier for some answers as files, with the key of this site."""
    paths = [tmp_path / f"{number}.json" for number in range(len(answers))]
    for path, answer in zip(paths, answers, strict=True):
        assert answer.status == 200, answer.raw
        path.write_bytes(answer.raw)
    return check(paths, known_keys()).exit_code


class TestOfAnEvent:
    def test_it_is_proven_to_its_owner(self, adas: Account, ada: Caller, tmp_path: Path) -> None:
        seal()
        answer = ada.get(f"events/{newest(adas)}/proof")
        assert verified(tmp_path, answer) == 0
        assert answer.body["position"] == newest(adas)
        assert json.loads(answer.body["event"]["data"])["amount"] == 10_000
        assert answer.body["keys"] == [str(known_keys()[0])]

    def test_staff_see_all(self, adas: Account, auditor: Caller, tmp_path: Path) -> None:
        seal()
        for position in Event.objects.values_list("position", flat=True):
            assert verified(tmp_path, auditor.get(f"events/{position}/proof")) == 0

    def test_names_are_in_it_as_they_are_stored(self, adas: Account, ada: Caller, tmp_path: Path) -> None:
        seal()
        event = Event.objects.get(type="customer.registered", stream_id=adas.customer_id)
        answer = ada.get(f"events/{event.position}/proof")
        assert answer.body["personal"] == ["email", "name"]
        assert b"Lovelace" not in answer.raw
        assert verified(tmp_path, answer) == 0

    def test_the_received_side_of_a_transfer_is_its_receivers(
        self, adas: Account, bobs: Account, ada: Caller, bob: Caller, tmp_path: Path
    ) -> None:
        TransferFactory.create(source=adas, target=bobs, amount=100)
        seal()
        assert verified(tmp_path, bob.get(f"events/{newest(bobs)}/proof")) == 0
        assert ada.get(f"events/{newest(bobs)}/proof").refusal == (404, "NOT_FOUND", None)

    @pytest.mark.parametrize("position", ["0", "-1", "x", "٣", "1e3", "9" * 30, "9" * 18])
    def test_what_there_is_not_is_not_found(self, ada: Caller, position: str) -> None:
        seal()
        assert ada.get(f"events/{position}/proof").refusal == (404, "NOT_FOUND", None)

    def test_it_says_that_it_is_not_sealed_yet(self, adas: Account, ada: Caller) -> None:
        seal()
        sealed = newest(adas)
        DepositFactory.create(account=adas, amount=1)
        answer = ada.get(f"events/{newest(adas)}/proof", min_position=newest(adas))
        assert (answer.status, answer.code) == (503, "RETRY_LATER")
        assert answer.body["details"] == {"sealed": sealed, "mark": newest(adas)}
        assert answer.headers["Retry-After"]

    @pytest.mark.parametrize("with_its_digest", [False, True])
    def test_a_row_that_was_changed_has_no_proof_that_holds(
        self, adas: Account, ada: Caller, tmp_path: Path, with_its_digest: bool
    ) -> None:
        seal()
        before = ada.get(f"events/{newest(adas)}/proof")
        assert verified(tmp_path, before) == 0
        event = Event.objects.get(position=newest(adas))
        event.data["amount"] = 100_000
        changes = {"data": event.data}
        if with_its_digest:
            changes["digest"] = event_digest(bytes.fromhex(before.body["previous"]), event_as_stored(event))
        forge_rows(Event, {"position": event.position}, **changes)
        assert verified(tmp_path, ada.get(f"events/{newest(adas)}/proof")) == 3

    def test_it_costs_a_few_queries_however_long_the_log_is(
        self, adas: Account, ada: Caller, django_assert_max_num_queries: Any
    ) -> None:
        for _ in range(40):
            DepositFactory.create(account=adas, amount=1)
        seal()
        with django_assert_max_num_queries(20):
            ada.get(f"events/{newest(adas)}/proof")


class TestOfACommand:
    def test_it_is_proven_to_its_sender_with_its_answer(self, adas: Account, ada: Caller, tmp_path: Path) -> None:
        made = ada.post(f"accounts/{adas.account_id}/deposits", {"amount": "1.00"}).body
        seal()
        answer = ada.get(f"commands/{made['command_id']}/proof")
        assert verified(tmp_path, answer) == 0
        assert json.loads(answer.body["command"]["response"])["balance"] == 10_100

    def test_a_refused_one_too(self, adas: Account, ada: Caller, auditor: Caller, tmp_path: Path) -> None:
        ada.post(f"accounts/{adas.account_id}/withdrawals", {"amount": "1000.00"})
        seal()
        refused = Command.objects.get(accepted=False)
        assert verified(tmp_path, ada.get(f"commands/{refused.command_id}/proof")) == 0
        assert verified(tmp_path, auditor.get(f"commands/{refused.command_id}/proof")) == 0

    def test_another_ones_is_not_found(self, adas: Account, ada: Caller, bob: Caller) -> None:
        made = ada.post(f"accounts/{adas.account_id}/deposits", {"amount": "1.00"}).body
        seal()
        assert bob.get(f"commands/{made['command_id']}/proof").refusal == (404, "COMMAND_NOT_FOUND", None)
        assert bob.get("commands/nonsense/proof").refusal == (404, "COMMAND_NOT_FOUND", None)


class TestOfAStatement:
    @pytest.fixture
    def old(self, db: None) -> Account:
        then = timezone.now() - timedelta(days=70)
        owner = registered(then, name="Old", email="old@example.org")
        account = opened(owner, then)
        for amount in (100, 200, 300):
            paid_in(account, amount, then)
        return account

    def test_it_covers_all_that_happened_in_the_month(self, old: Account, tmp_path: Path) -> None:
        issue()
        seal()
        caller = caller_for(old)
        first, *_, current = reversed(caller.get(f"accounts/{old.account_id}/statements").body["results"])
        answer = caller.get(f"accounts/{old.account_id}/statements/{first['period']}/proof")
        assert verified(tmp_path, answer) == 0
        assert [json.loads(event["data"]).get("amount") for event in answer.body["events"]] == [None, 100, 200, 300]
        code = caller.get(f"accounts/{old.account_id}/statements/{current['period']}/proof").refusal
        assert code == (404, "STATEMENT_NOT_FOUND", None)

    def test_a_month_without_entries_begins_where_the_one_before_ended(self, old: Account, tmp_path: Path) -> None:
        issue()
        seal()
        caller = caller_for(old)
        second = caller.get(f"accounts/{old.account_id}/statements").body["results"][-2]
        answer = caller.get(f"accounts/{old.account_id}/statements/{second['period']}/proof")
        assert verified(tmp_path, answer) == 0
        assert [json.loads(event["data"])["balance"] for event in answer.body["events"]] == [600]

    def test_it_says_that_it_is_not_sealed_yet(self, old: Account) -> None:
        issue()
        caller = caller_for(old)
        first = caller.get(f"accounts/{old.account_id}/statements").body["results"][-1]
        answer = caller.get(f"accounts/{old.account_id}/statements/{first['period']}/proof")
        assert (answer.status, answer.code) == (503, "RETRY_LATER")


class TestHeads:
    def test_anyone_sees_them_newest_first(self, adas: Account, stranger: Caller) -> None:
        seal()
        DepositFactory.create(account=adas, amount=1)
        heads = seal()
        found = stranger.get("heads").body
        assert found["next"] is None
        assert [(head["tree"], head["size"]) for head in found["results"][:2]] == [
            (head.tree, head.size) for head in reversed(heads)
        ]
        newest = found["results"][0]
        assert read_head(newest["note"].partition("\n\n")[0] + "\n").root == base64.b64decode(newest["root"])
        assert newest["timestamp"] is None

    def test_a_page_at_a_time(self, adas: Account, stranger: Caller) -> None:
        for _ in range(2):
            DepositFactory.create(account=adas, amount=1)
            seal()
        first = stranger.get("heads", limit=3).body
        second = stranger.get(first["next"]).body
        assert len(first["results"]) == 3
        assert len(second["results"]) == 1
        assert second["next"] is None

    def test_of_a_tree_and_a_size(self, adas: Account, stranger: Caller) -> None:
        seal()
        size = Event.objects.count()
        (head,) = stranger.get("heads", tree="events", size=size).body["results"]
        assert (head["tree"], head["size"]) == ("events", size)
        assert stranger.get("heads", tree="events", size=1).body["results"] == []

    @pytest.mark.parametrize(
        ("name", "value"), [("tree", "oak"), ("size", "x"), ("cursor", "x"), ("limit", "0"), ("x", "1")]
    )
    def test_malformed_queries(self, stranger: Caller, name: str, value: str) -> None:
        assert stranger.get("heads", **{name: value}).refusal == (400, "MALFORMED", name)


class TestConsistency:
    def test_of_two_heads(self, adas: Account, stranger: Caller, tmp_path: Path) -> None:
        sizes = []
        for _ in range(3):
            DepositFactory.create(account=adas, amount=1)
            seal()
            sizes.append(Event.objects.count())
        for old, new in ((0, 1), (0, 2), (1, 2), (2, 2)):
            answer = stranger.get("heads/consistency", tree="events", old=sizes[old], new=sizes[new])
            assert verified(tmp_path, answer) == 0

    def test_of_heads_that_there_are_not(self, adas: Account, stranger: Caller) -> None:
        seal()
        size = Event.objects.count()
        for old, new in ((1, size), (size, 1), (size + 1, size)):
            asked = stranger.get("heads/consistency", tree="events", old=old, new=new)
            assert asked.refusal == (404, "NOT_FOUND", None)

    @pytest.mark.parametrize(
        ("query", "field"),
        [
            ({"tree": "oak", "old": 1, "new": 2}, "tree"),
            ({"tree": "events", "old": 0, "new": 1}, "old"),
            ({"tree": "events", "new": 1}, "old"),
        ],
    )
    def test_malformed_queries(self, stranger: Caller, query: dict[str, Any], field: str) -> None:
        assert stranger.get("heads/consistency", **query).refusal == (400, "MALFORMED", field)


def test_a_kept_head_covers_a_proof_by_way_of_a_consistency_proof(adas: Account, ada: Caller, tmp_path: Path) -> None:
    position = newest(adas)
    seal()
    size = Event.objects.count()
    DepositFactory.create(account=adas, amount=1)
    seal()
    kept = tmp_path / "kept.txt"
    kept.write_text(ada.get("heads", tree="events").body["results"][0]["note"])
    answers = {
        "proof": ada.get(f"events/{position}/proof"),
        "link": ada.get("heads/consistency", tree="events", old=size, new=Event.objects.count()),
    }
    for name, answer in answers.items():
        (tmp_path / f"{name}.json").write_bytes(answer.raw)
    proof, link = (tmp_path / f"{name}.json" for name in answers)
    assert check([proof], [], [kept]).exit_code == 1
    assert check([proof, link], [], [kept]).exit_code == 0
