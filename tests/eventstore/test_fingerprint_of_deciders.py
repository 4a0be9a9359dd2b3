"""States in heads are folded anew when the code that made them has changed, and for no other reason."""

import importlib
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from io import StringIO
from itertools import count
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import UUID

import pytest
from django.core.management import call_command

from eventstore import decider, log
from eventstore.decider import Decider
from eventstore.execute import execute
from eventstore.models import Stream
from tests.eventstore.sample import TALLIES, Count, Counted, Tally, decide

TALLY = UUID(int=1)

RULES = '''
"""Rules."""
from dataclasses import dataclass, field
from functools import partial
from . import helpers
from .helpers import doubled
from tests.eventstore.sample import Counted

BASE = 10

@dataclass(frozen=True)
class Part:
    """A part."""
    size: int = 0

    def grown(self, by: int) -> "Part":
        """Larger."""
        return Part(self.size + by)

@dataclass(frozen=True)
class State:
    """What is known."""
    total: int = 0
    part: Part = Part()
    parts: tuple[Part, ...] = ()

    def plus(self, amount: int) -> "State":
        return State(self.total + amount, self.part.grown(1))

def evolve(state: State, event: Counted) -> State:
    """Add."""
    return state.plus(doubled(event.amount) * helpers.RATE + BASE)  # of all

def unrelated():
    return 1

folded_by_lambda = lambda state, event: state.plus(event.amount)

def made(rate):
    def inner(state, event):
        return state.plus(event.amount * rate)
    return inner

class Folding:
    def __call__(self, state, event):
        return state.plus(1)
'''
HELPERS = """
RATE = 3

def doubled(amount):
    return amount * 2

def unrelated():
    return 2
"""

_numbers = count()


@pytest.fixture
def rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., ModuleType]]:
    """Imports a package with rules, were this their code; each time in a folder of its own."""
    before = set(sys.modules)
    monkeypatch.syspath_prepend(str(tmp_path))

    def imported(code: str = RULES, helpers: str = HELPERS) -> ModuleType:
        name = f"rules{next(_numbers)}"
        (tmp_path / name).mkdir()
        for file, text in (("__init__", ""), ("helpers", helpers), ("code", code)):
            (tmp_path / name / f"{file}.py").write_text(text)
        importlib.invalidate_caches()
        return importlib.import_module(f"{name}.code")

    yield imported
    for name in set(sys.modules) - before:
        del sys.modules[name]


def fingerprint(module: ModuleType, evolve: Any = None, initial: Any = None) -> str:
    made: Decider[Any, Any, Any] = Decider("part", initial or module.State(), evolve or module.evolve)
    return made.fingerprint


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"""What is known."""', '"""All that is known."""'),
        ('"""A part."""\n    ', ""),
        ('    """Add."""\n', ""),
        ('        """Larger."""\n', ""),
        ('"""Rules."""', ""),
        ("  # of all", ""),
        ("amount: int)", "amount)"),
        ("def unrelated():\n    return 1", "def unrelated():\n    return 99"),
    ],
)
def test_what_only_people_read_changes_nothing(rules: Callable[..., ModuleType], before: str, after: str) -> None:
    assert before in RULES
    assert fingerprint(rules(RULES.replace(before, after))) == fingerprint(rules())


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("* helpers.RATE +", "* helpers.RATE -"),
        ("BASE = 10", "BASE = 11"),
        ("self.total + amount", "self.total - amount"),
        ("self.size + by", "self.size - by"),
        ("total: int = 0", "total: int = 1"),
        ("size: int = 0", "size: float = 0"),
    ],
)
def test_what_may_change_states_changes_it(rules: Callable[..., ModuleType], before: str, after: str) -> None:
    """In `evolve`, in a constant, in methods of the state's class and of classes in its fields, in its beginning."""
    assert before in RULES
    assert fingerprint(rules(RULES.replace(before, after))) != fingerprint(rules())


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [("RATE = 3", "RATE = 4", True), ("amount * 2", "amount * 3", True), ("return 2", "return 20", False)],
)
def test_helpers_in_other_modules_count(
    rules: Callable[..., ModuleType], before: str, after: str, changes: bool
) -> None:
    """Whether they are imported by name, or taken from their module where they are used."""
    assert before in HELPERS
    assert (fingerprint(rules(helpers=HELPERS.replace(before, after))) != fingerprint(rules())) is changes


