"""`manage.py catalogue`: documents on stdout and in files, and what a pipeline stops at."""

import json
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tests.eventstore.codebase import Codebase, codebase

pytestmark = pytest.mark.once("it needs no database")

OPENED = '''
@event("door.opened")
class DoorOpened:
    """A door was opened."""
    door_id: UUID
    by: str
'''
SECOND = OPENED.replace('"door.opened"', '"door.opened", version=2').replace("by: str", "by: str\n    floor: int")
UPCASTER = '''
@upcaster("door.opened", since=1)
def on_the_ground(data):
    """All doors were on the ground."""
    return {**data, "floor": 0}
'''
CLOSED = """
@event("door.closed")
class DoorClosed:
    door_id: UUID
"""


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Codebase]:
    with codebase(tmp_path) as made:
        made.has(OPENED)
        made.record()
        yield made


def catalogue(*arguments: str) -> str:
    out = StringIO()
    call_command("catalogue", *arguments, stdout=out)
    return out.getvalue()


def check(*arguments: str) -> list[dict[str, Any]]:
    """The findings of a check that exits with 3."""
    out = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("catalogue", "--check", *arguments, "--json", stdout=out)
    assert ended.value.code == 3
    found: list[dict[str, Any]] = json.loads(out.getvalue())
    return found


def test_it_lists_what_there_is(app: Codebase) -> None:
    assert "door.opened" in catalogue()
    assert "A door was opened." in catalogue()
    (told,) = json.loads(catalogue("--json"))["messages"]
    assert told["fields"][1] == {"name": "by", "type": "str", "description": "", "unit": "", "personal": False}


def test_documents_go_to_stdout_or_into_a_folder(app: Codebase, tmp_path: Path) -> None:
    assert json.loads(catalogue("--format", "asyncapi"))["asyncapi"] == "3.0.0"
    folder = tmp_path / "new" / "folder"
    told = json.loads(catalogue("--output", str(folder), "--json"))
    assert told == {"files": [str(folder / "asyncapi.json"), str(folder / "json-schema.json")]}
    assert folder.joinpath("json-schema.json").read_text() == catalogue("--format", "json-schema")


def test_old_versions_are_there_with_their_upcasters(app: Codebase) -> None:
    app.has(SECOND + UPCASTER)
    app.record()
    schemas = json.loads(catalogue("--format", "json-schema"))["$defs"]
    assert schemas["door-opened-v1"]["x-upcast-by"] == "on_the_ground"
    assert list(schemas["door-opened"]["properties"]) == ["door_id", "by", "floor"]


@pytest.mark.parametrize("document", ["asyncapi", "json-schema"])
def test_a_file_that_is_up_to_date_passes_and_one_that_is_not_is_named(
    app: Codebase, tmp_path: Path, document: str
) -> None:
    catalogue("--output", str(tmp_path))
    file = str(tmp_path / f"{document}.json")
    assert "up to date" in catalogue("--check", file)
    app.has(SECOND + UPCASTER)
    app.record()
    (found,) = check(file)
    assert found["id"] == "OUT_OF_DATE"
    assert f"--format {document}" in found["next"]


def test_a_new_event_without_a_description_is_found(app: Codebase) -> None:
    assert "described" in catalogue("--check")
    app.has(OPENED + CLOSED)
    app.record()
    (found,) = check()
    assert (found["id"], "door.closed" in found["says"]) == ("NO_DESCRIPTION", True)


def test_one_that_is_not_recorded_is_found(app: Codebase) -> None:
    app.has(OPENED + CLOSED.replace("class DoorClosed:\n", 'class DoorClosed:\n    """Closed."""\n'))
    assert [found["id"] for found in check()] == ["NOT_RECORDED"]


def test_a_type_that_no_class_has_any_more_is_found(app: Codebase) -> None:
    app.has("")
    assert [found["id"] for found in check()] == ["UNKNOWN_TYPE"]


@pytest.mark.parametrize("text", [None, "{", "[]"])
def test_a_file_that_is_none_of_them_is_refused_or_out_of_date(app: Codebase, tmp_path: Path, text: str | None) -> None:
    file = tmp_path / "some.json"
    if text == "[]":
        file.write_text(text)
        assert [found["id"] for found in check(str(file))] == ["OUT_OF_DATE"]
        return
    if text is not None:
        file.write_text(text)
    with pytest.raises(CommandError):
        catalogue("--check", str(file))
