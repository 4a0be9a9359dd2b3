"""Erasures whose process is killed at each step, and databases that are restored from before: the law holds."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.management import call_command
from django.test import Client
from rest_framework.test import APIClient

from accounts.domain.rules import CUSTOMERS
from accounts.users.models import User
from eventstore import feed, log, personal
from eventstore.keys.erasure_lines import Word, entry_of
from eventstore.log.identity import begin_epoch
from eventstore.models import Epoch, Event, SubjectKey
from eventstore.projecting.runner.runner import Runner
from projections.models import Account, Customer
from tests.accounts.test_erase_customer import everything
from tests.backups import Backup, backup
from tests.factories import AccountFactory, ClosureFactory, CustomerFactory, StaffFactory
from tests.tokens import token_of
from tests.torture.eraser import erase

pytestmark = pytest.mark.django_db(transaction=True)

# Where the process is killed; whether its database knows of the erasure then, and whether the list does.
POINTS = [
    ("before the list", 1, False, False),
    ("after the list", 1, False, True),
    ("after commit", 1, True, True),
    ("after the list", 2, True, True),
]


@dataclass
class Ada:
    """A customer who is going to be erased, and what proves that she signs in."""

    customer_id: UUID
    token: str

    @property
    def is_erased(self) -> bool:
        return CUSTOMERS.current(self.customer_id).erased


@pytest.fixture
def ada() -> Ada:
    customer = CustomerFactory.create(name="Ada Xylander", email="ada@xylander.example")
    assert customer.customer_id
    Runner().catch_up()
    return Ada(customer.customer_id, token_of(customer))


@pytest.fixture
def file(tmp_path: Path, settings: Any) -> Path:
    path = tmp_path / "erasures"
    settings.ERASURE_LIST = str(path)
    return path


@pytest.fixture
def before(ada: Ada, file: Path) -> Iterator[Backup]:
    """A backup from before the erasure."""
    with backup("before") as made:
        yield made


def words(file: Path) -> list[Word]:
    entries = [entry_of(line) for line in file.read_text().splitlines()] if file.exists() else []
    return [entry.word for entry in entries if entry]


def must_be_gone(ada: Ada) -> None:
    """Assert that nothing tells of her, wherever one looks."""
    Runner().catch_up()
    assert ada.is_erased
    assert SubjectKey.objects.get(subject_id=ada.customer_id).wrapped is None
    row = Customer.objects.get(customer_id=ada.customer_id)
    assert (row.name, row.email, row.status) == (None, None, "erased")
    assert set(names_told_of(ada)) == {None}
    assert "ylander" not in everything().casefold()
    assert not User.objects.get(customer_id=ada.customer_id).is_active
    assert APIClient(HTTP_AUTHORIZATION=f"Token {ada.token}").get("/api/v1/me").status_code == 401


def names_told_of(ada: Ada) -> Iterator[str | None]:
    """The name in the event and in the command of her registration."""
    yield next(log.read_stream(ada.customer_id)).event.name
    commands = feed.read_commands(0, feed.advance().number)
    yield from (each.command.name for each in commands if each.type == "customer.register")


@pytest.mark.parametrize(("point", "nth", "is_committed", "is_listed"), POINTS)
def test_a_kill_leaves_no_doubt(  # noqa: PLR0917 - the fixtures and the point
    point: str,
    nth: int,
    is_committed: bool,
    is_listed: bool,
    ada: Ada,
    file: Path,
    before: Backup,
    program_environment: dict[str, str],
) -> None:
    command = [sys.executable, "-m", "tests.torture.eraser", str(ada.customer_id), point, str(nth)]
    environment = {**program_environment, "ERASURE_LIST": str(file)}
    ended = subprocess.run(command, env=environment, check=False)
    assert ended.returncode == -signal.SIGKILL, "It did not come to this point."
    assert ada.is_erased == is_committed
    assert bool(words(file)) == is_listed
    lines = file.read_text() if is_listed else ""

    with backup("after") as after:
        before.restore()
        begin_epoch(Epoch.Cause.RESTORED)
        assert personal.apply_missing() == ([ada.customer_id] if is_listed else [])
        if is_listed:
            must_be_gone(ada)
        else:
            assert not ada.is_erased, "nobody was told that she is"

        file.write_text(lines)
        after.restore()
        assert personal.apply_missing() == []
        assert ada.is_erased == is_committed, "a start decides nothing that the database knows"
        assert words(file)[1:] == ([Word.ERASED] if is_committed else [Word.UNDONE] if is_listed else [])
        assert erase(ada.customer_id).accepted, "sent again, it is done"
        must_be_gone(ada)
        assert words(file)[-1] == Word.ERASED


def test_a_restored_backup_is_not_served_before_the_erased_are_erased_again(
    ada: Ada, file: Path, before: Backup
) -> None:
    assert erase(ada.customer_id).accepted
    before.restore()
    assert "ylander" in everything().casefold(), "the restore has brought her back"
    call_command("run_projections", once=True)
    must_be_gone(ada)
    (erased,) = Event.objects.filter(type="customer.erased")
    assert erased.metadata["actor"] == "system:erasure_list"
    assert "after a restore" in erased.data["reason"]
    staff = APIClient(HTTP_AUTHORIZATION=f"Token {token_of(StaffFactory.create())}")
    assert staff.get("/api/v1/customers?q=xylander").json()["results"] == []
    client = Client()
    client.force_login(StaffFactory.create(role="superuser"))
    page = client.get(f"/admin/projections/customer/{ada.customer_id}/change/", follow=True)
    assert page.status_code == 200
    assert "ylander" not in page.content.decode().casefold()
    call_command("run_projections", once=True)
    assert Event.objects.filter(type="customer.erased").count() == 1


def test_who_had_an_account_in_the_restored_past_is_erased_all_the_same(ada: Ada, file: Path) -> None:
    owner = User.objects.get(customer_id=ada.customer_id)
    account = AccountFactory.create(owner=owner)
    with backup("with-account") as before:
        ClosureFactory.create(account=account)
        assert erase(ada.customer_id).accepted
        before.restore()
    assert personal.apply_missing() == [ada.customer_id]
    must_be_gone(ada)
    assert Account.objects.get(account_id=account.account_id).status == "open"


def test_the_erasure_lost_by_the_restore_can_be_sent_again(ada: Ada, file: Path, before: Backup) -> None:
    """Its sender may never have got the answer, and its key is new to the restored database."""
    assert erase(ada.customer_id).accepted
    before.restore()
    personal.apply_missing()
    again = erase(ada.customer_id)
    assert again.refusal
    assert again.refusal.code == "CUSTOMER_NOT_FOUND"
