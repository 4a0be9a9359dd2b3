"""Values on the admin's pages: what is one word in the log is one word there."""

from datetime import date
from decimal import Decimal

import pytest

from eventstore.admin import show


@pytest.mark.parametrize(("found", "text"), [(Decimal("1.50"), "1.50"), (date(2026, 5, 29), "2026-05-29"), (7, "7")])
def test_a_single_value_needs_no_quotes(found: object, text: str) -> None:
    assert show.value(found) == text


def test_a_structure_is_shown_as_json() -> None:
    assert "&quot;1.50&quot;" in show.value([Decimal("1.50")])
