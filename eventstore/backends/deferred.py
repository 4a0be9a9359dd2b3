"""Statements that are kept back: nobody waits for what they give, so they go with the next, or with the commit.

A byte there and back costs more than most of them. Nobody can tell the difference: whoever asks anything in
between, by the engine or by a cursor of Django's, has them sent first. See decision 0019.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

Statement = tuple[str, tuple[bytes, ...]]  # a statement, and the documents for its places


@dataclass
class DeferredStatements:
    """What a transaction keeps back. Django's cursors call it before each query, as a wrapper."""

    send: Callable[[Sequence[Statement]], object]
    questions: list[Statement] = field(default_factory=list)

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        """Django's protocol for `execute_wrapper`."""
        if self.questions:
            self.send(self.take())
        return execute(sql, params, many, context)

    def take(self) -> list[Statement]:
        """Everything that is kept, which is so no longer."""
        taken, self.questions = self.questions, []
        return taken


@contextmanager
def deferring_statements(
    connection: BaseDatabaseWrapper, send: Callable[[Sequence[Statement]], object]
) -> Iterator[None]:
    """Within the block statements may be kept back, if it is a whole transaction; if it fails they are forgotten.

    Within a part of one, nothing is: an error would come too late for whoever goes back to before that part.
    """
    if not is_outermost(connection):
        yield
        return
    with connection.execute_wrapper(DeferredStatements(send)):
        yield


def deferred_by(connection: BaseDatabaseWrapper) -> DeferredStatements | None:
    """Where this transaction keeps statements back; None if it doesn't."""
    return next((wrapper for wrapper in connection.execute_wrappers if isinstance(wrapper, DeferredStatements)), None)


def is_outermost(connection: BaseDatabaseWrapper) -> bool:
    """Whether the present block of Django's is the whole transaction, which is committed at its end."""
    return connection.in_atomic_block and connection.commit_on_exit and not connection.savepoint_ids
