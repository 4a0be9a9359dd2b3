"""The verifier as its user runs it: what holds, what is wrong, and what could not be checked have their exit codes."""

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from eventstore.verifier.__main__ import main
from tests.eventstore.verifier.sealed import (
    COMMANDS,
    EVENTS,
    KEY,
    ROWS,
    STRANGER,
    Json,
    command_proof,
    event_proof,
    stream_proof,
)

Run = Callable[..., int]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Writes documents into files, and runs the verifier over them."""

    def run(*documents: Json | str, keys: Sequence[str] = (), heads: str = "", options: Sequence[str] = ()) -> int:
        paths = [tmp_path / f"{number}.json" for number in range(len(documents))]
        for path, document in zip(paths, documents, strict=True):
            path.write_text(document if isinstance(document, str) else json.dumps(document))
        arguments = [*map(str, paths), *(f"--key={key}" for key in keys), *options]
        if heads:
            (tmp_path / "kept.txt").write_text(heads)
            arguments.append(f"--head={tmp_path / 'kept.txt'}")
        return main(arguments)

    return run


@pytest.mark.parametrize(
    "proof", [event_proof(), event_proof(0, 1), command_proof(), stream_proof(), EVENTS.consistency(3, 7)]
)
def test_a_true_proof_holds(run: Run, proof: Json) -> None:
    assert run(proof) == 0
    assert run(proof, keys=[str(KEY)]) == 0


def test_it_tells_what_the_row_says_and_whose_key_it_was(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    run(event_proof())
    said = capsys.readouterr().out
    assert "amount: 5" in said
    assert '"für Ä"' in said
    assert "came along" in said
    run(event_proof(), keys=[str(KEY)])
    assert "which you named" in capsys.readouterr().out


def leaves(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The way to each text, number and truth value in a document."""
    items: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, inner in items:
        yield from leaves(inner, (*path, name))
    if not isinstance(value, dict | list):
        yield path


def forged(document: Json, path: tuple[str | int, ...]) -> Json:
    """A document with another value at a place."""
    copy: Json = json.loads(json.dumps(document))
    *way, last = path
    at: Any = copy
    for name in way:
        at = at[name]
    old = at[last]
    at[last] = (not old) if isinstance(old, bool) else old + 1 if isinstance(old, int) else _other(old)
    return copy


def _other(text: str) -> str:
    """A text in which one character in the middle is another one of its kind, or one is added."""
    at = len(text) // 2
    while at >= 0 and not text[at].isalnum():
        at -= 1
    return f"{text[:at]}{'a' if text[at] != 'a' else 'b'}{text[at + 1 :]}" if at >= 0 else f"{text} "


@pytest.mark.parametrize("proof", [event_proof(), command_proof(), stream_proof(), EVENTS.consistency(3, 7)])
def test_a_forgery_in_any_place_is_found(run: Run, proof: Json, capsys: pytest.CaptureFixture[str]) -> None:
    places = list(leaves(proof))
    passed = [path for path in places if run(forged(proof, path), keys=[str(KEY)]) == 0]
    inert = {path for path in places if path[0] == "keys"}  # the caller's own key counts
    assert set(passed) == inert
    assert len(places) > 6


