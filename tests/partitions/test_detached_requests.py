"""Whoever asks for what lies in an archive alone hears so, by the API and on pages: 410, and not 404."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client, override_settings

from accounts.services.ids import new_id
from accounts.services.staff import SUPERUSER
from accounts.users.models import User
from eventstore import feed
from eventstore.analysis import NotArchived, analysis
from eventstore.archive import format as layout
from eventstore.archive.write import archive
from eventstore.integrity import trees
from eventstore.integrity.sealer import seal
from eventstore.models import Command, Event
from eventstore.partitions import make_ahead
from eventstore.partitions.detach import detach
from eventstore.partitions.stores import COMMANDS, EVENTS
from projections.models import Account, Entry
from tests.admin.pages import ADMIN, links_of, read
from tests.api.caller import Answer, Caller
from tests.factories import AccountFactory, CustomerFactory, DepositFactory, StaffFactory, owner_of
from tests.partitions.conftest import SIZE, first_end, put_back

pytestmark = [
    pytest.mark.postgresql,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("partitioned"),
]


@dataclass(frozen=True)
class Bank:
    """An account whose first deposit was detached, with its command; and archives that have it."""

    owner: User
    account: Account
    entry: Entry
    event: Event
    command: Command
    newest: Path
    older: Path


@pytest.fixture
def bank(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bank]:
    monkeypatch.setattr(layout, "SEGMENT_HEIGHT", 3)
    monkeypatch.setattr(trees, "HEIGHT", 2)
    monkeypatch.setattr(trees, "WIDTH", 4)
    newest, older = tmp_path / "newest", tmp_path / "older"
    with override_settings(SEAL_FILE=str(tmp_path / "heads.txt")):
        owner = CustomerFactory.create(name="Ada Lovelace", email="ada@example.org")
        account = AccountFactory.create(owner=owner, label="Savings", balance=100)
        entry = Entry.objects.get()
        event = Event.objects.get(position=entry.position)
        command = Command.objects.get(command_id=event.metadata["command_id"])
        feed.advance()
        archive(str(older), without_keys=True)
        while min(_beyond(first_end(EVENTS), Event), _beyond(first_end(COMMANDS), Command)) < 20:
            DepositFactory.create(account=account, amount=1)
        feed.advance()
        make_ahead(connection, ahead=2, size=SIZE)
        seal()
        archive(str(newest), without_keys=True)
        for store in (EVENTS, COMMANDS):
            detach(connection, store, first_end(store), str(newest), size=SIZE)
        yield Bank(owner, account, entry, event, command, newest, older)
    put_back()


def _beyond(end: int, model: type[Event] | type[Command]) -> int:
    return model._default_manager.filter(pk__gt=end).count()


def archived(answer: Answer) -> bool:
    return (answer.status, answer.code) == (410, "ARCHIVED")


def test_the_api_answers_410(bank: Bank) -> None:
    staff, ada = Caller.of(StaffFactory.create(role="auditor")), Caller.of(owner_of(bank.account.account_id))
    bob = Caller.of(CustomerFactory.create())
    position, command_id, key = bank.event.position, bank.command.command_id, bank.command.key
    answer = staff.get(f"events/{position}/proof")
    assert archived(answer)
    assert answer.body["details"]["store"] == "events"
    assert str(bank.newest) not in answer.raw.decode(), "where it lies is for those who run the site"
    assert archived(ada.get(f"events/{position}/proof"))
    assert archived(staff.get("events"))
    assert archived(staff.get(f"streams/account/{bank.account.account_id}", version=1))
    for caller in (staff, ada):
        assert archived(caller.get(f"commands/{key}", **({} if caller is ada else {"actor": bank.owner.actor})))
    assert archived(staff.get(f"commands/{command_id}"))
    assert archived(staff.get(f"commands/{command_id}/proof"))
    again = {"amount": "1.00"}
    assert archived(ada.post(f"accounts/{bank.account.account_id}/deposits", again, key=key))
    for path in (f"commands/{command_id}", f"commands/{command_id}/proof", f"commands/{new_id()}"):
        assert bob.get(path).status == 404, "whose it was, nobody can tell any more"
    for path in (f"events/{10**12}/proof", f"commands/{new_id()}", f"commands/{new_id()}/proof"):
        assert staff.get(path).status == 404
    assert staff.get("events", after=first_end(EVENTS) - 1).status == 200
    assert ada.get(f"accounts/{bank.account.account_id}/entries").status == 200


def test_pages_of_staff_say_where_it_lies_and_what_brings_it_back(bank: Bank, client: Client) -> None:
    client.force_login(StaffFactory.create(role=SUPERUSER))
    event, command = bank.event, bank.command
    for path, attach in (
        (f"event/{event.position}", f"--attach-from {event.position}"),
        (f"event/{event.event_id}", "--attach-from 1"),
        (f"command/{command.number}", f"--attach-from {command.number} --commands"),
        (f"command/{command.command_id}", f"--attach-from {command.number} --commands"),
    ):
        page = client.get(f"{ADMIN}eventstore/{path}/change/")
        assert page.status_code == 410, path
        assert f"manage.py partitions {attach}</code>" in page.content.decode(), path
        assert str(bank.newest) in page.content.decode(), path
    younger = UUID(int=new_id().int + (3_600_000 << 80))  # made in an hour, so it is none of the detached ones
    for path in (f"event/{10**12}", f"event/{younger}", f"command/{10**12}", f"command/{new_id()}"):
        assert client.get(f"{ADMIN}eventstore/{path}/change/").status_code == 404, path
    for term, found in ((event.position, "event"), (event.event_id, "event"), (command.command_id, "command")):
        answer = client.get(f"{ADMIN}eventstore/event/", {"q": str(term)})
        assert answer.headers["Location"] == f"{ADMIN}eventstore/{found}/{term}/change/"
    for path in ("eventstore/event/", "eventstore/command/", f"eventstore/stream/{bank.account.account_id}/change/"):
        last = client.get(ADMIN + path, {"after": first_end(EVENTS)} if "stream" not in path else {"after": "9"})
        assert "were moved into an archive" in last.content.decode(), path
    assert "were detached" in read(client, f"eventstore/stream/{bank.account.account_id}/change/", version="2")
    assert f"{ADMIN}eventstore/event/{event.position}/change/" in links_of(
        client, f"projections/entry/{bank.entry.entry_id}/change/"
    )


def test_pages_of_customers_stay_and_their_proofs_are_gone(bank: Bank, client: Client) -> None:
    client.force_login(bank.owner)
    receipt = client.get(f"/entries/{bank.entry.entry_id}")
    assert receipt.status_code == 200
    assert "was moved into an archive, and its proof with it" in receipt.content.decode()
    proof = client.get(f"/entries/{bank.entry.entry_id}/proof")
    assert proof.status_code == 410
    assert "This lies in an archive" in proof.content.decode()
    assert str(bank.newest) not in proof.content.decode()
    assert client.get(f"/accounts/{bank.account.account_id}").status_code == 200


def test_analysis_goes_on_and_says_which_archive_it_needs(bank: Bank) -> None:
    everything = "SELECT min(position), count(*) FROM events"
    with analysis(str(bank.newest)) as found:
        ((first, _),) = found.run(everything).rows
    assert first <= bank.event.position
    cut = bank.event.position
    with analysis(str(bank.older), to_position=cut) as found:  # its last row is not in the database any more
        ((first, _),) = found.run(everything).rows
    assert first <= bank.event.position
    for address in (None, str(bank.older)):
        with pytest.raises(NotArchived, match=rf"--archive {bank.newest}"), analysis(address):
            pass
