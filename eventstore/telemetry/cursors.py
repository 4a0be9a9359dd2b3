"""Statements that go by Django's cursors, for observers. Nothing wraps a cursor unless somebody observes."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

from eventstore.telemetry import hooks


class ObservedCursor:
    """A wrapper of statements, as Django's `execute_wrapper` defines it; it changes nothing about them."""

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        """Run a statement; what it is given as parameters is not shown to observers."""
        return hooks.statements([sql], partial(execute, sql, params, many, context))


def wrap(connection: BaseDatabaseWrapper, **_: object) -> None:
    """Receives `connection_created`: each connection is wrapped once, and stays so when it connects anew."""
    if not any(isinstance(wrapper, ObservedCursor) for wrapper in connection.execute_wrappers):
        connection.execute_wrappers.insert(0, ObservedCursor())
