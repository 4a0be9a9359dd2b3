"""One primary and one read database for all tests of this folder, as it takes a while to make them."""

from collections.abc import Iterator

import pytest

from tests.replication.pair import Pair, must, pair, traffic


@pytest.fixture(scope="package")
def followed() -> Iterator[Pair]:
    """A read database that was set up on a primary with a history, while commands went on there."""
    with pair() as found:
        with traffic(found):
            must(found.operator, "replicate_log", "--follow", found.conninfo)
        yield found
