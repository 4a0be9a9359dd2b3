"""A witness signs heads too, by its protocol; one that is away, or that refuses, never stops a seal."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from uuid import UUID

import pytest
from django.test import override_settings

from eventstore.execute import execute
from eventstore.integrity import others, seal_keys
from eventstore.integrity.sealer import Sealer, seal
from eventstore.integrity.trees import Tree
from eventstore.log.identity import begin_epoch
from eventstore.models import Epoch, TreeHead
from eventstore.verifier import notes
from tests.eventstore.sample import Count
from tests.eventstore.witnesses import Reply, Witness, served

pytestmark = pytest.mark.django_db

NOWHERE = "http://127.0.0.1:9/"  # the port of the protocol "discard", which nobody serves


def count(key: str) -> None:
    execute(Count(UUID(int=1), 1), key, actor="ann")


@pytest.fixture
def witness() -> Witness:
    return Witness(seal_keys.public(seal_keys.signing_key()))


@pytest.fixture
def asked(witness: Witness) -> Iterator[Witness]:
    """The witness, which the settings name."""
    with served(witness) as url, override_settings(SEAL_WITNESS_URL=url, SEAL_WITNESS_KEY=str(witness.key)):
        yield witness


def signers_of(head: TreeHead, witness: Witness) -> list[str]:
    keys = [*seal_keys.known_keys(), witness.key]
    return [key.name for key in notes.opened(head.note, keys)[1]]


def test_a_witness_signs_each_head_and_knows_what_it_grew_out_of(asked: Witness) -> None:
    for number in range(5):
        count(str(number))
        assert [signers_of(head, asked) for head in seal()] == [["localhost", asked.name]] * 2
    assert asked.statuses == [200] * 10


def test_it_is_not_asked_again_for_what_it_has_signed(asked: Witness) -> None:
    count("one")
    seal()
    assert seal() == []
    assert len(asked.statuses) == 2


def test_one_that_knows_of_more_than_we_thought_says_so_and_signs(asked: Witness) -> None:
    """As after a crash between its signature and our row, or after a seal that it has missed."""
    count("one")
    seal()
    count("two")
    with override_settings(SEAL_WITNESS_URL=NOWHERE):
        assert signers_of(seal()[0], asked) == ["localhost"]
    count("three")
    assert signers_of(seal()[0], asked) == ["localhost", asked.name]
    assert asked.statuses[2:4] == [409, 200]


def test_one_that_was_away_signs_the_newest_head_when_it_is_back(
    asked: Witness, caplog: pytest.LogCaptureFixture
) -> None:
    count("one")
    sealer = Sealer()
    with override_settings(SEAL_WITNESS_URL=NOWHERE):
        assert sealer.seal(Tree.EVENTS) is not None
        assert sealer.seal(Tree.EVENTS) is None
        assert sealer.seal(Tree.EVENTS) is None
    (told,) = caplog.messages
    assert "127.0.0.1:9 does not answer" in told
    head = sealer.seal(Tree.EVENTS)
    assert head is not None
    assert (head.size, signers_of(head, asked)) == (1, ["localhost", asked.name])
    assert caplog.messages[1:] == ["The witness is there again."]
    assert sealer.seal(Tree.EVENTS) is None


def test_a_new_epoch_is_a_new_log_to_it(asked: Witness) -> None:
    count("one")
    seal()
    begin_epoch(Epoch.Cause.DECLARED)
    assert [signers_of(head, asked) for head in seal()] == [["localhost", asked.name]] * 2
    assert asked.statuses == [200] * 4


def test_one_that_has_signed_another_history_signs_no_more(asked: Witness, caplog: pytest.LogCaptureFixture) -> None:
    count("one")
    (head, _) = seal()
    other = notes.read_head(head.note)
    asked.heads[other.origin] = notes.Head(other.origin, 50, bytes(32))
    count("two")
    assert signers_of(seal()[0], asked) == ["localhost"]
    assert "it has signed another head of this log" in caplog.messages[0]


def test_one_that_does_not_know_our_key_says_so(witness: Witness, caplog: pytest.LogCaptureFixture) -> None:
    witness.log_key = notes.Key("localhost", bytes(32))
    with served(witness) as url, override_settings(SEAL_WITNESS_URL=url, SEAL_WITNESS_KEY=str(witness.key)):
        count("one")
        assert len(seal()) == 2
    assert "manage.py seal --keys" in caplog.messages[0]


def test_a_signature_of_another_key_is_not_taken(asked: Witness, caplog: pytest.LogCaptureFixture) -> None:
    stranger = notes.Key(asked.name, bytes(32), notes.COSIGNATURE)
    with override_settings(SEAL_WITNESS_KEY=str(stranger)):
        count("one")
        assert seal()[0].note.count("— ") == 1
    assert "holds no signature by the key in SEAL_WITNESS_KEY" in caplog.messages[0]


@pytest.mark.parametrize(
    "reply",
    [
        (200, "text/plain", b"\xff\xfe nonsense \n\n\n"),
        (200, "text/plain", b""),
        (302, "text/plain", b""),
        (409, "text/x.tlog.size", b"99999999999999999999999"),
        (409, "text/x.tlog.size", b"-1"),
        (409, "text/plain", b"0"),
        (500, "text/html", b"<h1>down</h1>"),
    ],
)
def test_nonsense_is_told_and_never_stops_a_seal(
    witness: Witness, reply: Reply, caplog: pytest.LogCaptureFixture
) -> None:
    count("one")
    with (
        served(lambda path, body: reply) as url,
        override_settings(SEAL_WITNESS_URL=url, SEAL_WITNESS_KEY=str(witness.key)),
    ):
        assert len(seal()) == 2
    assert caplog.messages[0].startswith("No head is witnessed until this is over")


def spoilt(times: int, ending: str) -> Callable[[Witness, str], str]:
    """What a liar answers: its signatures, so many of them, each of another time, with something behind each."""

    def answer(witness: Witness, text: str) -> str:
        lines = []
        for number in range(times):
            witness.time = 1_700_000_000 + number
            lines.append(witness.cosignature(text).rstrip("\n") + ending + "\n")
        return "".join(lines)

    return answer


@pytest.mark.parametrize(
    "lie",
    [
        spoilt(300, ""),  # foreign verifiers take no note with more than a hundred signatures
        spoilt(1, "\x0b\N{EM DASH} stranger AAAAAAAA"),  # and none with a control character
        spoilt(1, "\x85\N{EM DASH} stranger AAAAAAAA"),
    ],
)
def test_what_a_liar_adds_to_its_signature_is_in_no_head(
    witness: Witness, lie: Callable[[Witness, str], str], tmp_path: Path
) -> None:
    def answer(_path: str, body: bytes) -> Reply:
        return 200, "text/plain", lie(witness, notes.split(body.decode().partition("\n\n")[2])[0]).encode()

    count("one")
    path = tmp_path / "heads"
    with (
        served(answer) as url,
        override_settings(SEAL_WITNESS_URL=url, SEAL_WITNESS_KEY=str(witness.key), SEAL_FILE=str(path)),
    ):
        heads = seal()
    for head in heads:
        assert signers_of(head, witness)[0] == "localhost"
        assert head.note.count("— ") <= 2
        assert all(each.isprintable() for each in head.note.replace("\n", ""))


def test_a_signature_over_another_root_is_not_taken(witness: Witness, caplog: pytest.LogCaptureFixture) -> None:
    def lie(_path: str, body: bytes) -> Reply:
        head = notes.read_head(body.decode().partition("\n\n")[2])
        return 200, "text/plain", witness.cosignature(head._replace(root=bytes(32)).text).encode()

    count("one")
    with (
        served(lie) as url,
        override_settings(SEAL_WITNESS_URL=url, SEAL_WITNESS_KEY=str(witness.key)),
    ):
        assert [signers_of(head, witness) for head in seal()] == [["localhost"]] * 2
    assert "holds no signature by the key in SEAL_WITNESS_KEY" in caplog.messages[0]


def test_a_redirect_is_not_followed(witness: Witness) -> None:
    count("one")
    elsewhere: list[str] = []

    def moved(path: str, body: bytes) -> Reply:
        return 302, f"text/plain\r\nLocation: {there}", b""

    def record(path: str, body: bytes) -> Reply:
        elsewhere.append(path)
        return 200, "text/plain", b""

    with (
        served(record) as there,
        served(moved) as url,
        override_settings(SEAL_WITNESS_URL=url, SEAL_WITNESS_KEY=str(witness.key)),
    ):
        assert len(seal()) == 2
    assert elsewhere == []


def test_one_that_answers_too_slowly_is_not_waited_for(
    witness: Witness, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    done = threading.Event()

    def slow(path: str, body: bytes) -> Reply:
        done.wait(60)
        return 200, "text/plain", b""

    monkeypatch.setattr(others, "SECONDS", 0.2)
    count("one")
    with (
        served(slow) as url,
        override_settings(SEAL_WITNESS_URL=url, SEAL_WITNESS_KEY=str(witness.key)),
    ):
        assert len(seal()) == 2
        done.set()
    assert caplog.messages


def test_an_answer_that_trickles_for_ever_leaves_nothing_open(
    witness: Witness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each seal asks anew: what is left of each would add up until no file can be opened any more."""
    over = threading.Event()

    def trickle() -> None:
        for _ in Tree:
            line, _address = server.accept()
            with line, suppress(OSError):
                while not over.wait(0.02):
                    line.sendall(b"H")  # of a status line that never ends

    monkeypatch.setattr(others, "SECONDS", 0.2)
    count("one")
    with socket.create_server(("127.0.0.1", 0)) as server:
        host, port = server.getsockname()
        accepting = threading.Thread(target=trickle, daemon=True)
        accepting.start()
        with override_settings(SEAL_WITNESS_URL=f"http://{host}:{port}/", SEAL_WITNESS_KEY=str(witness.key)):
            assert len(seal()) == 2
        asking = [thread for thread in threading.enumerate() if thread.name == "asking"]
        for thread in asking:
            thread.join(60)
        is_left = any(thread.is_alive() for thread in asking)
        over.set()
        accepting.join(60)
    assert not is_left


def test_a_witness_without_its_key_is_told(caplog: pytest.LogCaptureFixture) -> None:
    count("one")
    with override_settings(SEAL_WITNESS_URL=NOWHERE, SEAL_WITNESS_KEY=""):
        assert len(seal()) == 2
    assert "SEAL_WITNESS_KEY" in caplog.messages[0]


def test_what_it_signed_is_in_the_file_outside(asked: Witness, tmp_path: Path) -> None:
    count("one")
    path = tmp_path / "heads"
    with override_settings(SEAL_FILE=str(path)):
        (head, _) = seal()
    assert head.note in path.read_text()
    assert asked.cosignature(notes.split(head.note)[0]) in path.read_text()
