"""Whatever somebody plants in a file, the verifier has an exit code for it: it neither falls over nor is misled."""

import json
from pathlib import Path
from random import Random

import pytest

from eventstore.verifier import notes
from eventstore.verifier.__main__ import main
from eventstore.verifier.check import keys_from
from eventstore.verifier.outcome import CannotCheck
from tests.eventstore.verifier.sealed import KEY, Json, command_proof, event_proof, stream_proof

HALF = "\ud800"  # of a character; JSON can say it, and no file can hold it
CHANGES = 150
PLANTED = (
    b"-1",
    b"null",
    b'"',
    b"\\ud800",
    b"1e999",
    b"[" * 2000,
    b"{",
    b"\n\n",
    b"\xe2\x80\x94 ",
    b"\xff",
    b"\xc3\xa9",
)


def code(path: Path, content: bytes, *options: str) -> int:
    path.write_bytes(content)
    return main([str(path), *options])


def test_of_two_fields_with_one_name_none_is_believed(tmp_path: Path) -> None:
    proof = event_proof()
    text = json.dumps(proof)
    forged = json.dumps({**proof["event"], "data": '{"amount":999999}'})
    assert code(tmp_path / "proof.json", f'{{"event": {forged}, {text[1:]}'.encode(), f"--key={KEY}") == 1


@pytest.mark.parametrize("proof", [{**event_proof(), "head": HALF}, {**event_proof(), "keys": [f"{HALF}+00+AA=="]}])
def test_half_a_character_is_no_text(tmp_path: Path, proof: Json) -> None:
    assert code(tmp_path / "proof.json", json.dumps(proof).encode()) == 1
    proof = event_proof()
    proof["event"]["data"] = HALF
    assert code(tmp_path / "proof.json", json.dumps(proof).encode()) == 1


@pytest.mark.parametrize("line", ["2", "3"])
def test_base64_has_no_characters_beyond_ascii(line: str) -> None:
    note = {"2": "log\n1\né\n", "3": f"log\n1\nAA==\n\n{notes.DASH}log é\n"}[line]
    with pytest.raises(notes.InvalidNote):
        notes.read_head(note) if line == "2" else notes.split(note)


def test_a_file_of_keys_that_is_empty_is_no_reason_to_trust_others(tmp_path: Path) -> None:
    """Whoever makes a proof chooses the keys that come along with it."""
    (tmp_path / "keys").write_text("# none yet\n")
    with pytest.raises(CannotCheck):
        keys_from([str(tmp_path / "keys")])
    assert code(tmp_path / "proof.json", json.dumps(event_proof()).encode(), f"--key={tmp_path / 'keys'}") == 1


@pytest.mark.parametrize("seed", range(2))
def test_no_garbage_ends_it_without_an_exit_code(tmp_path: Path, seed: int) -> None:
    """Documents and heads in which bytes were changed, cut out, put in and copied."""
    rng = Random(seed)
    proof = event_proof()
    whole = [json.dumps(each, ensure_ascii=False) for each in (proof, command_proof(), stream_proof())]
    whole.append(f"{proof['head']}\n")
    heads = tmp_path / "heads.txt"
    heads.write_text(whole[-1])
    for _change in range(CHANGES):
        content = _changed(rng, rng.choice(whole).encode())
        assert code(tmp_path / "file", content, f"--key={KEY}", f"--head={heads}") in (0, 1, 3)
        assert code(heads, content, f"--key={KEY}") in (0, 1, 3)
        heads.write_text(whole[-1])


def _changed(rng: Random, content: bytes) -> bytes:
    changed = bytearray(content)
    for _time in range(rng.choice((1, 1, 2, 6))):
        at, other = rng.randrange(len(changed)), rng.randrange(len(changed))
        match rng.randrange(4):
            case 0:
                changed[at] ^= 1 << rng.randrange(8)
            case 1:
                changed[at : at + rng.randrange(1, 40)] = b"\n"
            case 2:
                changed[at : at + 10] = changed[other : other + 10]
            case _:
                changed[at:at] = rng.choice(PLANTED)
    return bytes(changed)
