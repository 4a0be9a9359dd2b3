"""The erasure list: written before an erasure is committed, read at every start."""

import json
import socketserver
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.files import locks
from django.db import transaction

from eventstore import log, personal
from eventstore.execute import execute
from eventstore.keys import erase_again, erasure_list, erasure_places
from eventstore.keys.erasure_lines import Entry, Word, entry_of, line_of, listing_of
from eventstore.log.identity import begin_epoch, identity
from eventstore.models import Command, Epoch, SubjectKey
from tests.eventstore.sample import NotePerson

PERSON, OTHER, LOG = UUID(int=1), UUID(int=2), UUID(int=9)
ERASED = Entry(datetime(2026, 11, 30, 16, 20, 0, 123456, UTC), Word.ERASED, PERSON, LOG, 3)
INTENDED, UNDONE = ERASED._replace(word=Word.INTENDED), ERASED._replace(word=Word.UNDONE)
LINE = (
    "1 2026-11-30T16:20:00.123456Z erased 00000000-0000-0000-0000-000000000001 "
    "00000000-0000-0000-0000-000000000009/3 c8a1f4da1e60cc75"
)


def text_of(*entries: Entry) -> str:
    return "".join(f"{line_of(entry)}\n" for entry in entries)


class TestLines:
    """What is stored for ever, and what is made of it."""

    def test_a_line_never_changes(self) -> None:
        assert line_of(ERASED) == LINE
        assert entry_of(LINE) == ERASED

    def test_a_line_that_was_torn_anywhere_is_known_as_such(self) -> None:
        assert [LINE[:length] for length in range(len(LINE)) if entry_of(LINE[:length])] == []

    def test_a_line_with_another_id_is_known_as_damaged(self) -> None:
        assert entry_of(LINE.replace("0000000001 ", "0000000002 ")) is None

    def test_a_torn_last_line_costs_nothing_before_it(self) -> None:
        listing = listing_of(text_of(ERASED) + LINE[:50])
        assert set(listing.erased) == {PERSON}
        assert listing.damaged == 1

    def test_an_intention_ends_with_the_erasure_or_with_its_undoing(self) -> None:
        assert set(listing_of(text_of(INTENDED)).intended) == {PERSON}
        assert listing_of(text_of(INTENDED, UNDONE)) == ({}, {}, 0)
        assert listing_of(text_of(INTENDED, ERASED)) == ({PERSON: ERASED}, {}, 0)

    def test_nothing_undoes_an_erasure(self) -> None:
        assert listing_of(text_of(ERASED, INTENDED, UNDONE)) == ({PERSON: ERASED}, {}, 0)


@pytest.fixture
def file(tmp_path: Path, settings: Any) -> Path:
    path = tmp_path / "erasures"
    settings.ERASURE_LIST = str(path)
    return path


def note(person: UUID = PERSON) -> None:
    execute(NotePerson(person, "Ann"), f"note {person}", actor="ann")


def words(file: Path) -> list[tuple[Word, UUID]]:
    entries = [entry_of(line) for line in file.read_text().splitlines()]
    return [(entry.word, entry.subject) for entry in entries if entry]


