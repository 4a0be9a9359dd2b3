"""The gate: no event, command or projector changes unnoticed."""

import json
import re
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.core.checks import run_checks
from django.core.management import CommandError, call_command

from eventstore.evolution import gate
from eventstore.evolution.fingerprint import fingerprint, first_fingerprint
from eventstore.projecting.declaration.registry import projections
from tests.eventstore.codebase import Codebase, codebase

OPENED = """
@event("door.opened")
class DoorOpened:
    door_id: UUID
    by: str
"""
OPENED_2 = """
@event("door.opened", version=2)
class DoorOpened:
    door_id: UUID
    by: str
    floor: int
"""
UPCASTER = """
@upcaster("door.opened", since=1)
def doors_were_on_the_ground(data):
    return {**data, "floor": 0}
"""
OPEN = """
@command("door.open")
class OpenDoor:
    door_id: UUID
    by: str = ""
"""
LINES = """
@rows(Line, delayed=True)
def lines(event: Counted, record):
    yield Line(position=record.position, tally_id=event.tally_id, amount=signed(event.amount))

def signed(amount):
    return amount
"""


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Codebase]:
    with codebase(tmp_path) as app:
        yield app


def test_what_is_recorded_passes(app: Codebase) -> None:
    app.has(OPENED + OPEN + LINES)
    assert list(app.findings()) == ["W001"]
    app.record()
    assert app.findings() == {}


def test_the_file_reads_like_the_classes(app: Codebase) -> None:
    app.has(
        OPENED.replace("by: str", "by: Personal = None").replace('"door.opened"', '"door.opened", subject="door_id"')
    )
    app.record()
    assert json.loads(app.shapes.read_text()) == {
        "events": {"door.opened": {"1": {"fields": {"door_id": "UUID", "by": "Personal = None"}, "subject": "door_id"}}}
    }


@pytest.mark.parametrize(
    ("before", "after", "difference"),
    [
        ("by: str", "by: int", "by was str, is int"),
        ("by: str", "by: str | None", "by was str, is str | None"),
        ("by: str", "by: str = 'ann'", "by was str, is str = 'ann'"),
        ("by: str", "by: str\n    floor: int = 0", "floor is new (int = 0)"),
        ("    by: str\n", "", "by is gone (str)"),
        ('"door.opened"', '"door.opened", subject="door_id"', "its subject was None, is door_id"),
    ],
)
def test_an_event_that_changed_without_a_new_version_is_found(
    app: Codebase, before: str, after: str, difference: str
) -> None:
    app.has(OPENED)
    app.record()
    app.has(OPENED.replace(before, after))
    assert list(app.findings()) == ["E001"]
    assert difference in app.findings()["E001"]


def test_so_is_a_command(app: Codebase) -> None:
    app.has(OPEN)
    app.record()
    app.has(OPEN.replace('by: str = ""', "by: str"))
    assert list(app.findings()) == ["E001"]


def test_an_encrypted_field_that_becomes_clear_is_found(app: Codebase) -> None:
    secret = OPENED.replace('"door.opened"', '"door.opened", subject="door_id"').replace("by: str", "by: Personal")
    app.has(secret)
    app.record()
    app.has(secret.replace("by: Personal", "by: str | None"))
    assert "by was Personal, is str | None" in app.findings()["E001"]


def test_order_names_and_docstrings_are_free_to_change(app: Codebase) -> None:
    app.has(OPENED)
    app.record()
    app.has('''
@event("door.opened")
class SomebodyOpenedADoor:
    """A door is open."""
    by: str
    door_id: UUID
''')
    assert app.findings() == {}


def test_a_new_version_needs_an_upcaster(app: Codebase) -> None:
    app.has(OPENED)
    app.record()
    app.has(OPENED_2)
    assert list(app.findings()) == ["E003", "W001"]
    app.has(OPENED_2 + UPCASTER)
    assert list(app.findings()) == ["W001"]
    app.record()
    assert app.findings() == {}


