"""Deferred statements: their values are not needed, so they are sent with the next statement, or with the commit.

A round trip costs more than most of them. The difference can't be observed: any query in between, by the engine or by
a cursor of Django's, has them sent first. See decision 0019.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

Statement = tuple[str, tuple[bytes, ...]]  # a statement, and the documents for its places


@dataclass
class DeferredStatements:
    """The deferred statements of a transaction. Django's cursors call it before each query, as a wrapper."""

    send: Callable[[Sequence[Statement]], object]
    statements: list[Statement] = field(default_factory=list)

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        """Send the deferred statements, then run the query; called as Django's `execute_wrapper` defines."""
        if self.statements:
            self.send(self.take())
        return execute(sql, params, many, context)

    def take(self) -> list[Statement]:
        """Remove all deferred statements, and return them."""
        taken, self.statements = self.statements, []
        return taken


@contextmanager
def deferring_statements(
    connection: BaseDatabaseWrapper, send: Callable[[Sequence[Statement]], object]
) -> Iterator[None]:
    """Within the block statements may be deferred, if it is a whole transaction; if it fails they are dropped.

    Within a part of one, nothing is: an error would come too late for a caller who rolls back to before that part.
    """
    if not is_outermost(connection):
        yield
        return
    with connection.execute_wrapper(DeferredStatements(send)):
        yield


def deferred_by(connection: BaseDatabaseWrapper) -> DeferredStatements | None:
    """The deferred statements of the present transaction; None if it defers none."""
    return next((wrapper for wrapper in connection.execute_wrappers if isinstance(wrapper, DeferredStatements)), None)


def is_outermost(connection: BaseDatabaseWrapper) -> bool:
    """Whether the present block of Django's is the whole transaction, which is committed at its end."""
    return connection.in_atomic_block and connection.commit_on_exit and not connection.savepoint_ids
