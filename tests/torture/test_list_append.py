"""Commands that append to lists and answer with them, from many threads: some order of them explains all that is read.

Broken stores, which forget a lock, show what is not committed, or read in two statements, are found out by that load.
"""

import pytest
from django.db import connection

from tests.torture import size
from tests.torture.broken_stores import Broken, DirtyCache, TornBatch, TwoStatements, WithoutLock
from tests.torture.histories.anomalies import Anomaly, anomalies
from tests.torture.list_store import Load, Store

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 4


def test_some_order_of_the_transactions_explains_all_that_is_read() -> None:
    seen = 0
    for number in size.rounds(ROUNDS, share=0.1):
        load = Load(Store(), number)
        assert load.run() == []
        seen += len(load.history)
    size.report("list-append", database=connection.vendor, transactions=seen, anomalies=0)


@pytest.mark.parametrize(
    ("store", "expected"),
    [
        (WithoutLock(), {Anomaly.G_SINGLE, Anomaly.LOST_UPDATE}),
        (TwoStatements(), {Anomaly.G_SINGLE}),
        (DirtyCache(), {Anomaly.G1A, Anomaly.G1B}),
        (TornBatch(), {Anomaly.G1B}),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Broken) else "",
)
def test_a_broken_store_is_found_out(store: Broken, expected: set[Anomaly]) -> None:
    load = Load(store, 0)
    load.run()
    found = anomalies([*load.history, *store.others], Store().events(load.lists))
    assert {each.anomaly for each in found} >= expected