def test_evolve_may_be_any_callable(rules: Callable[..., ModuleType]) -> None:
    def prints(module: ModuleType) -> list[str]:
        shapes: list[Any] = [
            module.evolve,
            module.folded_by_lambda,
            module.made(2),
            module.made(3),
            module.Folding(),
            partial(module.evolve),
        ]
        return [fingerprint(module, evolve) for evolve in shapes]

    first, again = prints(rules()), prints(rules())
    assert first == again
    assert len(set(first)) == len(first)
    changed = prints(rules(RULES.replace("event.amount)", "event.amount + 1)").replace("plus(1)", "plus(2)")))
    assert [one == other for one, other in zip(first, changed, strict=True)].count(True) == 2  # those made by `made`


def test_code_without_its_source_is_told_by_its_instructions() -> None:
    def evolve(text: str) -> Any:
        found: dict[str, Any] = {"__name__": "nowhere"}
        exec(text, found)  # noqa: S102 - code without a file
        return found["evolve"]

    texts = ["def evolve(s, e):\n    return s + 1", "def evolve(s, e): return s + 1", "def evolve(s, e): return s + 2"]
    first, same, other = (Decider[Any, Any, Any]("part", 0, evolve(text)).fingerprint for text in texts)
    assert first == same
    assert first != other


def test_a_process_that_outlives_a_release_does_not_sign_for_its_code(rules: Callable[..., ModuleType]) -> None:
    """Its heads would pass for states of the new code, which never made them."""
    module = rules()
    old: Decider[Any, Any, Any] = Decider("part", module.State(), module.evolve)
    assert module.__file__
    Path(module.__file__).write_text(RULES.replace("BASE = 10", "BASE = 11"))
    assert old.fingerprint != fingerprint(rules(RULES.replace("BASE = 10", "BASE = 11")))


def evolve_otherwise(tally: Tally, fact: Counted) -> Tally:
    return replace(tally, total=fact.total, counts=tally.counts + 1000)


@pytest.fixture
def changed(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A head that the former code has left, under the changed one."""
    execute(Count(TALLY, 3), "one", actor="ann")
    before: Decider[Any, Any, Any] = TALLIES
    other = replace(before, evolve=evolve_otherwise)
    monkeypatch.setitem(decider.deciders, "tally", other)


@pytest.mark.usefixtures("changed")
def test_a_changed_evolve_folds_old_heads_anew() -> None:
    assert log.current("tally", TALLY).counts == 1000
    execute(Count(TALLY, 3), "two", actor="ann")
    assert json.loads(Stream.objects.get().state or "")["counts"] == 2000


@pytest.mark.django_db
@pytest.mark.usefixtures("sample", "changed")
def test_the_check_counts_heads_of_the_former_code() -> None:
    out = StringIO()
    call_command("check_projections", "lines", stdout=out)
    assert "1 hold a state of earlier code" in out.getvalue()
    out = StringIO()
    call_command("check_projections", "lines", "--json", stdout=out)
    assert next(found for found in json.loads(out.getvalue()) if found["name"] == "stream heads")["outdated"] == 1


def test_no_decider_of_this_product_is_told_by_its_instructions() -> None:
    """They would change with the version of Python."""
    from eventstore.evolution import evolve_code

    for kind in decider.deciders.values():
        assert evolve_code._source(kind.evolve, kind.declared_at)


def test_the_decider_of_the_sample_is_what_it_is() -> None:
    assert replace(TALLIES).fingerprint == TALLIES.fingerprint
    assert replace(TALLIES, decide=decide).fingerprint == TALLIES.fingerprint
    assert replace(TALLIES, version=2).fingerprint != TALLIES.fingerprint
    assert replace(TALLIES, initial=Tally(counts=1)).fingerprint != TALLIES.fingerprint
