"""The sample's read models, in place of the product's."""

from collections.abc import Iterator

import pytest
from django.db import connection
from pytest_django import DjangoDbBlocker

from eventstore.projecting import installation, realtime
from eventstore.projecting.declaration.registry import projections, reactions
from tests.eventstore import sample_projections


@pytest.fixture(scope="session")
def sample_tables(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    with django_db_blocker.unblock(), connection.schema_editor() as editor:
        for model in sample_projections.MODELS:
            editor.create_model(model)


@pytest.fixture
def sample(sample_tables: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Only the sample's projections are declared, and no reactions, on an empty log, so they are live at once."""
    monkeypatch.setattr(realtime, "_live", set())
    for model in sample_projections.MODELS:
        model.objects.all()._raw_delete("default")  # type: ignore[attr-defined]
    before, reacted = sample_projections.declare(), dict(reactions)
    reactions.clear()
    installation.install(using="default")
    yield
    monkeypatch.undo()  # now: later it would put a patched projection of the sample among the product's
    projections.clear()
    projections.update(before)
    reactions.clear()
    reactions.update(reacted)