def test_an_upcaster_that_is_taken_away_is_missed(app: Codebase) -> None:
    app.has(OPENED_2 + UPCASTER)
    app.record()
    app.has(OPENED_2)
    assert "no upcaster leads on from version 1" in app.findings()["E003"]


def test_old_versions_stay_in_the_file(app: Codebase) -> None:
    app.has(OPENED)
    app.record()
    app.has(OPENED_2 + UPCASTER)
    app.record()
    assert list(json.loads(app.shapes.read_text())["events"]["door.opened"]) == ["1", "2"]


def test_a_version_does_not_go_down(app: Codebase) -> None:
    app.has(OPENED_2 + UPCASTER)
    app.record()
    app.has(OPENED)
    assert "went back from version 2 to 1" in app.findings()["E002"]


@pytest.mark.parametrize("code", [OPENED, OPEN])
def test_stored_names_never_go(app: Codebase, code: str) -> None:
    app.has(code)
    app.record()
    app.has("")
    assert "no class has this stored name" in app.findings()["E004"]


def test_a_projection_may_go(app: Codebase) -> None:
    app.has(LINES)
    app.record()
    app.has("")
    assert app.findings() == {}


def test_a_projector_that_changed_needs_a_new_version(app: Codebase) -> None:
    app.has(LINES)
    app.record()
    changed = LINES.replace("return amount", "return -amount")
    app.has(changed)
    assert "projection lines has changed" in app.findings()["E005"]
    app.has(changed.replace("delayed=True", "delayed=True, version=2"))
    assert list(app.findings()) == ["W001"]


NAMED = """
from typing import Annotated, TypeAlias, Union
from eventstore.log import CommandRecord
from . import messages as stored
from .messages import Closed, Opened, Open, Shut as Close

Either: TypeAlias = Union[Opened, Closed]
Doors = Opened | Closed
BOTH = (Opened, Closed)
SIGNS = {Opened: 1, Closed: -1}

@upcaster("door.opened", since=1)
def opened_by(data):
    return {**data, "by": ""}

def is_door(event: Either) -> bool:
    return isinstance(event, BOTH) and isinstance(event, Doors) and type(event) in {Opened, Closed}

@rows(Line, delayed=True)
def lines(event: Opened | Closed, record):
    match event:
        case Opened() | stored.Closed() if is_door(event):
            yield Line(position=record.position, tally_id=event.door_id, amount=SIGNS[type(event)])

@rows(Asked)
def asked(command: CommandRecord):
    if isinstance(command.command, (Open, Close)):
        yield Asked(number=command.number, accepted=isinstance(command.command, stored.Open))
"""
MESSAGES = """
from uuid import UUID
from eventstore.messages import command, event

@event("door.opened", version=2)
class Opened:
    door_id: UUID
    by: str

@event("door.closed")
class Closed:
    door_id: UUID

@command("door.open")
class Open:
    door_id: UUID

@command("door.shut")
class Shut:
    door_id: UUID
"""


@pytest.mark.parametrize("name", ["Opened", "Closed", "Open", "Shut", "Close", "Either", "Doors"])
def test_classes_of_messages_are_renamed_without_a_finding(app: Codebase, name: str) -> None:
    """In projectors, helpers, constants, upcasters, unions and under aliases; of commands and of events."""
    app.has(NAMED, messages=MESSAGES)
    app.record()
    assert app.findings() == {}
    code, classes = (re.sub(rf"\b{name}\b", f"Renamed{name}", text) for text in (NAMED, MESSAGES))
    app.has(code.replace("messages", "moved"), moved=classes)
    assert app.findings() == {}


def test_but_what_they_are_used_for_is_not_changed_without_one(app: Codebase) -> None:
    app.has(NAMED, messages=MESSAGES)
    app.record()
    changed = NAMED.replace("(Open, Close)", "Close").replace("Closed: -1", "Closed: -2")
    app.has(changed.replace("messages", "moved"), moved=MESSAGES)
    assert list(app.findings()) == ["E005"]


