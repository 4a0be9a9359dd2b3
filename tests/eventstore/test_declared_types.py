"""The types of messages' fields: what can't be stored exactly, or at all, is refused."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, NamedTuple, NewType, TypedDict
from uuid import UUID, uuid4

import msgspec
import pytest

from eventstore import messages
from eventstore.errors import MessageError, PayloadRefused
from eventstore.messages import command, encode, event

CRATE = UUID(int=1)


@pytest.fixture(autouse=True)
def registries(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is declared here is forgotten."""
    monkeypatch.setattr(messages.declaration, "events", dict(messages.events))
    monkeypatch.setattr(messages.declaration, "commands", dict(messages.commands))


@dataclass(frozen=True)
class Weight:
    grams: float


@dataclass
class Load:
    weights: tuple[Weight, ...]


class Rate(NamedTuple):
    percent: float


class Size(TypedDict):
    metres: float


class Price(msgspec.Struct):
    amount: float


class Rough(float):
    pass


class Opaque:
    pass


Ratio = NewType("Ratio", float)


def crate_with(hint: Any, default: Any = ...) -> Any:
    body: dict[str, Any] = {"__annotations__": {"crate_id": UUID, "content": hint}, "__module__": __name__}
    if default is not ...:
        body["content"] = default
    return event("crate.packed")(type("CratePacked", (), body))


@pytest.mark.parametrize(
    ("hint", "path"),
    [
        (float, "content"),
        (int | float, "content"),
        (list[float], "content"),
        (dict[str, float], "content"),
        (Mapping[str, tuple[int, float]], "content"),
        (Annotated[float, msgspec.Meta(ge=0)], "content"),
        (Ratio, "content"),
        (Rough, "content"),
        (complex, "content"),
        (Weight, "content.grams"),
        (Weight | None, "content.grams"),
        (Load, "content.weights.grams"),
        (dict[str, Load], "content.weights.grams"),
        (Rate, "content.percent"),
        (Size, "content.metres"),
        (Price, "content.amount"),
    ],
)
def test_a_float_is_refused_however_deep_it_is_declared(hint: Any, path: str) -> None:
    with pytest.raises(MessageError, match=rf"CratePacked\.{path} is a \w+, which is not exact\. Use"):
        crate_with(hint)


@pytest.mark.parametrize("hint", [Opaque, list[Opaque], dict[str, Opaque | None], list[int] | dict[str, int] | Load])
def test_a_type_without_a_form_in_json_is_refused(hint: Any) -> None:
    with pytest.raises(MessageError, match=r"CratePacked.*(can't be stored as JSON|is not exact)"):
        crate_with(hint)


def test_a_default_that_messages_would_share_is_refused() -> None:
    defaults: list[Any] = [[], {}, set()]
    for default in defaults:
        with pytest.raises(MessageError, match=r"CratePacked.*default_factory"):
            crate_with(list[int], default)
    with pytest.raises(MessageError, match=r"The default of CratePacked\.content can be changed.*default_factory"):
        crate_with(tuple[list[int], ...], ([],))


def test_an_id_is_declared_as_one() -> None:
    for hint in (str, int, Any, UUID | str):
        with pytest.raises(MessageError, match=r"CrateLost\.crate_id holds an id, so its type is UUID"):
            event("crate.lost")(type("CrateLost", (), {"__annotations__": {"crate_id": hint}}))
    annotations = {"crate_id": UUID, "person_id": str, "name": messages.Personal}
    with pytest.raises(MessageError, match=r"PersonSeen\.person_id holds an id"):
        event("crate.seen", subject="person_id")(type("PersonSeen", (), {"__annotations__": annotations}))


