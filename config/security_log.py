"""The middleware of the security log: a request gets an id, and what was refused or shown to staff is logged.

All faces of the site come by here, so no view can forget it.
"""

import logging
import re
from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from secrets import token_hex
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from accounts.staff_actions.actions import STAFF_ACTIONS
from accounts.users.security_log import (
    THROTTLED,
    actor_of,
    answering,
    record,
    record_refusal,
    recorded_about,
    route_of,
)
from eventstore.admin import may_see_personal_data

HEADER: Final = "X-Request-Id"
GIVEN_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")
# What an address may name: a UUID, a number, a month. Whatever else stands there may be anything, such as a name.
ID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[0-9]{1,20}|[0-9]{4}-[0-9]{2}")
REFUSED: Final = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
TOLD: Final = frozenset({"access.refused", "sign_in.failed", "sign_in.throttled"})  # that a request was refused
STAFF: Final = "staff:"
CUSTOMER: Final = "customer:"

# Where staff read nothing about a customer; all other addresses below these two count as reads of personal data.
PLACES: Final = ("api/v1/", "admin/")
IMPERSONAL: Final = re.compile(
    r"api/v1/(me|tokens?|tokens/.*|projections|volumes|heads)"
    r"|admin/(login/|logout/|jsi18n/|password_change/.*|autocomplete/)?"
    r"|admin/(eventstore/projection|projections/volume)/.*"
    r"|admin/\^.*"  # the lists of an app's tables
)

logger = logging.getLogger(__name__)


class SecurityLogMiddleware:
    """Logs refused authorization, throttling, and reads of personal data; it stands first in MIDDLEWARE."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The response, with the id under which logs tell of the request."""
        request.request_id = request_id(request)  # type: ignore[attr-defined]
        with answering(request):
            response = self.get_response(request)
            try:
                log(request, response)
            except Exception:  # an answer is not lost for want of a line about it
                logger.exception("The security log does not tell of a request.")
        response[HEADER] = request.request_id  # type: ignore[attr-defined]
        return response


def request_id(request: HttpRequest) -> str:
    """A new id, or the one that a proxy of ours gave: anybody else could make two requests look like one."""
    given = request.headers.get(HEADER, "") if settings.TRUSTED_PROXIES else ""
    return given if GIVEN_ID.fullmatch(given) else token_hex(8)


def log(request: HttpRequest, response: HttpResponseBase) -> None:
    """Logs what the security log wants to know of an answer, unless whoever made it has done so."""
    status = response.status_code
    known = recorded_about(request)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        if not any(event.endswith(THROTTLED) for event in known):
            record("request.throttled", request)
    elif status in REFUSED or _is_hidden(request, status):
        if known.isdisjoint(TOLD):
            record_refusal(code_of(response), request, status=status, **ids_of(request))
    elif status == HTTPStatus.OK:
        for item_status, code in {*_refused_items(response)}:
            record_refusal(code, request, status=item_status, **ids_of(request))
        if _is_personal(request):
            record("personal_data.read", request, count=_count(response), **ids_of(request))


def code_of(response: HttpResponseBase) -> str:
    """The code of a refusal; that of a page says no more than its status."""
    data = getattr(response, "data", None)
    found = data.get("code") if isinstance(data, Mapping) else None
    return str(found or HTTPStatus(response.status_code).phrase.upper().replace(" ", "_"))


def ids_of(request: HttpRequest) -> dict[str, str]:
    """The ids in the address of a request, by their names; other text there is not repeated."""
    places = request.resolver_match.kwargs if request.resolver_match else {}
    found = {f"at_{name}": str(value) for name, value in places.items() if ID.fullmatch(str(value))}
    return found | ({"action": places["name"]} if places.get("name") in STAFF_ACTIONS else {})


def _is_hidden(request: HttpRequest, status: int) -> bool:
    """Whether a customer asked for an object that is not there for them, as what belongs to others is not."""
    return status == HTTPStatus.NOT_FOUND and bool(ids_of(request)) and actor_of(request).startswith(CUSTOMER)


def _refused_items(response: HttpResponseBase) -> Iterator[tuple[int, str]]:
    """The refusals among the answers to a bulk."""
    data = getattr(response, "data", None)
    results = data.get("results") if isinstance(data, Mapping) else None
    for item in results if isinstance(results, list) else ():
        if isinstance(item, Mapping) and item.get("status") in (*REFUSED, HTTPStatus.NOT_FOUND) and "body" in item:
            yield item["status"], str(item["body"].get("code"))


def _is_personal(request: HttpRequest) -> bool:
    route = route_of(request) or ""
    if not route.startswith(PLACES) or IMPERSONAL.fullmatch(route):
        return False
    if not actor_of(request).startswith(STAFF):
        return False
    if route.startswith("api/"):
        return request.method in ("GET", "HEAD")
    return may_see_personal_data(request.user)


def _count(response: HttpResponseBase) -> int | None:
    """How many rows were shown, in a list."""
    data = getattr(response, "data", None)
    if isinstance(data, Mapping) and isinstance(data.get("results"), list):
        return len(data["results"])
    context: Any = getattr(response, "context_data", None) or {}
    listed = getattr(context.get("cl"), "result_list", None)
    return None if listed is None else len(listed)