def test_a_fingerprint_of_the_first_algorithm_is_compared_by_it_and_then_recorded_again(app: Codebase) -> None:
    app.has(LINES)
    app.record()
    now, first = fingerprint(projections["lines"]), first_fingerprint(projections["lines"])
    app.shapes.write_text(app.shapes.read_text().replace(now, first))
    assert app.findings() == {}
    changed = LINES.replace("return amount", "return -amount")
    app.has(changed)
    assert list(app.findings()) == ["E005"]
    assert app.record().faults
    assert first in app.shapes.read_text()
    app.has(LINES)
    assert app.record().written == ["lines version 1"]
    assert now in app.shapes.read_text()
    assert app.record().written == []


def test_an_upcaster_is_tried_on_made_up_data_of_each_recorded_version(app: Codebase) -> None:
    app.has(OPENED)
    app.record()
    app.has(OPENED_2 + UPCASTER.replace("0}", "None}"))
    assert "door.opened at version 1 does not come out as version 2" in app.findings()["E007"]


def test_an_upcaster_that_can_not_do_without_a_field_is_found(app: Codebase) -> None:
    app.has(OPENED.replace("by: str", "by: str | None"))
    app.record()
    app.has(OPENED_2 + UPCASTER)
    assert "by" in app.findings()["E007"]


def test_an_upcaster_may_say_which_data_it_can_take(app: Codebase) -> None:
    app.has(OPENED)
    app.record()
    choosy = UPCASTER.replace('"floor": 0', '"floor": {"ann": 1}[data["by"]]')
    app.has(OPENED_2 + choosy)
    assert "KeyError" in app.findings()["E007"]
    app.has(OPENED_2 + choosy.replace("since=1", 'since=1, example={"by": "ann"}'))
    assert list(app.findings()) == ["W001"]


def test_a_personal_field_can_not_be_renamed(app: Codebase) -> None:
    """Its ciphertext is bound to the name, so it could never be decrypted."""
    secret = OPENED.replace('"door.opened"', '"door.opened", subject="door_id"').replace("by: str", "by: Personal")
    app.has(secret)
    app.record()
    renamed = secret.replace("by:", "who:").replace('"door.opened",', '"door.opened", version=2,')
    app.has(renamed + UPCASTER.replace('{**data, "floor": 0}', '{"door_id": data["door_id"], "who": data["by"]}'))
    assert "who is given what was not encrypted" in app.findings()["E007"]


def test_an_unneeded_upcaster_is_named(app: Codebase) -> None:
    app.has(OPENED + UPCASTER)
    assert "it is at version 1" in app.findings()["W002"]
    app.has(UPCASTER)
    assert "no message has this stored name" in app.findings()["W002"]


def test_an_event_and_a_command_of_one_name_are_found(app: Codebase) -> None:
    app.has(OPENED + OPEN.replace("door.open", "door.opened"))
    assert "both an event and a command" in app.findings()["E006"]


@pytest.mark.parametrize(
    "type",
    [
        "int | None",
        "tuple[int, ...]",
        "tuple[int, str]",
        "frozenset[UUID]",
        "dict[str, Any]",
        "Literal['a', 'b']",
        "Annotated[int, Meta(ge=5, lt=7)]",
        "Annotated[list[str], Meta(max_length=3)]",
        "Lock",
        "list[Lock | None]",
        "Colour",
        "datetime",
        "Decimal | None",
    ],
)
def test_data_can_be_made_up_for_any_type(app: Codebase, type: str) -> None:
    """A version that only counts up: the upcast data must be what the class takes."""
    imports = (
        "from dataclasses import dataclass\nfrom datetime import datetime\nfrom decimal import Decimal\n"
        "from enum import Enum\nfrom typing import Annotated, Any, Literal\nfrom msgspec import Meta\n"
        "Colour = Enum('Colour', {'RED': 'red', 'BLUE': 'blue'})\n"
        "@dataclass\nclass Lock:\n    keys: int\n    name: str | None = None\n"
    )
    first = OPENED.replace("by: str", f"what: {type}")
    app.has(imports + first)
    app.record()
    second = first.replace('"door.opened"', '"door.opened", version=2')
    app.has(imports + second + UPCASTER.replace('{**data, "floor": 0}', "data"))
    assert list(app.findings()) == ["W001"]
    app.has(imports + second + UPCASTER.replace('{**data, "floor": 0}', '{**data, "what": {"no": "way"}}'))
    assert "E007" in app.findings() or type.startswith("dict")


