"""Names of projections and reactions are stored: each belongs to one function, and is asked for as it is declared."""

import importlib
import importlib.util
import sys
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from eventstore.errors import MessageError
from eventstore.projecting import rows, wait_for
from eventstore.projecting.declaration.registry import projections, reactions
from tests.eventstore.sample import Counted
from tests.eventstore.sample_projections import Line

HEAD = """
from eventstore.projecting import reaction, rows
from tests.eventstore.sample import Counted
from tests.eventstore.sample_projections import Asked, Line
"""
LINES = """
@rows({model})
def lines(event: Counted, record):
    return ()
"""
REACTION = """
@reaction()
def lines(event: Counted, record):
    return ()
"""


@pytest.fixture
def imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., ModuleType]]:
    """Imports a module with this code; nothing else is declared."""
    monkeypatch.syspath_prepend(str(tmp_path))
    before, reacted, modules = dict(projections), dict(reactions), set(sys.modules)
    projections.clear()

    def load(name: str, code: str) -> ModuleType:
        (tmp_path / f"{name}.py").write_text(HEAD + code)
        importlib.invalidate_caches()
        return importlib.import_module(name)

    yield load
    projections.clear()
    projections.update(before)
    reactions.clear()
    reactions.update(reacted)
    for name in set(sys.modules) - modules:
        del sys.modules[name]


@pytest.mark.parametrize("second", [LINES.format(model="Asked"), LINES.format(model="Line"), REACTION])
def test_a_second_function_of_one_name_is_refused_and_both_places_are_named(
    imported: Callable[..., ModuleType], second: str
) -> None:
    imported("tide_one", LINES.format(model="Line"))
    with pytest.raises(MessageError, match=r"tide_one\.lines \(.*line 6\) and by tide_two\.lines \(.*line 6\)"):
        imported("tide_two", second)
    assert projections["lines"].function.__module__ == "tide_one"


def test_so_is_one_in_the_same_module(imported: Callable[..., ModuleType]) -> None:
    with pytest.raises(MessageError, match=r"declared twice.*line 6\).*line 10\)"):
        imported("tide_one", LINES.format(model="Line") + LINES.format(model="Asked"))


def test_so_is_one_in_the_same_function(imported: Callable[..., ModuleType]) -> None:
    def declare() -> None:
        @rows(Line)
        def lines(event: Counted, record: Any) -> tuple[()]:
            return ()

        @rows(Line)  # type: ignore[no-redef]
        def lines(event: Counted, record: Any) -> tuple[()]:  # noqa: F811 - that is the fault
            return (*(),)

    with pytest.raises(MessageError, match="declared twice"):
        declare()


def test_a_module_that_is_reloaded_is_no_second_one(imported: Callable[..., ModuleType], tmp_path: Path) -> None:
    module = imported("tide_one", LINES.format(model="Line"))
    importlib.reload(module)
    (tmp_path / "tide_one.py").write_text(f"{HEAD}\n\n\n{LINES.format(model='Line')}")
    importlib.reload(module)
    assert projections["lines"].function is module.lines


def test_nor_is_one_that_is_imported_by_another_name(imported: Callable[..., ModuleType], tmp_path: Path) -> None:
    module = imported("tide_one", LINES.format(model="Line"))
    assert module.__file__
    spec = importlib.util.spec_from_file_location("another.tide_one", module.__file__)
    assert spec
    assert spec.loader
    spec.loader.exec_module(importlib.util.module_from_spec(spec))
    assert list(projections) == ["lines"]


def test_two_projections_of_one_table_are_refused_and_both_places_are_named(
    imported: Callable[..., ModuleType],
) -> None:
    imported("tide_one", LINES.format(model="Line"))
    with pytest.raises(MessageError, match=r"tide_two\.others \(.*tide_one\.lines \(.*one table, sample_line"):
        imported("tide_two", LINES.format(model="Line").replace("def lines", "def others"))


@pytest.mark.django_db
@pytest.mark.usefixtures("sample")
class TestUnknownNames:
    """Each answer names those that there are."""

    def test_waiting_for_one_is_an_error_at_once(self) -> None:
        with pytest.raises(LookupError, match=r"No projection is called 'line'.*asked, grand, lines, standings"):
            wait_for(0, "line")

    @pytest.mark.parametrize(
        "command",
        [
            ["rebuild_projections", "line"],
            ["rebuild_projections", "line", "--take-back"],
            ["check_projections", "line"],
            ["show_projection", "line"],
            ["run_projections", "line"],
        ],
    )
    def test_commands_refuse_it(self, command: list[str]) -> None:
        with pytest.raises(CommandError, match=r"'line'.*grand, lines"):
            call_command(*command, stdout=StringIO())
