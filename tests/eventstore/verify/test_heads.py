"""`manage.py verify` holds the log to the heads that were kept outside."""

from pathlib import Path
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command

from eventstore.checks import database
from eventstore.integrity.sealer import seal
from eventstore.integrity.verify import Code, Place, Scope, verify
from eventstore.log.identity import begin_epoch
from eventstore.models import Command, Epoch, Event, TreeHead
from eventstore.verifier.seal_file import CUT_OFF
from tests.eventstore.verify.runs import count, cut_the_last_off, found, say
from tests.torture.forgeries import lift_all_guards
from tests.torture.forgeries.tables import erase_rows, put_heads_back

pytestmark = pytest.mark.django_db


def test_lines_that_are_no_heads_are_faults_of_their_own(file: Path) -> None:
    count(2)
    seal()
    text = file.read_text()
    file.write_text(f"{text}nonsense\n\n{text[:20]}{CUT_OFF}half a no")
    assert found(file) == [(Place.SEALS, Code.GARBLED, 1 + text.count("\n"))]
    file.write_text(text.replace("\n2\n", "\n3\n", 1))
    assert (Place.SEALS, Code.NOTE, 1) in found(file)


def test_heads_of_other_logs_are_passed_over_and_counted(file: Path) -> None:
    count(2)
    seal()
    lift_all_guards()
    erase_rows(TreeHead)
    Epoch.objects.update(log_id=UUID(int=7))
    report = verify(Scope(seals=file))
    assert (report.heads_outside, report.heads_of_others) == (0, 2)


def test_a_head_that_is_larger_than_the_log_tells_that_the_tail_is_gone(file: Path) -> None:
    count(5)
    seal()
    lift_all_guards()
    last = Event.objects.order_by("-position")[0]
    erase_rows(Event, pk=last.pk)
    erase_rows(Command, positions=[last.pk])
    put_heads_back()
    assert {code for _place, code, _position in found(file)} >= {Code.CUT_OFF}


def test_sealed_rows_that_are_gone_are_said_to_be_gone_at_the_end(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    count(5)
    seal()
    cut_the_last_off()
    begin_epoch(Epoch.Cause.DECLARED, "Fine.\n\x1b[2JNothing was lost.")
    monkeypatch.setattr(database, "guards", lambda _connection: [])  # those that the test has lifted
    assert say("--seals", str(file))[0] == 3
    code, said = say("--seals", str(file), "--accept-epoch=2")
    assert code == 0
    assert "Fine. \\x1b[2JNothing was lost.) has lost 1 rows" in said
    assert said.splitlines()[-1].startswith("Sealed rows are gone")


def test_heads_of_another_log_alone_are_none_to_hold_this_one_to(file: Path) -> None:
    count(5)
    seal()
    lift_all_guards()
    Epoch.objects.update(log_id=UUID(int=9))
    erase_rows(TreeHead)
    assert found(file) == [(Place.SEALS, Code.NOT_KEPT, None)]


def test_a_file_that_is_not_there_is_no_clean_run(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="could not be verified"):
        call_command("verify", seals=tmp_path / "none.txt")
