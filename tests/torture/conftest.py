"""Fixtures: the read model that shows in which order each stream was read, and sites that are put under fire."""

from collections.abc import Iterator

import pytest
from django.db import connection
from pytest_django import DjangoDbBlocker

from eventstore.projecting import installation
from tests.torture import trails
from tests.torture.fire.templates import Template, template
from tests.torture.trails import Trail


@pytest.fixture(scope="module")
def trail_table(sample_tables: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with django_db_blocker.unblock(), connection.schema_editor() as editor:
        editor.create_model(Trail)
    yield
    with django_db_blocker.unblock(), connection.schema_editor() as editor:
        editor.delete_model(Trail)


@pytest.fixture
def empty_trails(sample: None, trail_table: None) -> None:
    """The sample's projections and `trails`, on an empty log."""
    Trail.objects.all()._raw_delete("default")
    trails.declare()
    installation.install(using="default")


@pytest.fixture(scope="session")
def template_site(pytestconfig: pytest.Config) -> Iterator[Template]:
    """A site on a database of its own, of which each test puts a copy under fire."""
    with template(pytestconfig.getoption("database")) as made:
        yield made
