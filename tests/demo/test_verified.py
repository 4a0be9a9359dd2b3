"""The demo world is as it was written: whatever customers and staff did in it, `verify` finds nothing."""

from pathlib import Path

import pytest
from django.test import override_settings

from eventstore.integrity.sealer import seal
from eventstore.models import Event
from tests.demo.worlds import make
from tests.verified import verified

pytestmark = pytest.mark.django_db


def test_a_world_of_every_kind_of_command_is_clean_and_sealed(tmp_path: Path) -> None:
    make()
    file = tmp_path / "heads.txt"
    with override_settings(SEAL_FILE=str(file)):
        seal()
    report = verified(file)
    assert report.events == Event.objects.count() > 100
    assert report.folded == report.events
    assert report.heads == report.heads_outside == 2