def test_a_file_that_a_merge_has_left_broken_is_a_finding(app: Codebase) -> None:
    app.has(OPENED)
    app.shapes.write_text("<<<<<<< ours")
    assert "version control" in app.findings()["E008"]


def test_recording_overwrites_nothing(app: Codebase) -> None:
    app.has(OPENED)
    app.record()
    before = app.shapes.read_text()
    app.has(OPENED.replace("str", "int"))
    assert [fault.id for fault in app.record().faults] == ["eventstore.E001"]
    assert app.shapes.read_text() == before


def test_recording_twice_writes_the_same(app: Codebase) -> None:
    closed = OPENED.replace("opened", "closed")
    app.has(OPENED + closed + OPEN + LINES)
    app.record()
    before = app.shapes.read_text()
    assert app.record().written == []
    app.has(LINES + OPEN + closed + OPENED)
    app.shapes.unlink()
    app.record()
    assert app.shapes.read_text() == before


def test_an_unreleased_shape_can_be_recorded_again(app: Codebase) -> None:
    app.has(OPENED + OPEN)
    app.record()
    app.has(OPENED_2 + UPCASTER + OPEN)
    app.record()
    app.has(OPENED.replace("str", "int") + OPEN)
    app.record(force=["door.opened"])
    recorded = json.loads(app.shapes.read_text())["events"]["door.opened"]
    assert recorded == {"1": {"fields": {"door_id": "UUID", "by": "int"}}}
    assert app.findings() == {}


def test_what_was_never_released_can_be_forgotten(app: Codebase) -> None:
    app.has(OPENED)
    app.record()
    app.has("")
    assert app.record(force=["door.opened"]).forgotten == ["door.opened"]
    assert not app.shapes.exists()


def test_only_known_names_are_forced(app: Codebase) -> None:
    app.has(OPENED)
    with pytest.raises(CommandError, match=r"'door\.openend'"):
        call_command("record_shapes", force=["door.openend"])


def test_the_command_for_the_pipeline_exits_with_3(app: Codebase) -> None:
    app.has(OPENED)
    output = StringIO()
    with pytest.raises(SystemExit) as stop:
        call_command("record_shapes", "--check", "--json", stdout=output)
    assert stop.value.code == 3
    assert json.loads(output.getvalue())[0]["id"] == "eventstore.W001"
    call_command("record_shapes", stdout=output)
    call_command("record_shapes", "--check", stdout=output)
    assert output.getvalue().endswith("as they were recorded.\n")


def test_the_command_shows_what_it_refuses_to_overwrite(app: Codebase) -> None:
    app.has(OPENED)
    app.record()
    app.has(OPENED.replace("str", "int"))
    output = StringIO()
    with pytest.raises(CommandError, match="not overwritten"):
        call_command("record_shapes", stdout=output)
    assert "record_shapes --force door.opened" in output.getvalue()


def test_the_gate_is_a_system_check(app: Codebase) -> None:
    app.has(OPENED)
    assert "eventstore.W001" in {found.id for found in run_checks(tags=["eventstore"])}


def test_the_shapes_of_this_product_are_recorded() -> None:
    assert gate.findings() == []
