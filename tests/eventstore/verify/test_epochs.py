"""`manage.py verify` finds what an epoch has lost, until somebody outside accepts it."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import override_settings

from eventstore.integrity.restores import notice
from eventstore.integrity.sealer import seal
from eventstore.integrity.trees import Tree, clear
from eventstore.integrity.verify import Code, Place, Scope, verify
from eventstore.log.identity import begin_epoch
from eventstore.models import Cluster, Epoch
from tests.eventstore import sample_projections
from tests.eventstore.verify.runs import count, cut_the_last_off, found, say
from tests.torture.forgeries import lift_all_guards
from tests.torture.forgeries.tables import erase_rows

pytestmark = pytest.mark.django_db


def test_what_an_epoch_has_lost_is_a_fault_until_somebody_outside_accepts_it(file: Path, sample: None) -> None:
    count(5)
    seal()
    cut_the_last_off()
    begin_epoch(Epoch.Cause.DECLARED, "The disk was lost.")
    assert (Place.EPOCHS, Code.LOST, None) in found(file)  # the database's owner may have written the reason
    report = verify(Scope(seals=file, accepted=frozenset({2})))
    assert [fault for fault in report.faults.named if fault.code != Code.GUARD] == []
    assert any("has lost 1 rows" in told and "The disk was lost." in told for told in report.lost)
    for model in sample_projections.MODELS:  # what a restore would have taken back, too
        model.objects.all()._raw_delete("default")  # type: ignore[attr-defined]
    count(3, begin=20)
    with override_settings(ACCEPTED_EPOCHS=[2]):
        assert found(file) == []  # before the new epoch is sealed
        seal()
        assert found(file) == []
    assert {code for _place, code, _position in found(file)} == {Code.LOST}


def test_a_lost_tail_that_only_a_program_has_noticed_waits_for_a_person(file: Path) -> None:
    """Who cuts the tail off need only wait for the next start, which begins an epoch and writes a reason by itself."""
    count(5)
    seal()
    cut_the_last_off()
    for tree in Tree:
        clear(tree)  # as a restore would have taken the tiles back, too
    noticed = notice()
    assert noticed is not None
    assert (Place.EPOCHS, Code.EPOCH, None) in found(file)
    call_command("begin_epoch", "--confirm", stdout=StringIO())
    assert {code for _place, code, _position in found(file)} == {Code.LOST}
    lost = verify(Scope(seals=file)).lost
    assert len(lost) == 2
    assert "The head over 5" in lost[0]
    assert say("--seals", str(file), "--accept-epoch=2")[1].count("has lost 1 rows") == 2


def test_epochs_that_no_program_could_have_begun_are_found() -> None:
    count(3)
    begin_epoch(Epoch.Cause.NOTICED, "This node has seen epoch 6.", above=6)
    call_command("begin_epoch", "--confirm", stdout=StringIO())
    lift_all_guards()
    Epoch.objects.filter(epoch=7).update(position=-5)
    assert found() == [(Place.EPOCHS, Code.EPOCH, None)]


@pytest.mark.parametrize("arguments", [["--confirm"], ["--reason", "Monday's backup was restored."]])
def test_an_epoch_that_was_noticed_waits_for_a_person(arguments: list[str]) -> None:
    """What the start has written down is no reason: it does the same for a tail that somebody has cut off."""
    begin_epoch(Epoch.Cause.NOTICED, "The event at position 7 is not the one that this node has seen there.")
    assert found() == [(Place.EPOCHS, Code.EPOCH, None)]
    call_command("begin_epoch", *arguments, stdout=StringIO())
    assert found() == []


def test_epochs_that_a_restore_has_lost_may_be_passed_over_and_no_others() -> None:
    """A copy was restored twice: the second time the node has seen an epoch that the copy does not know."""
    begin_epoch(Epoch.Cause.NOTICED, "This node has seen epoch 2 of the log, which the log does not know.", above=2)
    call_command("begin_epoch", "--confirm", stdout=StringIO())
    assert found() == []
    begin_epoch(Epoch.Cause.DECLARED, "restored", above=4)
    assert found() == [(Place.EPOCHS, Code.EPOCH, None)]


def test_that_the_place_of_the_log_is_forgotten_is_found() -> None:
    erase_rows(Cluster)
    assert found() == [(Place.EPOCHS, Code.EPOCH, None)]