@pytest.mark.parametrize(
    ("name", "options", "says"),
    [
        (f"crate.{'x' * 130}", {}, "too long to be stored"),
        (f"{'x' * 65}.packed", {}, "too long to be stored"),
        (None, {}, "must read 'category.what_happened'"),
        ("crate.packed", {"version": 0}, "Versions are integers from 1"),
        ("crate.packed", {"version": "2"}, "Versions are integers from 1"),
        ("crate.packed", {"version": 40_000}, "from 1 to 32,767"),
    ],
)
def test_names_and_versions_fit_into_their_columns(name: Any, options: Any, says: str) -> None:
    with pytest.raises(MessageError, match=says):
        event(name, **options)(type("CratePacked", (), {"__annotations__": {"crate_id": UUID}}))


def test_streams_have_categories_and_fields_that_there_are() -> None:
    for streams, says in [({"other_id": "crate"}, "needs the field 'other_id'"), ({"crate_id": "Crate!"}, "category")]:
        with pytest.raises(MessageError, match=says):
            command("crate.ship", streams=streams)(type("Ship", (), {"__annotations__": {"crate_id": UUID}}))


@event("crate.sent")
class CrateSent:
    crate_id: UUID
    to: UUID | None = None
    day: date | None = None
    price: Decimal | None = None
    labels: tuple[str, ...] = ()
    foreign: Mapping[str, Any] = field(default_factory=dict)
    anything: object = None
    table: dict = field(default_factory=dict)  # type: ignore[type-arg]
    moment: datetime | None = None


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"to": str(CRATE)}, r"CrateSent\.to holds the str .*, and would be read back as the UUID"),
        ({"day": "2026-01-01"}, r"CrateSent\.day holds the str '2026-01-01'"),
        ({"labels": ["a", "b"]}, r"CrateSent\.labels holds a list, and would be read back as a tuple"),
        ({"price": "1.50"}, r"CrateSent\.price holds the str '1.50'"),
        ({"price": Decimal("NaN")}, r"CrateSent\.price is NaN, which is no number"),
        ({"price": Decimal("-Infinity")}, r"CrateSent\.price is -Infinity, which is no number"),
        ({"foreign": {"a": [{"b": 1.5}]}}, r"CrateSent\.foreign\['a'\]\[0\]\['b'\] is a float"),
        ({"foreign": {"a": Decimal("NaN")}}, r"CrateSent\.foreign\['a'\] is NaN"),
        ({"foreign": {"a": Weight(1.5)}}, r"CrateSent\.foreign\['a'\]\['grams'\] is a float"),
        ({"foreign": {"a": float("nan")}}, r"CrateSent\.foreign\['a'\] is a float"),
        ({"anything": 0.1}, r"CrateSent\.anything is a float"),
        ({"table": {"a": (1, 0.1)}}, r"CrateSent\.table\['a'\]\[1\] is a float"),
        ({"table": {1.5: "a"}}, r"A key of CrateSent\.table is a float|can't be stored"),
        ({"foreign": {"a": "b\0"}}, r"holds a NUL character"),
        ({"foreign": {"a": Opaque()}}, r"CrateSent can't be stored as JSON: .*Opaque"),
    ],
)
def test_a_value_that_would_not_be_read_back_is_refused_by_its_place(fields: dict[str, Any], says: str) -> None:
    with pytest.raises(PayloadRefused, match=says):
        encode(CrateSent(CRATE, **fields))


def test_a_value_that_is_read_back_as_it_is_can_be_stored() -> None:
    sent = CrateSent(
        uuid4(),
        to=CRATE,
        day=date(2026, 1, 1),
        price=Decimal("1.50"),
        labels=("a",),
        foreign={"list": [1, None, True], "id": CRATE, "price": Decimal("1.5"), "tuple": (1,)},
        anything="text",
    )
    assert encode(sent)


def test_a_message_of_an_undeclared_subclass_is_refused() -> None:
    """It would be stored as the class that it inherits from, without its own fields."""

    class Special(CrateSent):
        pass

    with pytest.raises(MessageError, match=r"Special inherits from .*CrateSent, and would be stored as 'crate.sent'"):
        encode(Special(CRATE))
