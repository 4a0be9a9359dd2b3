"""Whatever text stands in an address, in its path or in its query, the answer is no fault of the server."""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

import pytest
from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.urls import resolve

from accounts.services.staff import SUPERUSER
from accounts.users.roles import Role
from tests.authorization.bodies import address_at
from tests.authorization.callers import API, HttpAnswer, Person
from tests.authorization.routes import PLACE, places_in
from tests.authorization.rules import rules
from tests.authorization.world import World
from tests.wire.hostile import DEADLY, HOSTILE, QUERIES, REACHING, REACHING_QUERIES

AREAS: Final = ("/api/", "/admin/", "/")
WHO_AND_WHERE: Final = (("owner", "/"), ("owner", "/api/"), (SUPERUSER, "/api/"), (SUPERUSER, "/admin/"))
PAGES: Final = ("position", "before", "from", "to", "next", "language", "version", "lang", "format")
LISTS: Final = ("q", "o", "p", "all", "_facets", "_to_field", "after", "before")
LOOKUPS: Final = ("pk__in", "recorded_at__year", "email__contains")
DETAILS: Final = ("version", "after", "before", "_changelist_filters")
SHARED: Final = {*PAGES, *LISTS, *LOOKUPS, *DETAILS}  # what all pages, and all lists of the admin, read alike
CHANGE: Final = "<path:object_id>/change/"
ODD: Final = ("nonsense=1", "a%00b=1", "=", "%ff=%ff", f"{'x' * 3_000}=1", "limit=1&limit=2", "&;&", "q=1&q=%00")
NOWHERE: Final = ("/{}", "/{}/", "/static/{}", "/admin/{}", "/admin/eventstore/{}/", "/api/{}", f"{API}{{}}")

ON_SQLITE: Final = connection.vendor == "sqlite"
IN_PATHS: Final = HOSTILE if ON_SQLITE else REACHING
IN_QUERIES: Final = QUERIES if ON_SQLITE else REACHING_QUERIES
WHOLE: Final = ODD if ON_SQLITE else ODD[1:2]

METHODS: Final = ("GET", "POST", "PATCH", "DELETE")
CODELESS: Final = ("/events/", "/streams/", "/tokens/")
RULES: Final = rules()


@pytest.fixture(autouse=True)
def nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """No answer waits for a position that nothing will ever reach."""
    monkeypatch.setattr("eventstore.http.query_views.MAX_WAIT_SECONDS", 0)
    monkeypatch.setattr("projections.freshness.MAX_WAIT_SECONDS", 0)


@pytest.mark.parametrize(("kind", "area"), WHO_AND_WHERE)
def test_any_text_may_stand_in_a_path(world: World, kind: str, area: str) -> None:
    asked = (
        _with(route, place, text, world)
        for turn, (route, place) in enumerate(_places(area))
        for text in (_share(IN_PATHS, area, turn) if area == "/admin/" else IN_PATHS)
    )
    assert not list(_faults(asked, world, kind))


@pytest.mark.parametrize(("kind", "area"), WHO_AND_WHERE)
def test_any_text_may_stand_in_a_query(world: World, kind: str, area: str) -> None:
    asked = (
        (route, f"{address_at(route, world)}?{query}")
        for turn, route in enumerate(_routes(area))
        for query in (*WHOLE, *_queries(route, area, turn))
    )
    assert not list(_faults(asked, world, kind))


def test_any_text_may_stand_where_nothing_is(world: World) -> None:
    asked = [("/", path.format(text)) for path in NOWHERE for text in HOSTILE]
    assert not list(_faults(asked, world, SUPERUSER))


def test_the_link_to_an_objects_page_leads_nowhere_for_text_that_is_no_key(world: World) -> None:
    kinds = ContentType.objects.values_list("pk", flat=True)
    asked = [("/admin/", f"/admin/r/{kind}/{text}/") for kind in kinds for text in ("x", "11", *DEADLY)]
    assert not list(_faults(asked, world, SUPERUSER))


def test_an_id_that_is_none_is_the_id_of_nothing(world: World) -> None:
    """Where the body is at fault, too, either may be named; events, streams and tokens have no code of their own."""
    person, wrong = Person.of(world.people[Role.OPERATOR]), []
    for route, place in _places(API):
        for text in DEADLY:
            answer = _answer(person, *_with(route, place, text, world))
            code = json.loads(answer.body)["code"]
            if (answer.status, code) not in {(400, "MALFORMED"), (403, "FORBIDDEN")} and (
                answer.status != 404 or (code == "NOT_FOUND" and not any(place in route for place in CODELESS))
            ):
                wrong.append(f"{route} {place} {text[:20]}: {answer.status} {answer.body[:100]!r}")
    assert not wrong, "\n".join(wrong)


