"""Small segments, so that a short history has several."""

import pytest

from eventstore.archive import format as layout
from eventstore.keys import erase_again


@pytest.fixture(autouse=True)
def small_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout, "SEGMENT_HEIGHT", 3)
    monkeypatch.setattr(erase_again, "_erasers", {})  # the product's know its own persons alone
