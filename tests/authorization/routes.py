"""The routes of the site, as Django knows them, and addresses: routes with ids in their places."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from django.urls import URLPattern, URLResolver, get_resolver

from accounts.staff_actions.actions import STAFF_ACTIONS

PLACE: Final = re.compile(r"<(?:\w+:)?(\w+)>")
GROUP: Final = re.compile(r"\(\?P(<\w+>)[^)]*\)")
STAFF_ACTION_ROUTE: Final = "/admin/actions/<slug:name>/"


def routes() -> set[str]:
    """Every route of the site; that of staff actions for each of them."""
    return set(_with_staff_actions(_below(get_resolver(), "/")))


def _below(resolver: URLResolver, before: str) -> Iterator[str]:
    for found in resolver.url_patterns:
        route = before + _plain(str(found.pattern))
        if isinstance(found, URLResolver):
            yield from _below(found, route)
        else:
            assert isinstance(found, URLPattern)
            yield route


def _plain(pattern: str) -> str:
    """A route without the signs of regular expressions."""
    return GROUP.sub(r"\1", pattern).strip("^$")


def _with_staff_actions(found: Iterator[str]) -> Iterator[str]:
    for route in found:
        names = STAFF_ACTIONS if route.startswith(STAFF_ACTION_ROUTE) else [""]
        yield from (route.replace("<slug:name>", name) for name in names)


def address_of(route: str, ids: Mapping[str, str]) -> str:
    """The address of a route, with an id in each of its places."""
    return PLACE.sub(lambda place: ids[place[1]], route)


def places_in(route: str) -> set[str]:
    """The names of the places in a route."""
    return set(PLACE.findall(route))