def test_a_parameter_that_is_none_is_named(world: World) -> None:
    """An endless number is a text where a text is asked for; NUL is none anywhere."""
    person, wrong = Person.of(world.people[SUPERUSER]), []
    for route in _routes(API):
        for name in _parameters(route) if RULES[route]["GET"][SUPERUSER] == 200 else ():
            for text, also in (("%00", {400}), ("9" * 5_000, {200, 400})):
                answer = _answer(person, route, f"{address_at(route, world)}?{name}={text}")
                named = json.loads(answer.body).get("field", name) if answer.status == 400 else name
                if answer.status not in also or named != name:
                    wrong.append(f"{route} {name}={text[:20]}: {answer.status} {answer.body[:100]!r}")
    assert not wrong, "\n".join(wrong)


def _faults(asked: Iterable[tuple[str, str]], world: World, kind: str) -> Iterator[str]:
    person = Person.of(world.people[kind])
    for route, address in asked:
        answer = _answer(person, route, address)
        if answer.status >= 500 and "min_position" not in address:  # which may ask to come again: 503
            yield f"{answer.status} {address[:150]}"


def _answer(person: Person, route: str, address: str) -> HttpAnswer:
    """The answer to a question, or to an order where the address takes no questions."""
    methods = (method for method in METHODS if RULES.get(route, {}).get(method, {}).get(SUPERUSER) != 405)
    method = next(methods, "POST")
    return person.at(route).send(method, address, None if method == "GET" else {})


def _queries(route: str, area: str, turn: int) -> Iterator[str]:
    for name in _parameters(route):
        texts = _share(IN_QUERIES, area, turn) if name in SHARED else IN_QUERIES
        yield from (f"{name}={text}" for text in texts)


def _share(texts: tuple[str, ...], area: str, turn: int) -> tuple[str, ...]:
    """The texts that are sent to one of the addresses of an area.

    The admin has one list and one page for dozens of models, and pages read what they share by the same functions, so
    those share what isn't deadly: each text goes to a third of them.
    """
    if area == "/api/":
        return texts
    return tuple(text for place, text in enumerate(texts) if text in DEADLY or place % 3 == turn % 3)


def _routes(area: str) -> Iterator[str]:
    """The routes of an area, those of a more particular one excluded."""
    others = [other for other in AREAS if len(other) > len(area)]
    return (route for route in sorted(RULES) if route.startswith(area) and not route.startswith(tuple(others)))


def _places(area: str) -> list[tuple[str, str]]:
    return [(route, place) for route in _routes(area) for place in sorted(places_in(route))]


def _with(route: str, place: str, text: str, world: World) -> tuple[str, str]:
    """A route, and its address with this text in one of its places, whatever that place is said to hold."""
    pieces = PLACE.split(route)
    valid = re.fullmatch("(.+)".join(map(re.escape, pieces[::2])), address_at(route, world))
    assert valid, route
    filled = [text if name == place else good for name, good in zip(pieces[1::2], valid.groups(), strict=True)]
    return route, "".join(piece for pair in zip(pieces[::2], [*filled, ""], strict=True) for piece in pair)


def _parameters(route: str) -> tuple[str, ...]:
    """The names of the parameters that mean something at a route, as far as they can be known."""
    if route.startswith(API):
        return tuple(name for view in _views(route) for name in view.query().fields)
    model = re.fullmatch(r"/admin/(\w+)/(\w+)/(.*)", route)
    if model and model[1] != "actions":
        return {"": (*LISTS, *LOOKUPS, *_filters(*model.groups()[:2])), CHANGE: DETAILS}.get(model[3], ())
    return PAGES if "/admin/" not in route else ("next",)


def _views(route: str) -> list[Any]:
    views = resolve(PLACE.sub("x", route)).func.views  # type: ignore[attr-defined]
    return list({view.cls for view in views.values()})


def _filters(app: str, model: str) -> list[str]:
    found: list[Any] = [one for kind, one in admin.site._registry.items() if kind._meta.label_lower == f"{app}.{model}"]
    return [name for one in found for spec in one.list_filter for name in getattr(spec, "parameters", ())]
