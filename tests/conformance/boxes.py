"""A domain for the engine on top: boxes, whose facts hold values of every type that a fact may hold."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from eventstore.decider import Decider, Refused, register
from eventstore.messages import command, event


@event("box.filled")
class Filled:
    box_id: UUID
    text: str = ""
    number: int = 0
    contents: Mapping[str, Any] = field(default_factory=dict)
    moment: datetime | None = None
    day: date | None = None
    price: Decimal | None = None
    ids: tuple[UUID, ...] = ()


@command("box.fill")
class Fill:
    box_id: UUID
    text: str = ""
    contents: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Box:
    texts: tuple[str, ...] = ()


def fill(box: Box, order: Fill) -> list[Filled]:
    if order.text == "no":
        raise Refused("FULL", "It is full of %(what)s.", details={"é": [1, None]}, what="é")
    return [Filled(order.box_id, order.text, contents=order.contents)]


register(
    Decider(
        category="box",
        initial=Box(),
        evolve=lambda box, fact: replace(box, texts=(*box.texts, fact.text)),
        decide=fill,
        commands=Fill,
        answer=lambda box, order: {"texts": list(box.texts), "contents": dict(order.contents)},
    )
)
