"""The database router: within `reading`, the log and its read models are read from the follower that was chosen."""

from typing import Any, Final

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS
from django.db.models import Model

from eventstore.backends import chosen_database
from eventstore.backends.followers import followers, read_database, replicas
from eventstore.errors import NotThePrimary
from eventstore.projecting.declaration.registry import projections
from eventstore.projecting.realtime import is_live

# What a read database has of the engine: the log as it was replicated, and the checkpoints of its own runners.
IN_READ_DATABASE: Final = frozenset(
    {"checkpoint", "command", "epoch", "event", "parked", "projection", "sitekey", "stream", "subjectkey", "tidemark"}
)


class Router:
    """Sends reads of the log and of read models to the chosen follower; all else, and every write, stays at home.

    A row that was read from a follower is saved, and related to others, in the primary.
    """

    def db_for_read(self, model: type[Model], **hints: Any) -> str | None:
        alias = chosen_database()
        if alias is None or alias not in followers() or not _follows(model):
            return None
        if alias == read_database() and not _is_in_read_database(model):
            raise NotThePrimary
        return alias

    def db_for_write(self, model: type[Model], **hints: Any) -> str | None:
        instance = hints.get("instance")
        return DEFAULT_DB_ALIAS if instance is not None and instance._state.db in followers() else None

    def allow_relation(self, one: Model, other: Model, **hints: Any) -> bool | None:
        known = {*followers(), DEFAULT_DB_ALIAS}
        return True if {one._state.db, other._state.db} <= known else None

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool | None:
        return False if db in replicas() else None


def _follows(model: type[Model]) -> bool:
    return model._meta.app_label == "eventstore" or _is_read_model(model) or _is_named(model)


def _is_read_model(model: type[Model]) -> bool:
    return any(projection.model is model for projection in projections.values())


def _is_named(model: type[Model]) -> bool:
    """Whether the setting EVENTSTORE_FOLLOWED_MODELS names a model: it is read with read models, though it is none."""
    return model._meta.label in getattr(settings, "EVENTSTORE_FOLLOWED_MODELS", ())


def _is_in_read_database(model: type[Model]) -> bool:
    """Whether a read database has the rows of a model: of the log, or of a read model that was built there."""
    if model._meta.app_label == "eventstore":
        return model._meta.model_name in IN_READ_DATABASE
    return any(projection.model is model and is_live(projection) for projection in projections.values())
