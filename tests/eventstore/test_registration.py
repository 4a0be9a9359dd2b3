"""Registering deciders, and what their functions give: faults are named where they can first be seen."""

import importlib
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any, TypedDict
from uuid import UUID

import pytest

from eventstore import decider, log, messages
from eventstore.decider import Decider, decides, register
from eventstore.errors import MessageError
from eventstore.execute import execute
from eventstore.testing import given
from tests.eventstore import sample
from tests.eventstore.sample import Clear, Count, Counted, Move, PersonNoted, Reset, Tally

TALLY, OTHER = UUID(int=1), UUID(int=2)


@pytest.fixture(autouse=True)
def registries(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is registered here is forgotten."""
    monkeypatch.setattr(decider, "deciders", dict(decider.deciders))
    monkeypatch.setattr(decider, "handlers", dict(decider.handlers))
    monkeypatch.setattr(messages.declaration, "commands", dict(messages.commands))


@dataclass(frozen=True)
class Cart:
    items: tuple[str, ...] = ()


def evolve(cart: Cart, fact: Any) -> Cart:
    return cart


def decide(cart: Cart, order: Any) -> list[Any]:
    return []


def carts(**changes: Any) -> Decider[Any, Any, Any]:
    return Decider(**{"category": "cart", "initial": Cart(), "evolve": evolve, **changes})


# A second one


def test_a_second_decider_of_a_category_is_refused_with_both_places() -> None:
    with pytest.raises(MessageError, match=r"for tally: .*sample\.evolve, .*registration\.evolve\. A category has"):
        register(carts(category="tally"))
    assert decider.deciders["tally"] is sample.TALLIES


def test_a_second_function_that_decides_over_a_command_is_refused_with_both_places() -> None:
    for command in (Count, Move):
        with pytest.raises(MessageError, match=r"decide over .*sample\.\w+: .*sample\.decide\w*"):
            decides(command, decide=lambda *given: [])
    with pytest.raises(MessageError, match=r"sample\.decide and .*test_registration\.decide"):
        register(carts(decide=decide, commands=Count))
    assert "cart" not in decider.deciders, "a decider with one fault is not registered in part"


def test_a_second_one_of_lambdas_is_seen_too() -> None:
    register(carts(evolve=lambda cart, fact: cart))
    with pytest.raises(MessageError, match=r"Two deciders are registered for cart"):
        register(carts(evolve=lambda cart, fact: replace(cart, items=())))


def test_the_same_one_may_be_registered_again() -> None:
    register(sample.TALLIES)
    for _ in range(2):
        register(carts(evolve=lambda cart, fact: cart))
    decides(Move, decide=sample.decide_move)


MODULE = """
from dataclasses import dataclass
from uuid import UUID
from eventstore.decider import Decider, decides, register
from eventstore.messages import command

@command("cart.clear")
class ClearCart:
    cart_id: UUID

@dataclass(frozen=True)
class Cart:
    pass

def evolve(cart, fact):
    return cart

def decide(cart, order):
    return []

register(Decider("cart", Cart(), evolve, decide, ClearCart))
"""


def test_a_module_may_be_loaded_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "carts_of_a_shop.py").write_text(MODULE)
    monkeypatch.syspath_prepend(str(tmp_path))
    module = importlib.import_module("carts_of_a_shop")
    try:
        importlib.reload(module)
        assert decider.deciders["cart"].evolve is module.evolve
        (tmp_path / "carts_of_a_rival.py").write_text(MODULE.replace("cart.clear", "cart.empty"))
        with pytest.raises(MessageError, match=r"carts_of_a_shop\.evolve, the other by carts_of_a_rival\.evolve"):
            importlib.import_module("carts_of_a_rival")
    finally:
        sys.modules.pop("carts_of_a_shop", None)


# Half a declaration


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"category": ""}, "category '' can't be stored"),
        ({"category": "Cart"}, "category 'Cart' can't be stored"),
        ({"category": "x" * 65}, "at most 64"),
        ({"decide": decide}, "a decide, but no commands"),
        ({"commands": Clear}, "commands, but no decide"),
        ({"decide": decide, "commands": Counted}, "Counted is no class of commands"),
        ({"decide": decide, "commands": Cart}, "Cart is neither an @event nor a @command"),
        ({"evolve": None}, "evolve of cart is None. Give a function of the state and the event"),
        ({"evolve": lambda cart: cart}, "evolve of cart, can't be given the state and the event: too many positional"),
    ],
)
def test_half_a_declaration_is_refused(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(MessageError, match=says):
        register(carts(**changes))
    assert "cart" not in decider.deciders


async def decide_later(cart: Cart, order: Any) -> list[Any]:
    return []


def test_a_function_that_can_t_decide_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(decider.handlers, Move)
    for function, says in [
        (
            lambda tally, order: [],
            "can't be given the state of source_id, the state of target_id and the command: too many",
        ),
        (decide_later, "is async. Rules wait for nothing"),
        (None, "decide of Move is None"),
    ]:
        with pytest.raises(MessageError, match=says):
            decides(Move, decide=function)  # type: ignore[arg-type]
    with pytest.raises(MessageError, match="no class of commands"):
        decides(Move(TALLY, OTHER, 1), decide=sample.decide_move)  # type: ignore[arg-type]


# States that can be changed


@dataclass
class Loose:
    items: tuple[str, ...] = ()


@dataclass(frozen=True)
class Listing:
    items: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Nested:
    carts: tuple[Listing, ...] = ()


@dataclass(frozen=True)
class Shelf:
    by_name: Mapping[str, set[int]] = field(default_factory=dict)


class Typed(TypedDict):
    total: int


@pytest.mark.parametrize(
    ("state", "says"),
    [
        (Loose(), r"Loose is a class that is not frozen\. Make Loose a @dataclass\(frozen=True\)"),
        (Listing(), r"Listing\.items is a list\. Use tuple"),
        (Nested(), r"Nested\.carts\.items is a list"),
        (Shelf(), r"Shelf\.by_name is a set\. Use frozenset"),
        ({}, r"dict is a dict\. Use Mapping"),
        ([], r"list is a list"),
        (Cart(items=[]), r"The initial state of cart holds what can be changed in place"),  # type: ignore[arg-type]
    ],
)
def test_a_state_that_can_be_changed_in_place_is_refused(state: Any, says: str) -> None:
    with pytest.raises(MessageError, match=says):
        register(carts(initial=state))


class Opened(Cart):
    """Frozen by name only."""

    def __setattr__(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)


class Slotted:
    __slots__ = ("total",)


@dataclass(frozen=True)
class Holding:
    inner: Slotted | None = None


@pytest.mark.parametrize("state", [Opened(), type("Plain", (Cart,), {})()])
def test_a_state_that_only_inherits_from_a_frozen_class_is_refused(state: Any) -> None:
    with pytest.raises(MessageError, match=r"is a class that is not frozen\. Make \w+ a @dataclass\(frozen=True\)"):
        register(carts(initial=state))


@pytest.mark.parametrize("state", [Slotted(), Holding()])
def test_a_state_that_json_has_no_form_of_is_refused(state: Any) -> None:
    with pytest.raises(MessageError, match=r"is a Slotted, which JSON has no form of\. Make it a @dataclass"):
        register(carts(initial=state))


@dataclass(frozen=True)
class Sound:
    items: tuple[Cart, ...] = ()
    ids: frozenset[UUID] = frozenset()
    prices: Mapping[str, Decimal] = field(default_factory=dict)
    title: str | None = None


@pytest.mark.parametrize("state", [Sound(), Cart(), 0, "", None, ()])
def test_any_other_state_will_do(state: Any) -> None:
    register(carts(initial=state))


# What functions give


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (None, "returned a NoneType. It yields events, or returns a list of them"),
        (Counted(TALLY, 1, 1), "returned a Counted. It yields events"),
        ("text", "returned a str"),
        ([None], "gave what is no event. NoneType is neither an @event nor a @command. Declare"),
        ([iter([])], "gave what is no event. list_iterator is neither"),
        ([Count(TALLY, 1)], "gave what is no event. Count is a @command"),
        ([Counted], "gave what is no event. Counted is a class"),
        ([Counted(None, 1, 1)], "Counted belongs to None, which the command does not name"),  # type: ignore[arg-type]
        ([Counted(OTHER, 1, 1)], "belongs to tally:.*2, which the command does not name in its streams. Name it there"),
        ([PersonNoted(TALLY, "Ann")], "belongs to person:"),
    ],
)
def test_a_decision_gives_events_of_the_command_s_streams(
    answer: Any, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(decider.handlers, Clear, decider.Handler(lambda tally, order: answer, decider.no_answer))
    with pytest.raises(MessageError, match=says):
        given().when(Clear(TALLY))


def forgetful(tally: Tally, fact: Counted | Reset) -> Tally:
    if isinstance(fact, Counted):
        return replace(tally, total=fact.total)
    return None  # type: ignore[return-value]


def test_an_evolve_that_forgets_to_return_the_state_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(decider.deciders, "tally", replace(sample.TALLIES, evolve=forgetful))
    with pytest.raises(MessageError, match=r"test_registration\.forgetful gave None for Reset. It returns .* a Tally"):
        given(Counted(TALLY, 1, 1)).when(Clear(TALLY))


def _answering(answer: Any) -> Any:
    return lambda tally, order: answer


def test_an_answer_is_a_dict(monkeypatch: pytest.MonkeyPatch) -> None:
    cases: list[tuple[Any, str]] = [(None, "answered None"), (Cart(), "answered a Cart"), ([], "answered a list")]
    for answer, says in cases:
        handler = decider.Handler(sample.decide, _answering(answer))
        monkeypatch.setitem(decider.handlers, Clear, handler)
        with pytest.raises(MessageError, match=says):
            given().when(Clear(TALLY))


@pytest.mark.django_db
def test_a_command_on_a_category_without_a_decider_is_decided_without_states(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(decider.deciders, "tally")
    decider.handlers[Count] = decider.Handler(lambda tally, order: [Counted(TALLY, 1, 1)], decider.no_answer)
    assert execute(Count(TALLY, 1), "one", actor="ann").accepted


def test_nobody_decides_names_each_cause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(decider.handlers, Clear)
    says = (
        r"over tests\.eventstore\.sample\.Clear: name it .* register\(\) .* decides\(\); .* ready\(\).*INSTALLED_APPS"
    )
    with pytest.raises(MessageError, match=says):
        given().when(Clear(TALLY))
    with pytest.raises(MessageError, match="Counted is a @event, where a @command is needed"):
        decider.decide(Counted(TALLY, 1, 1), {})


# Streams share nothing


@dataclass(frozen=True)
class Board:
    scores: Mapping[str, int] = field(default_factory=dict)


def scribble(board: Board, fact: Counted | Reset) -> Board:
    """Changes in place what it promised not to."""
    board.scores[str(len(board.scores))] = 1  # type: ignore[index]
    return board


def decide_scribbling(board: Board, order: Count) -> Iterator[Counted]:
    board.scores["decided"] = 1  # type: ignore[index]
    if order.amount < 0:
        raise decider.Refused("NO", "No.")
    yield Counted(order.tally_id, order.amount, order.amount)


@pytest.mark.django_db
def test_a_state_that_is_changed_in_place_all_the_same_stays_in_its_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    boards = Decider("tally", Board(), scribble, decide_scribbling, Count)
    monkeypatch.setitem(decider.deciders, "tally", boards)
    monkeypatch.setitem(decider.handlers, Count, decider.Handler(decide_scribbling, decider.no_answer))
    for number, stream in enumerate((TALLY, OTHER, TALLY)):
        assert execute(Count(stream, 1), str(number), actor="ann").accepted
    assert execute(Count(TALLY, -1), "refused", actor="ann").refusal
    assert log.current("tally", TALLY) == log.load("tally", TALLY)[0] == Board({"0": 1, "1": 1})
    assert log.current("tally", OTHER) == log.load("tally", OTHER)[0] == Board({"0": 1})
    assert boards.initial == Board() == log.current("tally", UUID(int=9))


def force(tally: Tally, fact: Counted | Reset) -> Tally:
    """Changes what is frozen."""
    object.__setattr__(tally, "total", tally.total + 1)
    return tally


@pytest.mark.django_db
def test_a_frozen_state_that_is_changed_by_force_stays_in_its_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(decider.deciders, "tally", Decider("tally", Tally(), force, sample.decide, Count | Clear))
    for number, stream in enumerate((TALLY, OTHER, TALLY)):
        assert execute(Count(stream, 1), str(number), actor="ann").accepted
    assert log.current("tally", TALLY) == log.load("tally", TALLY)[0] == Tally(2)
    assert log.current("tally", OTHER) == log.load("tally", OTHER)[0] == Tally(1)


def misfill(tally: Tally, fact: Counted | Reset) -> Tally:
    """Gives text where the state declares a number."""
    return replace(tally, total="1")  # type: ignore[arg-type]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "write",
    [
        lambda: execute(Count(TALLY, 1), "one", actor="ann"),
        lambda: log.append("tally", TALLY, [Counted(TALLY, 1, 1)], actor="ann"),
    ],
)
def test_a_state_that_could_not_be_read_back_is_refused_before_it_is_kept(
    monkeypatch: pytest.MonkeyPatch, write: Callable[[], object]
) -> None:
    monkeypatch.setitem(decider.deciders, "tally", Decider("tally", Tally(), misfill, sample.decide, Count | Clear))
    with pytest.raises(MessageError, match=r"misfill gave a state of tally that can't be read back: Expected `int`, "):
        write()
    assert list(log.read_stream(TALLY)) == []
