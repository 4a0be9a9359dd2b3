"""The sample consumer: what arrives more than once has its effect once."""

import runpy
import sqlite3
from contextlib import closing
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from eventstore import log
from eventstore.errors import DeliveryRefused
from eventstore.execute import execute
from eventstore.models import Parked
from eventstore.projecting.parking import parking
from eventstore.projecting.runner.deliver import deliver_due
from eventstore.projecting.runner.runner import Runner
from eventstore.relay.envelope import Message
from eventstore.relay.rewind import rewind
from tests.eventstore.relay.fakes import Fake, relay_to
from tests.eventstore.sample import Count

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sample"), pytest.mark.once("its database is its own")]

ROOT = Path(__file__).resolve().parents[3]
TALLIES = [UUID(int=number) for number in (1, 2, 3)]


class Consuming(Fake):
    """A target that hands everything to the sample, and dies before it acknowledges each third message."""

    def __init__(self, database: sqlite3.Connection) -> None:
        super().__init__()
        self.sample = runpy.run_path(str(ROOT / "examples" / "consumer" / "consumer.py"))
        self.database, self.arrived, self.dies = database, 0, True
        database.executescript(self.sample["TABLES"])

    def _take(self, message: Message) -> Exception | None:
        self.sample["receive"](self.database, message.body)
        self.arrived += 1
        return DeliveryRefused("died") if self.dies and self.arrived % 3 == 0 else None


def test_what_arrives_again_has_its_effect_once() -> None:
    with closing(sqlite3.connect(":memory:")) as database:
        relay = relay_to(consumer := Consuming(database))
        for number in range(12):
            execute(Count(TALLIES[number % 3], number), uuid4(), actor="ann")
        Runner([relay.name]).catch_up()
        while Parked.objects.exists():
            for parked in Parked.objects.all():
                parking.retry(parked)
            deliver_due(relay)
        consumer.dies = False
        rewind(relay, 0)
        Runner([relay.name]).catch_up()
        totals = dict(database.execute("SELECT tally, amount FROM total"))
        assert totals == {str(tally): log.current("tally", tally).total for tally in TALLIES}
        assert consumer.arrived > 12
        assert database.execute("SELECT count(*) FROM seen").fetchone() == (12,)
