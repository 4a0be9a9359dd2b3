"""Targets that a test declares are forgotten after it."""

from collections.abc import Iterator

import pytest

from eventstore.relay import declare


@pytest.fixture(autouse=True)
def targets() -> Iterator[None]:
    yield
    declare({})
