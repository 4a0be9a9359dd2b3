"""The tables of the specimens, empty for each test."""

import pytest
from django.db import connection
from pytest_django import DjangoDbBlocker

from tests.conformance import specimens
from tests.conformance.examples import backend
from tests.conformance.tables import NEW, OLD


@pytest.fixture(scope="session")
def specimen_tables(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    with django_db_blocker.unblock(), connection.schema_editor() as editor:
        for model in specimens.MODELS:
            editor.create_model(model)


@pytest.fixture
def specimen(specimen_tables: None, db: None) -> None:
    """Empty tables, also after a test whose transactions were real."""
    for model in specimens.MODELS:
        model._default_manager.all()._raw_delete("default")


@pytest.fixture
def no_tables_beside(specimen: None) -> None:
    """Drop the tables that a failed test may have left."""
    for table in (NEW, OLD):
        backend.drop_table(table)
