"""A parked stream tells where its error comes from: the projector's own lines, and not those of the engine alone."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

import pytest

from eventstore.execute import execute
from eventstore.models import Parked
from eventstore.projecting.declaration.registry import projections
from eventstore.projecting.runner.runner import Runner
from tests.eventstore.sample import Count, Counted
from tests.eventstore.sample_projections import Line

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sample")]

TALLY: Final = UUID(int=1)
HERE: Final = __name__


def parsed(text: str) -> Any:
    return json.loads(text)


def places(monkeypatch: pytest.MonkeyPatch, projector: Callable[..., Any]) -> list[str]:
    """What is kept of an error of a projector, after its first line; without the numbers of lines."""
    monkeypatch.setitem(projections, "lines", replace(projections["lines"], function=projector))
    execute(Count(TALLY, 7), "one", actor="ann")
    Runner(["lines"]).catch_up()
    first, *others = Parked.objects.get().error.splitlines()
    assert first.partition(":")[0] in {"JSONDecodeError", "IntegrityError", "ArithmeticError"}
    kept = [line for line in others if ", line " in line]  # PostgreSQL adds lines of its own to a message
    return [f"{place.partition(', line')[0]} {place.partition(', in ')[2]}" for place in kept]


def test_an_error_deep_in_a_library_shows_the_way_there(monkeypatch: pytest.MonkeyPatch) -> None:
    def projector(event: Counted, record: Any) -> Iterator[Line]:
        yield parsed("no JSON")

    assert places(monkeypatch, projector) == [f"{HERE} projector", f"{HERE} parsed", "json.decoder raw_decode"]


def test_an_error_of_the_projector_itself_shows_its_line_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def projector(event: Counted, record: Any) -> Iterator[Line]:
        raise ArithmeticError("unlucky")
        yield

    assert places(monkeypatch, projector) == [f"{HERE} projector"]


def test_a_row_that_the_database_refuses_names_the_projector_that_made_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def projector(event: Counted, record: Any) -> Iterator[Line]:
        for _ in range(2):
            yield Line(position=record.position, tally_id=event.tally_id, amount=event.amount)

    made, raised = places(monkeypatch, projector)
    assert made == f"{HERE} projector: what it returned was written"
    assert not raised.startswith(HERE)


def test_no_more_than_the_last_frames_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    def deep(number: int) -> Any:
        return deep(number - 1) if number else parsed("no JSON")

    def projector(event: Counted, record: Any) -> Iterator[Line]:
        yield deep(50)

    own = [f"{HERE} deep", f"{HERE} deep", f"{HERE} parsed"]
    assert places(monkeypatch, projector) == [*own, "json.decoder raw_decode"]
