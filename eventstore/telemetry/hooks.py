"""The hooks by which observers see the engine at work. Without any, a hook is one look at an empty tuple.

An observer is handed what is done and the work itself, and returns what the work returns: so observers wrap each
other, and the work knows of none.
"""

from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from eventstore.execution.requests import CommandRequest
    from eventstore.log.records import Receipt

T = TypeVar("T")
Answers = Sequence[Exception | None]

_observers: tuple["Observer", ...] = ()
_command: ContextVar["CommandRequest | None"] = ContextVar("the command that is being decided", default=None)


class Observer:
    """Sees the engine at work; a subclass overrides what it wants to see. What an observer raises ends the work."""

    def request(self, request: "HttpRequest", work: Callable[[], "HttpResponseBase"]) -> "HttpResponseBase":
        """A request of HTTP is answered."""
        return work()

    def command(self, request: "CommandRequest", work: Callable[[], "Receipt"]) -> "Receipt":
        """One command is executed, with all its attempts."""
        return work()

    def commands(self, requests: Sequence["CommandRequest"], work: Callable[[], list["Receipt"]]) -> list["Receipt"]:
        """Several commands are executed in one transaction."""
        return work()

    def retried(self) -> None:
        """A transaction that the database has undone begins again."""

    def statements(self, statements: Sequence[str], work: Callable[[], T]) -> T:
        """Statements are sent to the database, all at once."""
        return work()

    def appended(self, records: Sequence[Any]) -> None:
        """Events were written; the transaction may still be undone."""

    def projected(self, names: Sequence[str], records: Sequence[Any], work: Callable[[], T]) -> T:
        """Real-time projections take in what is being recorded."""
        return work()

    def batch(self, name: str, records: Sequence[Any], work: Callable[[], T]) -> T:
        """A runner has a projection or a reaction take in events, later and elsewhere."""
        return work()

    def delivery(self, target: str, records: Sequence[Any], work: Callable[[], Answers]) -> Answers:
        """A relay hands events to another system."""
        return work()

    def traceparent(self) -> str | None:
        """The present span, for the metadata of what it causes; None unless it is recorded."""
        return None

    def log_ids(self) -> Mapping[str, str]:
        """What lines of the log are to tell of the present work."""
        return {}


def observe_by(*observers: Observer) -> None:
    """Let these observe all work from now on, and no others."""
    global _observers  # noqa: PLW0603 - the one place that knows them
    _observers = observers


def observers() -> tuple[Observer, ...]:
    """Who observes."""
    return _observers


def request(given: "HttpRequest", work: Callable[[], "HttpResponseBase"]) -> "HttpResponseBase":
    """Answer a request of HTTP."""
    for observer in _observers:
        work = partial(observer.request, given, work)
    return work()


def command(given: "CommandRequest", work: Callable[[], "Receipt"]) -> "Receipt":
    """Execute one command."""
    for observer in _observers:
        work = partial(observer.command, given, work)
    return about(given, work)


def commands(given: Sequence["CommandRequest"], work: Callable[[], list["Receipt"]]) -> list["Receipt"]:
    """Execute several commands."""
    for observer in _observers:
        work = partial(observer.commands, given, work)
    return work()


def about(given: "CommandRequest", work: Callable[[], T]) -> T:
    """Do work for a command, whose ids the log tells meanwhile."""
    token = _command.set(given)
    try:
        return work()
    finally:
        _command.reset(token)


def retried() -> None:
    """Tell that a transaction begins again."""
    for observer in _observers:
        observer.retried()


def statements(given: Sequence[str], work: Callable[[], T]) -> T:
    """Send statements to the database."""
    for observer in _observers:
        work = partial(observer.statements, given, work)
    return work()


def appended(records: Sequence[Any]) -> None:
    """Tell that events were written."""
    for observer in _observers:
        observer.appended(records)


def projected(names: Sequence[str], records: Sequence[Any], work: Callable[[], T]) -> T:
    """Have real-time projections take in what is being recorded."""
    for observer in _observers:
        work = partial(observer.projected, names, records, work)
    return work()


def batch(name: str, records: Sequence[Any], work: Callable[[], T]) -> T:
    """Have a projection or a reaction take in a runner's batch."""
    for observer in _observers:
        work = partial(observer.batch, name, records, work)
    return work()


def delivery(target: str, records: Sequence[Any], work: Callable[[], Answers]) -> Answers:
    """Hand events to another system."""
    for observer in _observers:
        work = partial(observer.delivery, target, records, work)
    return work()


def traceparent() -> str | None:
    """The present span, for the metadata of what it causes; None without one that is recorded."""
    for observer in _observers:
        if (found := observer.traceparent()) is not None:
            return found
    return None


def log_ids() -> dict[str, str]:
    """What a line of the log tells of the present work: the command with its ids, and the trace. Empty without."""
    found: dict[str, str] = {}
    if (given := _command.get()) is not None:
        found = {
            "command": given.kind.name,
            "command_id": str(given.command_id),
            "correlation_id": str(given.correlation_id or given.command_id),
        }
    for observer in _observers:
        found.update(observer.log_ids())
    return found
