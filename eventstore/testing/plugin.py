"""The pytest plugin: `transactional_db` works on append-only tables.

An installed django-tidemark is found by pytest by itself; from a checkout, say `-p eventstore.testing.plugin`.
"""

from collections.abc import Generator

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(
    fixturedef: pytest.FixtureDef[object], request: pytest.FixtureRequest
) -> Generator[None, object, object]:
    """Once pytest-django has made the test databases, let them be flushed."""
    result = yield
    if fixturedef.argname == "django_db_setup":
        from eventstore.testing.flush import allow_flush  # noqa: PLC0415 - Django's settings are ready only now

        with request.getfixturevalue("django_db_blocker").unblock():
            allow_flush()
    return result