class TestFile:
    """A file, which several processes append to."""

    def test_it_is_private_and_made_when_it_is_needed(self, tmp_path: Path) -> None:
        place = erasure_places.FilePlace(tmp_path / "erasures")
        assert place.read() == ""
        place.append("one\n")
        assert place.path.stat().st_mode & 0o777 == 0o600

    def test_a_torn_line_is_not_continued(self, tmp_path: Path) -> None:
        place = erasure_places.FilePlace(tmp_path / "erasures")
        place.path.write_text(f"{LINE}\n{LINE[:30]}")
        place.append(text_of(ERASED._replace(subject=OTHER)))
        assert set(listing_of(place.read()).erased) == {PERSON, OTHER}

    def test_many_writers_lose_no_line(self, tmp_path: Path) -> None:
        place = erasure_places.FilePlace(tmp_path / "erasures")
        subjects = [UUID(int=number) for number in range(40)]
        threads = [
            threading.Thread(target=place.append, args=(text_of(ERASED._replace(subject=subject)),))
            for subject in subjects
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert set(listing_of(place.read()).erased) == set(subjects)

    def test_a_file_that_somebody_keeps_locked_is_not_waited_for_for_ever(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(erasure_places, "TIMEOUT_SECONDS", 0.0)
        monkeypatch.setattr(locks, "lock", lambda *_: False)
        with pytest.raises(personal.ErasureListUnavailable, match="another process keeps it locked"):
            erasure_places.FilePlace(tmp_path / "erasures").append("one\n")

    def test_a_folder_that_is_gone_is_said(self, tmp_path: Path) -> None:
        with pytest.raises(personal.ErasureListUnavailable, match="can't be written: No such file"):
            erasure_places.FilePlace(tmp_path / "away" / "erasures").append("one\n")

    @pytest.mark.parametrize("given", ["erasures", "s3://bucket/erasures", "file:///erasures", "https://"])
    def test_other_places_are_refused(self, given: str, settings: Any) -> None:
        settings.ERASURE_LIST = given
        with pytest.raises(ImproperlyConfigured, match="ERASURE_LIST must be"):
            erasure_places.place()


@pytest.fixture
def keeper(tmp_path: Path) -> Iterator[str]:
    """The URL of the service that comes along, which keeps the list on another machine."""
    path = Path(__file__).parents[2] / "deploy" / "erasure-list" / "erasure_list.py"
    if not path.exists():
        pytest.skip("the engine is tested without deploy/")
    spec = spec_from_file_location("erasure_list_service", path)
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    server = module.Keeper(("127.0.0.1", 0), tmp_path / "kept", "site:secret")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://site:secret@127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


class TestUrl:
    """A service on another machine."""

    def test_what_is_appended_is_read(self, keeper: str) -> None:
        place = erasure_places.WebPlace(keeper)
        assert place.read() == ""
        place.append("")  # as the doctor asks
        place.append(text_of(ERASED))
        place.append(text_of(ERASED._replace(subject=OTHER)))
        assert set(listing_of(place.read()).erased) == {PERSON, OTHER}

    def test_a_stranger_gets_and_adds_nothing(self, keeper: str) -> None:
        stranger = erasure_places.WebPlace(keeper.replace("secret", "guess"))
        for ask in (stranger.read, lambda: stranger.append(text_of(ERASED))):
            with pytest.raises(personal.ErasureListUnavailable, match="401"):
                ask()
        assert erasure_places.WebPlace(keeper).read() == ""

    def test_no_secret_is_shown(self, keeper: str) -> None:
        assert "secret" not in erasure_places.WebPlace(keeper).name

    def test_a_service_that_is_away_is_said(self) -> None:
        with pytest.raises(personal.ErasureListUnavailable, match="can't be written"):
            erasure_places.WebPlace("http://127.0.0.1:9/").append(text_of(ERASED))


OK = b"HTTP/1.1 200 OK\r\n"
ANSWERS = {
    "an error": b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n",
    "another address": b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n",
    "no HTTP": b"\x00\xff garbage\r\n\r\n",
    "nothing": b"",
    "a part": OK + b"Content-Length: 1000\r\n\r\n" + text_of(ERASED).encode(),
    "a part of a chunk": OK + b"Transfer-Encoding: chunked\r\n\r\n400\r\n" + text_of(ERASED).encode(),
}


@pytest.fixture
def canned() -> Iterator[Callable[[bytes], str]]:
    """Makes servers that answer each request with the same bytes, and hang up; without bytes they never answer."""
    servers, over = list[socketserver.TCPServer](), threading.Event()

    def serve(answer: bytes | None) -> str:
        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                self.request.recv(65_536)
                if answer is None:
                    over.wait(60)
                else:
                    self.request.sendall(answer)

        server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        return f"http://127.0.0.1:{server.server_address[1]}/"

    yield serve
    over.set()
    for server in servers:
        server.shutdown()
        server.server_close()


class TestUrlInTrouble:
    """Whatever a service answers but the whole list, the list is not available: nobody is forgotten."""

    @pytest.mark.parametrize("answer", ANSWERS)
    def test_what_is_no_answer_is_no_list(self, answer: str, canned: Callable[[bytes], str]) -> None:
        place = erasure_places.WebPlace(canned(ANSWERS[answer]))
        with pytest.raises(personal.ErasureListUnavailable, match=r"can't be read: \S"):
            place.read()
        with pytest.raises(personal.ErasureListUnavailable, match=r"can't be written: \S"):
            place.append(text_of(ERASED))

    def test_who_never_answers_is_not_waited_for(
        self, canned: Callable[[bytes | None], str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(erasure_places, "TIMEOUT_SECONDS", 0.05)
        place = erasure_places.WebPlace(canned(None))
        for ask in (place.read, lambda: place.append(text_of(ERASED))):
            with pytest.raises(personal.ErasureListUnavailable, match="timed out"):
                ask()

    def test_a_list_that_arrives_too_slowly_is_not_waited_for(
        self, canned: Callable[[bytes], str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(erasure_places, "READ_SECONDS", 0.0)
        with pytest.raises(personal.ErasureListUnavailable, match="takes too long"):
            erasure_places.WebPlace(canned(OK + b"\r\n" + text_of(ERASED).encode())).read()

    def test_a_page_is_no_list(self, canned: Callable[[bytes], str], settings: Any) -> None:
        settings.ERASURE_LIST = canned(OK + b"Content-Length: 24\r\n\r\n<html>Please sign in\n</>\n")
        with pytest.raises(personal.ErasureListUnavailable, match="is no erasure list"):
            erasure_list.known()

    def test_a_list_with_nothing_but_a_torn_line_is_one(self, file: Path) -> None:
        for torn in ("", text_of(ERASED)[:4], text_of(ERASED)[:60]):
            file.write_text(torn)
            assert not erasure_list.known().erased


@pytest.mark.django_db(transaction=True)
class TestErasing:
    """An erasure and its lines."""

    def test_is_announced_before_its_commit_and_confirmed_after(self, file: Path) -> None:
        note()
        with transaction.atomic():
            personal.erase(PERSON)
            assert words(file) == [(Word.INTENDED, PERSON)]
        assert words(file) == [(Word.INTENDED, PERSON), (Word.ERASED, PERSON)]
        assert listing_of(file.read_text()).erased[PERSON][3:] == identity()[:2]

    def test_is_not_done_if_the_list_can_t_be_written(self, settings: Any) -> None:
        settings.ERASURE_LIST = "/nowhere/erasures"
        note()
        with pytest.raises(personal.ErasureListUnavailable):
            execute(NotePerson(PERSON, "Ann"), "2", actor="ann", in_transaction=partial(personal.erase, PERSON))
        assert SubjectKey.objects.get().wrapped
        assert Command.objects.count() == 1

    def test_is_not_announced_by_a_rehearsal(self, file: Path) -> None:
        note()
        command = NotePerson(PERSON, "Ann")
        execute(command, "2", actor="ann", in_transaction=partial(personal.erase, PERSON), dry_run=True)
        assert not file.exists()

    def test_needs_no_line_a_second_time(self, file: Path) -> None:
        note()
        personal.erase(PERSON)
        personal.erase(PERSON)
        personal.erase(OTHER)  # of whom nothing is known
        assert words(file) == [(Word.INTENDED, PERSON), (Word.ERASED, PERSON)]

    def test_is_done_although_it_can_t_be_confirmed(
        self, file: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        """The announcement stands for it, so the answer may go out."""
        note()
        with transaction.atomic():
            personal.erase(PERSON)
            file.rename(file.with_name("moved"))
            file.mkdir()
        assert SubjectKey.objects.get().erased_at
        assert "the next start confirms it" in caplog.text
        file.rmdir()
        file.with_name("moved").rename(file)
        assert personal.apply_missing() == []
        assert words(file) == [(Word.INTENDED, PERSON), (Word.ERASED, PERSON)]


def bring_back(person: UUID = PERSON) -> None:
    """Put a person's key back, as a restore does."""
    SubjectKey.objects.filter(subject_id=person).delete()
    personal.conceal(NotePerson(person, "Ann"))


Erase = Callable[[], object]


@pytest.fixture
def erase(django_capture_on_commit_callbacks: Any) -> Erase:
    """Erases the person, and commits."""

    def erase() -> None:
        with django_capture_on_commit_callbacks(execute=True):
            personal.erase(PERSON)

    return erase


@pytest.mark.django_db
class TestStart:
    """What a start makes of the list."""

    def test_whom_a_restore_brought_back_is_erased_again(self, file: Path, erase: Erase) -> None:
        note()
        erase()
        bring_back()
        assert personal.apply_missing() == [PERSON]
        assert SubjectKey.objects.get().erased_at
        assert log.current("person", PERSON) is not None
        assert personal.apply_missing() == []

    def test_who_is_not_on_it_is_left_alone(self, file: Path) -> None:
        note()
        assert personal.apply_missing() == []
        assert personal.apply_missing([uuid4()]) == []
        assert SubjectKey.objects.get().wrapped

    def test_whom_somebody_else_knows_to_be_erased_is_erased_too(self, file: Path) -> None:
        """An archive, say, whose list of erasures is newer than its keys."""
        note()
        assert personal.apply_missing(also=[PERSON]) == [PERSON]
        assert words(file) == [(Word.ERASED, PERSON)]

    def test_without_a_list_nothing_is_done(self, settings: Any) -> None:
        settings.ERASURE_LIST = ""
        note()
        assert personal.apply_missing() == []
        assert personal.apply_missing(also=[PERSON]) == [PERSON]

    def test_a_new_list_learns_who_was_erased_before(self, file: Path, erase: Erase, settings: Any) -> None:
        settings.ERASURE_LIST = ""
        note()
        erase()
        settings.ERASURE_LIST = str(file)
        personal.apply_missing()
        assert words(file) == [(Word.ERASED, PERSON)]

    def test_what_was_rolled_back_is_undone_and_nobody_is_erased(self, file: Path) -> None:
        note()
        with transaction.atomic():
            personal.erase(PERSON)
            transaction.set_rollback(True)
        assert erase_again.unsettled(erasure_list.known()) == [PERSON]
        assert personal.apply_missing() == []
        assert SubjectKey.objects.get().wrapped
        assert words(file) == [(Word.INTENDED, PERSON), (Word.UNDONE, PERSON)]
        begin_epoch(Epoch.Cause.RESTORED)
        assert personal.apply_missing() == []

    def test_what_a_restore_may_have_lost_is_done_again(self, file: Path) -> None:
        """Announced, then the machine died, and an older database came back: nobody knows whether it was committed."""
        note()
        erasure_list.add([PERSON], Word.INTENDED)
        begin_epoch(Epoch.Cause.RESTORED)
        assert personal.apply_missing() == [PERSON]
        assert words(file)[-1] == (Word.ERASED, PERSON)

    def test_what_was_announced_in_another_log_is_not_ours(self, file: Path) -> None:
        note()
        file.write_text(text_of(INTENDED))
        assert personal.apply_missing() == []
        assert SubjectKey.objects.get().wrapped

    def test_who_was_erased_in_another_log_is_erased_in_its_copy_too(self, file: Path) -> None:
        note()
        file.write_text(text_of(ERASED))
        assert personal.apply_missing() == [PERSON]

    def test_whose_key_is_lost_is_erased_again_too(self, file: Path, erase: Erase) -> None:
        note()
        erase()
        SubjectKey.objects.all().delete()
        assert personal.apply_missing() == [PERSON]
        assert SubjectKey.objects.get().erased_at


@pytest.mark.django_db
class TestDoctor:
    """What the doctor says of it."""

    def says(self, level: str) -> str:
        from eventstore.checks.doctor.erasure_list import listed_erasures

        return " ".join(f"{each.says} {each.next}" for each in listed_erasures() if each.level == level)

    def test_it_counts_who_is_on_it(self, file: Path, erase: Erase) -> None:
        note()
        erase()
        assert "names 1 person; all are erased here" in self.says("ok")

    def test_it_misses_one_where_others_reach_the_site(self, settings: Any) -> None:
        settings.ERASURE_LIST, settings.ALLOWED_HOSTS = "", ["localhost"]
        assert "this site is for this machine" in self.says("ok")
        settings.ALLOWED_HOSTS = ["site.example"]
        assert "Set ERASURE_LIST to a file on another machine's disk" in self.says("look")

    def test_it_finds_a_list_that_can_t_be_written(self, settings: Any) -> None:
        settings.ERASURE_LIST = "/nowhere/erasures"
        assert "can't be written: No such file" in self.says("act")

    def test_it_finds_who_came_back_what_was_not_committed_and_damage(self, file: Path, erase: Erase) -> None:
        note()
        note(OTHER)
        erase()
        bring_back()
        erasure_list.add([OTHER], Word.INTENDED)
        file.write_text(f"{LINE[:60]}\n{file.read_text()}")
        assert "1 person on it can be read in the database again" in self.says("act")
        assert "1 lines of it can't be read" in self.says("look")
        assert "1 erasures on it were begun, and not committed" in self.says("look")


def test_lines_hold_nothing_but_ids_and_times() -> None:
    assert json.dumps(line_of(ERASED)).count(" ") == 5
