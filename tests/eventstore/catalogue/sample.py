"""Messages of every kind of field, and rules written in several ways."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from eventstore.messages import MessageType, Personal, command, event, type_of


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True)
class Part:
    number: int
    note: str | None = None


@event("hamper.filled", subject="owner_id", version=3)
class BoxFilled:
    """A box was filled,
    and nobody looked into it.

    This paragraph is for developers alone.
    """

    hamper_id: UUID
    owner_id: UUID | None
    owner: Personal
    weight: Annotated[int, Meta(description="with the lid", examples=[250], extra_json_schema={"x-unit": "grams"})]
    price: Decimal  # of all that is in it
    colour: Colour
    size: Literal["s", "m", 3]
    sealed: bool
    code: bytes
    at: datetime
    day: date  # pragma: no cover
    hour: time
    lasts: timedelta
    label: Annotated[str, Meta(min_length=2, max_length=5)]
    count: Annotated[int, Meta(ge=1, lt=10)]
    parts: tuple[Part, ...]
    first: Part
    pair: tuple[int, str]
    tags: frozenset[str]
    extra: dict[str, Any]
    either: int | str
    nothing: None = None
    later: int | UnsetType | None = UNSET


@event("hamper.emptied")
class BoxEmptied:
    hamper_id: UUID


@event("hamper.named")
class BoxNamed:
    """A box has a name."""

    hamper_id: UUID
    name: Annotated[str, Meta(pattern="^[A-Z]+$")]


@command("hamper.fill")
class Fill:
    """Fill a box."""

    hamper_id: UUID


@command("hamper.empty")
class Empty:
    """Empty a box."""

    hamper_id: UUID


MADE_FROM = {"filled": BoxFilled}


def filled(hamper_id: UUID) -> BoxFilled:
    return MADE_FROM["filled"](hamper_id)  # type: ignore[call-arg]


def by_match(_box: Any, order: Fill | Empty) -> Iterator[BoxFilled | BoxEmptied | BoxNamed]:
    match order:
        case Fill(hamper_id=hamper_id):
            yield filled(hamper_id)
        case Empty(hamper_id) if order.hamper_id:
            yield BoxEmptied(hamper_id)
        case _:
            yield BoxNamed(order.hamper_id, "REST")


def looks_only(_box: Any, order: Any) -> Iterator[BoxFilled | BoxEmptied]:
    if isinstance(order, BoxFilled):
        return
    match order.last:
        case BoxFilled():
            yield BoxEmptied(order.hamper_id)


def narrowed(_box: Any, order: Fill) -> Iterator[BoxEmptied]:
    list(by_match(None, order))  # to see whether it would be refused
    yield BoxEmptied(order.hamper_id)


def refuses(_box: Any, order: Fill) -> Iterator[BoxFilled]:
    raise ValueError(order)


def by_method(box: Any, order: Fill) -> Iterator[BoxFilled]:
    yield from box.fill(order)


def says_nothing(_box: Any, order: Fill):  # type: ignore[no-untyped-def]
    yield BoxNamed(order.hamper_id, "A")


by_lambda = lambda box, order: [BoxEmptied(order.hamper_id)]  # noqa: E731


def kinds() -> list[MessageType]:
    return [type_of(cls) for cls in (BoxFilled, BoxEmptied, BoxNamed, Fill, Empty)]
