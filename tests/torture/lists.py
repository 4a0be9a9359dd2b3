"""A domain for the checker of histories: lists that only grow. A command appends to one, two or three."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from eventstore.decider import Decider, Refused, decides, register
from eventstore.messages import command, event


@event("list.appended")
class Appended:
    list_id: UUID
    element: int


@command("list.append_to_one")
class AppendToOne:
    list_id: UUID
    elements: tuple[int, ...]  # none: it only looks
    refuse: bool = False


@command("list.append_to_two", streams={"first_id": "list", "second_id": "list"})
class AppendToTwo:
    first_id: UUID
    second_id: UUID
    elements: tuple[int, ...]  # to the first; one higher to the second
    refuse: bool = False


@command("list.append_to_three", streams={"first_id": "list", "second_id": "list", "third_id": "list"})
class AppendToThree:
    first_id: UUID
    second_id: UUID
    third_id: UUID
    elements: tuple[int, ...]
    refuse: bool = False


@dataclass(frozen=True)
class Growing:
    elements: tuple[int, ...] = ()


def evolve(state: Growing, fact: Appended) -> Growing:
    return Growing((*state.elements, fact.element))


def append_to_one(_: Growing, order: AppendToOne) -> Iterator[Appended]:
    yield from _appended([order.list_id], order.elements, refuse=order.refuse)


def append_to_two(_: Growing, __: Growing, order: AppendToTwo) -> Iterator[Appended]:
    yield from _appended([order.first_id, order.second_id], order.elements, refuse=order.refuse)


def append_to_three(_: Growing, __: Growing, ___: Growing, order: AppendToThree) -> Iterator[Appended]:
    yield from _appended([order.first_id, order.second_id, order.third_id], order.elements, refuse=order.refuse)


def _appended(lists: list[UUID], elements: tuple[int, ...], *, refuse: bool) -> Iterator[Appended]:
    for element in elements:
        for place, list_id in enumerate(lists):
            yield Appended(list_id, element + place)
    if refuse:
        raise Refused("ROLLED_BACK", "This was to be refused.")


def one(state: Growing, order: AppendToOne) -> dict[str, Any]:
    return {"lists": [state.elements]}


def two(first: Growing, second: Growing, order: AppendToTwo) -> dict[str, Any]:
    return {"lists": [first.elements, second.elements]}


def three(first: Growing, second: Growing, third: Growing, order: AppendToThree) -> dict[str, Any]:
    return {"lists": [first.elements, second.elements, third.elements]}


register(
    Decider(category="list", initial=Growing(), evolve=evolve, decide=append_to_one, commands=AppendToOne, answer=one)
)
decides(AppendToTwo, decide=append_to_two, answer=two)
decides(AppendToThree, decide=append_to_three, answer=three)
