"""Reading from a follower: all of an answer comes from one snapshot of one database, or else from the primary."""

import logging
from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from typing import Any, Concatenate, Final, ParamSpec, TypeVar

from django.db import Error, connections
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import SimpleTemplateResponse

from eventstore.backends import in_database, store
from eventstore.backends.faults import Fault, fault_of
from eventstore.backends.followers import followers
from eventstore.readers.choice import candidates
from eventstore.readers.health import breaker
from eventstore.readers.sight import Sight, in_present_epoch, sight_of
from eventstore.readers.snapshot import NEXT_SECONDS, opened

P = ParamSpec("P")
T = TypeVar("T")

ASKS: Final = frozenset({"GET", "HEAD"})
LEFT_ALONE: Final = frozenset({Fault.AWAY, Fault.CROWDED, Fault.DISK_FAILS})  # others are over with the transaction

logger = logging.getLogger(__name__)


def answer(ask: Callable[[], T], sight: Sight, needs: Iterable[str] = ()) -> T:
    """The answer to a question that changes nothing: from a follower that has reached what must be seen, or else here.

    A follower only ever tells what is there. Whatever it fails at, be it that something is not found, or that it needs
    the primary, the question is asked here again; so is what fails for another reason, and fails then for good.
    """
    if aliases := candidates(sight):
        sight = in_present_epoch(sight)
    for alias in aliases:
        if (snapshot := opened(alias, sight, tuple(needs))) is None:
            continue
        try:
            with snapshot:
                return _whole(ask(), alias)
        except Exception as error:
            _note(alias, error)
            break
    return ask()


def answering(
    *needs: str,
) -> Callable[
    [Callable[Concatenate[HttpRequest, P], HttpResponseBase]], Callable[Concatenate[HttpRequest, P], HttpResponseBase]
]:
    """Let followers answer a view where it only reads, from the read models of these projections.

    It shows the own last command of who is signed in; the view reads nothing but the log and read models there.
    """

    def decorate(
        view: Callable[Concatenate[HttpRequest, P], HttpResponseBase],
    ) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
        @wraps(view)
        def answered(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if request.method not in ASKS or not followers():
                return view(request, *args, **kwargs)
            return answer(lambda: view(request, *args, **kwargs), sight_of(actor_of(request.user)), needs)

        return answered

    return decorate


def actor_of(user: Any) -> str | None:
    """The name of a user in the command store, as `eventstore.http` has it; None for a stranger."""
    return str(getattr(user, "actor", f"user:{user.pk}")) if user.is_authenticated else None


def _whole(found: T, alias: str) -> T:
    """An answer with all that it reads later read from the same database: a page is rendered, a file's parts are."""
    if isinstance(found, SimpleTemplateResponse) and found.template_name is not None:  # not one of a REST framework's
        found.render()
    if getattr(found, "streaming", False):
        response: Any = found
        response.streaming_content = _parts(iter(response.streaming_content), alias)
    return found


def _parts(parts: Iterator[Any], alias: str) -> Iterator[Any]:
    """The parts of an answer, each made when it is sent, when the snapshot is gone: its rows are only ever newer."""
    while True:
        with in_database(alias), store().answering_within(NEXT_SECONDS):
            part = next(parts, None)
        if part is None:
            return
        yield part


def _note(alias: str, error: Exception) -> None:
    logger.debug("%s could not answer; the primary is asked.", alias, exc_info=error)
    if isinstance(error, Error) and fault_of(error) in LEFT_ALONE:
        connections[alias].close()
        breaker.failed(alias, error)