def test_a_row_that_was_changed_is_wrong_and_not_merely_unreadable(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    proof = event_proof()
    proof["event"] = {**proof["event"], "data": '{"amount":50,"reference":"für Ä"}'}
    assert run(proof) == 3
    assert "WRONG" in capsys.readouterr().out


def test_an_event_that_is_left_out_of_a_stream_is_found(run: Run) -> None:
    proof = stream_proof()
    proof["events"] = [row for row in proof["events"] if row != ROWS[3]]
    assert run(proof) == 3


def test_a_command_is_not_taken_for_an_event_nor_a_tree_for_the_other(run: Run) -> None:
    proof = {**event_proof(), "head": COMMANDS.note(3), "size": 3}
    assert run(proof) == 3


def test_a_head_by_a_stranger_is_wrong_for_who_knows_the_key(run: Run) -> None:
    other = EVENTS.note(7, STRANGER)
    assert run({**event_proof(), "head": other}, keys=[str(KEY)]) == 3


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", "no head", '{"format":"tidemark proof 1","kind":"new"}'])
def test_what_can_not_be_read_is_not_checked(run: Run, text: str) -> None:
    assert run(text, keys=[str(KEY)]) == 1


def test_a_line_break_can_not_move_text_from_one_column_to_the_next(run: Run) -> None:
    proof = event_proof()
    row = proof["event"]
    proof["event"] = {**row, "metadata": f"{row['metadata']}\n{row['data']}", "data": ""}
    assert run(proof) == 1


def test_a_name_that_is_there_twice_is_refused(run: Run) -> None:
    proof = event_proof()
    proof["event"] = {**proof["event"], "data": '{"amount":5,"amount":6}'}
    assert run(proof) != 0


def test_a_file_of_heads_is_checked_with_a_key_and_only_with_one(run: Run) -> None:
    heads = "\n".join([EVENTS.note(2), EVENTS.note(7), COMMANDS.note(3)])
    assert run(heads, keys=[str(KEY)]) == 0
    assert run(heads.rstrip("\n"), keys=[str(KEY)]) == 0
    assert run(heads) == 1
    assert run(heads.replace("\n7\n", "\n8\n"), keys=[str(KEY)]) == 3


def test_keys_may_be_in_a_file(run: Run, tmp_path: Path) -> None:
    keys = tmp_path / "keys.txt"
    keys.write_text(f"# of the bank\n{KEY}\n\n")
    assert run(event_proof(), keys=[str(keys)]) == 0
    assert run(event_proof(), keys=[str(tmp_path / "none.txt")]) == 1


def test_two_heads_of_one_size_that_differ_are_two_histories(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    other = type(EVENTS)("events", [(number, bytes(32)) for number in range(7)])
    assert run(event_proof(), other.note(7), keys=[str(KEY)]) == 3
    assert "rewritten" in capsys.readouterr().out


class TestAHeadThatWasKept:
    def test_it_covers_a_proof_that_leads_to_it(self, run: Run) -> None:
        assert run(event_proof(4, 7), heads=EVENTS.note(7)) == 0

    def test_another_one_needs_a_proof_of_how_they_continue_each_other(
        self, run: Run, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run(event_proof(1, 3), heads=EVENTS.note(7)) == 1
        assert "heads/consistency?tree=events&old=3&new=7" in capsys.readouterr().out
        assert run(event_proof(1, 3), EVENTS.consistency(3, 7), heads=EVENTS.note(7)) == 0

    def test_it_does_not_cover_what_is_newer(self, run: Run) -> None:
        assert run(event_proof(4, 7), EVENTS.consistency(3, 7), heads=EVENTS.note(3)) == 1
        assert run(event_proof(2, 7), EVENTS.consistency(3, 7), heads=EVENTS.note(3)) == 0

    def test_two_heads_that_continue_a_third_one_may_differ_beyond_it(self, run: Run) -> None:
        links = EVENTS.consistency(2, 5), EVENTS.consistency(2, 7)
        assert run(event_proof(1, 5), *links, heads=EVENTS.note(7)) == 0
        assert run(event_proof(4, 5), *links, heads=EVENTS.note(7)) == 1

    def test_it_is_of_the_same_log(self, run: Run) -> None:
        assert run(event_proof(), heads=COMMANDS.note(3)) == 1

    def test_it_shows_a_log_that_was_rewritten(self, run: Run) -> None:
        other = type(EVENTS)("events", [(number, bytes(32)) for number in range(7)])
        assert run(event_proof(), heads=other.note(7)) != 0
        assert run({**EVENTS.consistency(3, 7), "old": other.note(3)}, heads=other.note(3)) == 3

    def test_it_may_be_kept_as_the_site_answers_it(self, run: Run) -> None:
        head = {"tree": "events", "size": 7, "note": EVENTS.note(7)}
        for kept in ({"results": [head], "next": None}, head, {"heads": [head], "errors": []}):
            assert run(event_proof(4, 7), heads=json.dumps(kept)) == 0
            assert run(kept, keys=[str(KEY)]) == 0
            assert run(kept) == 1

    def test_a_proof_that_was_kept_brings_its_head(self, run: Run) -> None:
        kept = json.dumps(event_proof(4, 7))
        assert run(event_proof(2, 7), heads=kept) == 0
        assert run(event_proof(1, 3), heads=kept) == 1
        assert run(event_proof(1, 3), EVENTS.consistency(3, 7), heads=kept) == 0

    @pytest.mark.parametrize("kept", ["{", "{}", '{"results": 1}', '{"results": [1, {"note": 2}]}'])
    def test_a_document_without_a_head_keeps_none(self, run: Run, kept: str) -> None:
        assert run(event_proof(), heads=kept) == 1


def test_the_report_is_json_for_programs(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(event_proof(), "{", keys=[str(KEY)], options=("--json",)) == 1
    report = json.loads(capsys.readouterr().out)
    assert report["holds"][0]["head"]["size"] == 7
    assert report["holds"][0]["key_was_known"]
    assert [item["file"][-6:] for item in report["unchecked"]] == ["1.json"]
    assert report["wrong"] == []


def test_control_characters_do_not_reach_the_terminal(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    run('{"format":"tidemark proof 1","kind":"\\u001b[2J"}')
    assert "\x1b" not in capsys.readouterr().out


def test_the_help_teaches(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert all(text in said for text in ("examples", "--head", "exit codes", "encrypted"))
