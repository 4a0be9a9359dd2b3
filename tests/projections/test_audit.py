"""The audit trail: each command with its actor and outcome."""

from django.utils import timezone

from accounts.domain.commands import RenameAccount, Transfer
from accounts.services.ids import new_id
from eventstore.execute import execute
from projections import queries
from tests.factories import FreezeFactory
from tests.projections.conftest import Bustle, World


def test_every_command_leaves_a_line(world: World) -> None:
    page = queries.audit(limit=20)
    assert [line.command for line in page.rows] == [
        "account.deposit",
        "account.withdraw",
        "account.transfer",
        "account.deposit",
        "account.open",
        "account.open",
        "account.open",
        "customer.register",
        "customer.register",
    ]
    assert all(line.accepted and not line.code for line in page.rows)


def test_a_refusal_leaves_its_code(world: World) -> None:
    account_id = world.adas.account_id
    receipt = execute(RenameAccount(account_id, world.bobs.customer_id, "Mine"), "1", actor=world.bob.actor)
    (line,) = queries.audit(actor=world.bob.actor, limit=1).rows
    assert (line.command_id, line.command) == (receipt.command_id, "account.rename")
    assert (line.accepted, line.code) == (False, "ACCOUNT_NOT_FOUND")
    assert (line.category, line.stream_id) == ("account", account_id)
    assert queries.audit(code="ACCOUNT_NOT_FOUND", limit=9).rows == [line]


def test_a_transfer_is_about_the_account_that_it_left(world: World) -> None:
    lines = queries.audit(about=world.adas.account_id, limit=20).rows
    assert [line.command for line in lines] == [
        "account.withdraw",
        "account.transfer",
        "account.deposit",
        "account.open",
    ]


def test_a_transfer_to_the_same_account_is_refused_and_audited(world: World) -> None:
    account_id, ids = world.adas.account_id, [new_id() for _ in range(3)]
    command = Transfer(ids[0], world.adas.customer_id, account_id, account_id, ids[1], ids[2], 1, timezone.now())
    execute(command, "1", actor=world.ada.actor)
    assert queries.audit(limit=1).rows[0].code == "SAME_ACCOUNT"


def test_a_command_that_is_sent_again_leaves_no_second_line(world: World) -> None:
    command = RenameAccount(world.adas.account_id, world.adas.customer_id, "Holidays")
    for _ in range(2):
        execute(command, "1", actor=world.ada.actor)
    assert [line.command for line in queries.audit(actor=world.ada.actor, limit=9).rows].count("account.rename") == 1


def test_pages_hold_every_line_once(world: World) -> None:
    lines = queries.audit(limit=20).rows
    first = queries.audit(limit=5)
    assert first.rows + queries.audit(before=first.next, limit=5).rows == lines


def test_a_line_tells_why_and_which_event_was_the_last_that_it_caused(world: World) -> None:
    frozen = FreezeFactory.create(account=world.adas, reason="Court order")
    (line,) = queries.audit(limit=1).rows
    assert (line.reason, line.position) == ("Court order", frozen.position)
    transfer = next(line for line in queries.audit(limit=20).rows if line.command == "account.transfer")
    assert (transfer.reason, transfer.position) == ("", queries.newest_entries(world.bobs.account_id, 1)[0].position)


def test_what_was_refused_caused_nothing(world: World) -> None:
    execute(RenameAccount(world.adas.account_id, world.bobs.customer_id, "Mine"), "1", actor=world.bob.actor)
    assert queries.audit(limit=1).rows[0].position is None


def test_it_holds_nothing_personal(bustle: Bustle, world: World) -> None:
    lines = [repr(sorted(vars(line).items(), key=str)) for line in queries.audit(limit=200).rows]
    assert lines
    for personal in ("Ada Lovelace", "ada@example.org", "bob@example.com", "Cara"):
        assert not [line for line in lines if personal in line]
