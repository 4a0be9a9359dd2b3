"""Many processes and threads start together on a database that was restored: one of them begins the epoch, once."""

import json
import subprocess
import sys
from pathlib import Path
from uuid import UUID

import pytest
from django.conf import settings
from django.test import override_settings

from eventstore import feed
from eventstore.execute import execute
from eventstore.integrity import last_seen, restores
from eventstore.log.identity import begin_epoch, identity
from eventstore.models import Epoch
from tests.eventstore.sample import Count
from tests.torture.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)

THREADS, PROCESSES = 8, 2
TALLY = UUID(int=1)


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """What a node has seen: an event that the log has lost."""
    execute(Count(TALLY, 1), "one", actor="ann")
    feed.advance()
    path = tmp_path / "state.json"
    with override_settings(LOG_STATE_FILE=str(path)):
        restores.remember_now()
    seen = json.loads(path.read_text())
    path.write_text(json.dumps(seen | {"event": {"place": 1_000_000, "digest": "ab" * 32}}))
    return path


def test_one_epoch_begins_however_many_notice_it(state: Path, program_environment: dict[str, str]) -> None:
    environment = {**program_environment, "LOG_STATE_FILE": str(state)}
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "run_due"]
    programs = [subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) for _ in range(PROCESSES)]
    with override_settings(LOG_STATE_FILE=str(state)):
        begun = [epoch for epoch in at_once([restores.notice] * THREADS) if epoch]
        assert [program.wait() for program in programs] == [0] * PROCESSES
        assert last_seen.read() == last_seen.look()
    assert len(begun) <= 1, "or it was one of the processes"
    assert list(Epoch.objects.order_by("epoch").values_list("epoch", "cause")) == [(1, "created"), (2, "noticed")]


def test_people_who_begin_epochs_together_begin_one_each(transactional_db: None) -> None:
    first = identity().epoch
    begun = at_once([lambda: begin_epoch(Epoch.Cause.DECLARED, "a drill")] * THREADS)
    assert sorted(each.epoch for each in begun) == list(range(first + 1, first + 1 + THREADS))
