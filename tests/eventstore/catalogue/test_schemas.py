"""Shapes become schemas: whatever is stored fits its own, and what can't be stored does not."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
import pytest

from eventstore.catalogue import json_schema
from eventstore.catalogue.entries import Entry, entry_of
from eventstore.evolution.files import Versions
from eventstore.evolution.notation import Shape
from eventstore.messages import canonical, upcaster
from eventstore.messages.upcasters import declared
from tests.eventstore.catalogue.sample import BoxFilled, Colour, Part, kinds
from tests.eventstore.catalogue.schemas import Schemas

pytestmark = pytest.mark.once("schemas are made of code, and no database")

OLD: Versions = {
    1: Shape({"hamper_id": "UUID", "weight": "str"}),
    2: Shape({"hamper_id": "UUID", "weight": "int", "code": "bytes"}),
}
FULL = BoxFilled(
    hamper_id=UUID(int=1),
    owner_id=None,
    owner="Ann",
    weight=3,
    price=Decimal("1E+2"),
    colour=Colour.BLUE,
    size=3,
    sealed=True,
    code=b"\xff",
    at=datetime(2026, 1, 1, tzinfo=UTC),
    day=date(2026, 1, 1),
    hour=time(1, 2, 3, tzinfo=UTC),
    lasts=timedelta(hours=1),
    label="abc",
    count=1,
    parts=(Part(1), Part(2, "x")),
    first=Part(3),
    pair=(1, "x"),
    tags=frozenset({"a"}),
    extra={"a": [1, None]},
    either="x",
)


def found() -> list[Entry]:
    recorded: dict[str, Versions] = {"hamper.filled": OLD}
    return [entry_of(kind, recorded.get(kind.name, {}), {}, {}) for kind in kinds()]


def stored(**changed: Any) -> dict[str, Any]:
    data: dict[str, Any] = {**msgspec.json.decode(canonical(FULL)), **changed}
    return {name: value for name, value in data.items() if value != "gone"}


@pytest.fixture(scope="module")
def schemas() -> Schemas:
    return Schemas(json_schema(found()))


def test_what_is_stored_fits(schemas: Schemas) -> None:
    assert schemas.faults("hamper-filled", stored()) == []
    assert schemas.faults("hamper-filled", stored(owner=None, later=None, owner_id=str(UUID(int=2)))) == []


@pytest.mark.parametrize(
    "changed",
    [
        {"hamper_id": "x"},
        {"hamper_id": None},
        {"owner": 3},
        {"weight": "3"},
        {"price": 1.5},
        {"price": "NaN"},
        {"colour": "green"},
        {"size": "l"},
        {"sealed": 1},
        {"at": "yesterday"},
        {"day": "2026-02-30"},
        {"label": "a"},
        {"label": "abcdef"},
        {"count": 0},
        {"count": 10},
        {"parts": [{"number": "1"}]},
        {"pair": [1]},
        {"pair": [1, "x", 2]},
        {"either": None},
        {"nothing": 1},
        {"weight": "gone"},
        {"nothing": "gone"},
    ],
    ids=str,
)
def test_what_could_not_be_stored_does_not_fit(schemas: Schemas, changed: dict[str, Any]) -> None:
    assert len(schemas.faults("hamper-filled", stored(**changed))) == 1


@pytest.mark.parametrize("name", ["owner", "later"])
def test_personal_and_unset_fields_may_be_left_out(schemas: Schemas, name: str) -> None:
    assert schemas.faults("hamper-filled", stored(**{name: "gone"})) == []


def test_consumers_need_not_mind_fields_that_are_added(schemas: Schemas) -> None:
    assert schemas.faults("hamper-filled", stored(new=1))
    assert Schemas(json_schema(found()), closed=False).faults("hamper-filled", stored(new=1)) == []


def test_each_version_has_its_schema_and_an_example_that_fits(schemas: Schemas) -> None:
    document = json_schema(found())
    names = {name for name in document["$defs"] if name.startswith("hamper-filled")}
    assert names == {"hamper-filled", "hamper-filled-v1", "hamper-filled-v2", "hamper-filled-message"}
    examples = {name: schema.get("examples", []) for name, schema in document["$defs"].items()}
    assert all(examples[name] for name in examples.keys() - {"envelope", "hamper-named", "hamper-named-message"}), (
        examples
    )
    for name, made in examples.items():
        assert [fault for each in made for fault in schemas.faults(name, each)] == []


def test_notes_tell_units_and_meaning() -> None:
    fields = json_schema(found())["$defs"]["hamper-filled"]["properties"]
    assert fields["weight"] == {
        "type": "integer",
        "description": "with the lid",
        "x-unit": "grams",
        "examples": [250],
    }
    assert fields["price"]["description"] == "of all that is in it"
    assert fields["owner"]["x-subject"] == "owner_id"
    assert "description" not in fields["day"], "a remark for a tool"


def test_an_old_field_of_another_type_is_told_nothing_of() -> None:
    schemas = json_schema(found())["$defs"]
    assert schemas["hamper-filled-v1"]["properties"]["weight"] == {"type": "string"}
    assert schemas["hamper-filled-v2"]["properties"]["weight"]["x-unit"] == "grams"


def test_upcasters_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eventstore.messages.upcasters._upcasters", dict(declared()))

    @upcaster("hamper.filled", since=1, example={"weight": "heavy"})
    def in_grams(data: dict[str, Any]) -> dict[str, Any]:
        """Weights were words."""
        return {**data, "weight": 1}

    (entry,) = (entry for entry in found() if entry.name == "hamper.filled")
    first, second, _ = entry.versions
    assert (first.upcast_by, first.upcast) == ("in_grams", "Weights were words.")
    assert first.example == {"hamper_id": first.example and first.example["hamper_id"], "weight": "heavy"}
    assert second.upcast_by is None


def test_the_docstring_is_the_description_and_that_of_dataclasses_is_none() -> None:
    told = {entry.name: entry.description for entry in found()}
    assert told["hamper.filled"] == "A box was filled, and nobody looked into it."
    assert told["hamper.emptied"] == ""
