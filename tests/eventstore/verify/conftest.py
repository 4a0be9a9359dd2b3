"""The file of heads outside of the database, and checks of a project."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import override_settings

from eventstore.integrity import checks


@pytest.fixture(autouse=True)
def file(tmp_path: Path) -> Iterator[Path]:
    """The file outside."""
    path = tmp_path / "heads.txt"
    with override_settings(SEAL_FILE=str(path)):
        yield path


@pytest.fixture
def own_checks() -> Iterator[None]:
    """Checks of a project, forgotten after the test."""
    answers, sites = dict(checks.answer_checks), dict(checks.site_checks)
    yield
    checks.answer_checks.clear()
    checks.answer_checks.update(answers)
    checks.site_checks.clear()
    checks.site_checks.update(sites)
