"""The security log: who came in, who was turned away, and who did what is grave. Never secrets or personal data.

`docs/security.md` lists the events. Each is a line of the logger `tidemark.security`, whatever LOG_LEVEL is.
"""

import hashlib
import hmac
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

import structlog
from django.conf import settings
from django.core.cache import cache
from django.db import Error
from django.http import HttpRequest

from accounts.users.discretion import discreet
from eventstore.http.addresses import network_address

LOGGER_NAME: Final = "tidemark.security"
SYSTEM: Final = "system:manage.py"  # who types a command of manage.py is known to the machine alone
ANONYMOUS: Final = "anonymous"
THROTTLED: Final = ".throttled"
WINDOW_SECONDS: Final = 60  # in which repetitions are counted
RECORDED: Final = "_security_events"  # the attribute of a request that names what was recorded about it

_logger: Final = structlog.wrap_logger(
    logging.getLogger(LOGGER_NAME),
    processors=[structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
    wrapper_class=structlog.stdlib.BoundLogger,
    context_class=dict,
)
_present: Final[ContextVar[HttpRequest | None]] = ContextVar("the request that is being answered", default=None)


def record(event: str, request: HttpRequest | None = None, *, actor: str | None = None, **facts: Any) -> None:
    """Log an event, such as `sign_in.failed`, with who caused it and from where.

    `request` is the one that is being answered, if not given. `actor` is that of the request's user, if not given:
    `customer:…` or `staff:…`, and `system:manage.py` without a request. `facts` are ids, names of commands and the
    like: an e-mail, a name or a secret must never be among them, and is hidden if it is. What is throttled is logged
    once a minute for each caller.
    """
    request = _plain(request) or _present.get()
    if request is not None:
        _remember(request, event)
    if event.endswith(THROTTLED) and times(event, request, actor=actor) > 1:
        return
    facts = {name: discreet(fact, name) for name, fact in facts.items() if fact is not None}
    _logger.info(event, actor=actor or actor_of(request), **_origin(request), **facts)


def record_refusal(code: str, request: HttpRequest | None = None, *, actor: str | None = None, **facts: Any) -> None:
    """Log `access.refused`: the first time, the tenth, the hundredth … that it happens to a caller within a minute."""
    request = _plain(request) or _present.get()
    number = times(f"{code} {route_of(request) if request else ''}", request, actor=actor)
    if str(number).strip("0") == "1":
        record("access.refused", request, actor=actor, code=code, times=number, **facts)
    elif request is not None:
        _remember(request, "access.refused")


def times(what: str, request: HttpRequest | None, *, actor: str | None = None) -> int:
    """How often the same has happened to a caller within a minute, in this process: a log can be flooded, too."""
    caller = actor or actor_of(request)
    if caller == ANONYMOUS and request is not None:
        caller = network_address(request)
    key = f"security_log_{pseudonym(f'{caller} {what}')}"
    cache.add(key, 0, WINDOW_SECONDS)
    try:
        return int(cache.incr(key))
    except ValueError:  # it was forgotten in between
        return 1


def recorded_about(request: HttpRequest) -> frozenset[str]:
    """The events that were recorded about a request."""
    return getattr(request, RECORDED, frozenset())


@contextmanager
def answering(request: HttpRequest) -> Iterator[None]:
    """Within the block, what is recorded belongs to this request."""
    token = _present.set(request)
    try:
        yield
    finally:
        _present.reset(token)


def present_request() -> HttpRequest | None:
    """The request that is being answered, if there is one."""
    return _present.get()


def actor_of(request: HttpRequest | None) -> str:
    """Who sent a request; one without a request is whoever runs manage.py."""
    if request is None:
        return SYSTEM
    try:
        return str(getattr(getattr(request, "user", None), "actor", ANONYMOUS))
    except Error:  # the session can't be read: what happened is logged all the same
        return "unknown"


def pseudonym(text: str) -> str:
    """A name for a text that tells nothing of it: always the same, until SECRET_KEY changes."""
    key = hashlib.sha256(b"pseudonyms of the security log" + settings.SECRET_KEY.encode()).digest()
    return f"~{hmac.digest(key, text.encode(errors='surrogatepass'), 'sha256').hex()[:16]}"


def route_of(request: HttpRequest) -> str | None:
    """The address that a request was sent to, as its pattern: what callers typed into it may be anything."""
    return request.resolver_match.route if request.resolver_match else None


def _remember(request: HttpRequest, event: str) -> None:
    setattr(request, RECORDED, recorded_about(request) | {event})


def _origin(request: HttpRequest | None) -> dict[str, Any]:
    if request is None:
        return {}
    address = network_address(request)
    found = {
        "request_id": getattr(request, "request_id", None),
        "address": address if settings.SECURITY_LOG_ADDRESSES else pseudonym(address),
        "method": request.method,
        "route": route_of(request),
    }
    return {name: fact for name, fact in found.items() if fact is not None}


def _plain(request: Any) -> HttpRequest | None:
    """Django's request, of which Django REST Framework's is a wrapper: asking that for its user may sign it in."""
    found: HttpRequest | None = getattr(request, "_request", request)
    return found
