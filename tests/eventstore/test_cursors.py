"""Cursors: a place in the log that names the same event for ever, or is refused."""

import base64
import re
import zlib
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from uuid_utils.compat import uuid7

from eventstore import feed
from eventstore.backends.rows import Identity
from eventstore.decider import Refusal, Refused
from eventstore.execute import execute
from eventstore.log import cursors, identity
from eventstore.log.cursor_text import PATTERNS, Cursor, Store, read_cursor
from eventstore.models import Epoch
from tests.eventstore.sample import Count
from tests.eventstore.tampering import lift_guards

LOG = Identity(UUID("01a22d44-df2f-7a95-8ff2-cb4ca1234567"), 3, 1_790_000_000_123_456)
EDGES = [0, 1, 127, 128, 2**32, 2**63 - 1]
TALLY = UUID(int=1)


def refusal_of(text: str, field: str | None = None) -> Refusal:
    with pytest.raises(Refused) as no:
        cursors.position_in(text, field=field)
    return no.value.refusal


class TestText:
    @pytest.mark.parametrize("store", Store)
    @pytest.mark.parametrize("place", EDGES)
    def test_what_is_written_is_read(self, place: int, store: Store) -> None:
        text = Cursor(LOG, place, store).text
        found = read_cursor(text)
        assert found
        assert (found.place, found.store, found.is_of(LOG)) == (place, store, True)

    @pytest.mark.parametrize("place", EDGES)
    def test_it_fits_into_a_url_as_it_is_and_looks_as_it_is_described(self, place: int) -> None:
        for store in Store:
            pattern = PATTERNS[store].strip("^$")
            assert re.fullmatch(pattern, Cursor(LOG, place, store).text)

    def test_it_is_short(self) -> None:
        assert len(Cursor(LOG, 1_000_000).text) <= 40

    @pytest.mark.parametrize(
        "other",
        [LOG._replace(log_id=uuid7()), LOG._replace(epoch=2), LOG._replace(began=LOG.began + 1)],
        ids=["log", "epoch", "epoch of the same number"],
    )
    def test_it_tells_logs_and_epochs_apart(self, other: Identity) -> None:
        found = read_cursor(Cursor(LOG, 7).text)
        assert found
        assert not found.is_of(other)

    def test_no_single_wrong_character_goes_unnoticed(self) -> None:
        text = Cursor(LOG, 7).text
        wrong = [text[:at] + other + text[at + 1 :] for at in range(len(text)) for other in "Aq_7" if text[at] != other]
        assert [read_cursor(each) for each in wrong] == [None] * len(wrong)

    @pytest.mark.parametrize("length", range(45))
    def test_a_part_of_one_is_none(self, length: int) -> None:
        text = Cursor(LOG, 2**63 - 1).text
        assert read_cursor(text[:length]) is None

    @pytest.mark.parametrize("text", ["", "5", "é" * 36, "A" * 36, "A" * 10_000, "=" * 40, "a b", "\0" * 40])
    def test_what_is_none_is_refused(self, text: str) -> None:
        assert read_cursor(text) is None

    @pytest.mark.parametrize(
        "tail",
        [
            b"\x03\x87\x00",
            b"\x03",
            b"\x03\x07\x07",
            b"\x03\x80",
            b"\xff" * 5 + b"\x07",
            b"\x03" + b"\xff" * 9 + b"\x01",
        ],
        ids=["longer than need be", "no place", "one more", "without an end", "epoch too high", "place too high"],
    )
    def test_a_right_checksum_makes_no_cursor_of_something_else(self, tail: bytes) -> None:
        body = b"\x01" + LOG.log_id.bytes + b"\0" * 4 + tail
        text = base64.urlsafe_b64encode(body + zlib.crc32(body).to_bytes(4, "big")).rstrip(b"=").decode()
        assert read_cursor(text) is None


@pytest.mark.django_db
class TestPlace:
    def test_a_cursor_of_the_present_epoch_is_its_position(self) -> None:
        assert [cursors.position_in(cursors.cursor(place)) for place in EDGES] == EDGES

    def test_plain_digits_are_a_position_of_the_present_epoch(self) -> None:
        assert cursors.position_in("0") == 0
        assert cursors.position_in(str(2**63 - 1)) == 2**63 - 1

    @pytest.mark.parametrize("text", ["", "-1", "1.0", "x", "٣", str(2**63), "9" * 60])
    def test_what_is_neither_is_malformed(self, text: str) -> None:
        refusal = refusal_of(text, "after")
        assert (refusal.code, refusal.field) == ("MALFORMED", "after")

    def test_a_cursor_of_the_other_store_is_malformed(self) -> None:
        assert refusal_of(cursors.cursor(5, Store.COMMANDS)).code == "MALFORMED"

    def test_one_of_an_epoch_that_is_over_is_refused_and_says_where_to_go_on(self) -> None:
        events = [execute(Count(TALLY, 1), str(number), actor="ann").position for number in range(3)]
        old = [cursors.cursor(place) for place in events]
        end = feed.last_drawn().position
        identity.begin_epoch(Epoch.Cause.RESTORED, "a copy of yesterday")
        refusal = refusal_of(old[0], "min_position")
        assert (refusal.code, refusal.field, refusal.details["changed"]) == ("LOG_CHANGED", "min_position", "epoch")
        assert (refusal.details["epoch"], refusal.details["cause"]) == (identity.identity().epoch, "restored")
        assert cursors.position_in(refusal.details["cursor"]) == events[0]
        assert "yesterday" not in str(refusal), "what people wrote is not for customers"
        beyond = Cursor(read(old[0]).identity, end + 5).text
        assert cursors.position_in(refusal_of(beyond).details["cursor"]) == end

    def test_no_later_epoch_may_have_cut_the_log_before_the_place_to_go_on(self) -> None:
        first = cursors.cursor(9)
        for end in (4, 7):
            add_epoch(position=end)
        assert cursors.position_in(refusal_of(first).details["cursor"]) == 4

    def test_one_of_an_epoch_that_is_not_known_begins_anew(self) -> None:
        present = identity.identity()
        for lost in (present._replace(epoch=present.epoch + 1), present._replace(began=present.began + 1)):
            refusal = refusal_of(Cursor(lost, 5).text)
            assert (refusal.code, refusal.details["changed"]) == ("LOG_CHANGED", "epoch")
            assert cursors.position_in(refusal.details["cursor"]) == 0

    def test_so_does_one_of_another_log(self) -> None:
        refusal = refusal_of(Cursor(LOG, 5).text)
        assert (refusal.code, refusal.details["changed"]) == ("LOG_CHANGED", "log")
        assert cursors.position_in(refusal.details["cursor"]) == 0

    def test_the_identity_comes_with_the_mark_and_costs_no_query(self) -> None:
        feed.advance()
        with CaptureQueriesContext(connection) as queries:
            mark = feed.mark()
            with cursors.telling(mark.identity):
                texts = [cursors.cursor(place) for place in range(100)]
                assert [cursors.position_in(text) for text in texts] == list(range(100))
        read_the_mark = [query for query in queries.captured_queries if "eventstore_epoch" in query["sql"]]
        assert len(read_the_mark) == 1
        assert mark.identity == identity.identity()

    def test_a_new_epoch_is_known_to_the_next_question(self) -> None:
        before = feed.mark().identity
        begun = identity.begin_epoch(Epoch.Cause.DECLARED, "a drill")
        assert before
        assert feed.mark().identity == begun == identity.identity()
        assert (begun.log_id, begun.epoch) == (before.log_id, before.epoch + 1)

    def test_a_number_that_others_have_seen_is_not_given_again(self) -> None:
        assert identity.begin_epoch(Epoch.Cause.NOTICED, "lost", above=7).epoch == 8


@pytest.mark.django_db
class TestReceipts:
    def test_a_receipt_has_the_cursor_of_its_last_event(self) -> None:
        receipt = execute(Count(TALLY, 1), "one", actor="ann")
        assert receipt.cursor == cursors.cursor(receipt.position)

    def test_so_has_a_refused_command_of_no_event(self) -> None:
        receipt = execute(Count(TALLY, 1_000), "one", actor="ann")
        assert receipt.cursor == cursors.cursor(0)

    def test_a_replay_has_the_same_cursor_also_in_another_epoch_which_refuses_it(self) -> None:
        first = execute(Count(TALLY, 1), "one", actor="ann")
        identity.begin_epoch(Epoch.Cause.RESTORED)
        again, new = execute(Count(TALLY, 1), "one", actor="ann"), execute(Count(TALLY, 1), "two", actor="ann")
        assert (again.replayed, again.cursor) == (True, first.cursor)
        assert refusal_of(again.cursor or "").code == "LOG_CHANGED"
        assert new.cursor == cursors.cursor(new.position)
        assert execute(Count(TALLY, 1), "two", actor="ann").cursor == new.cursor

    def test_the_command_tells_it_too(self) -> None:
        receipts = [execute(Count(TALLY, 1), "one", actor="ann")]
        identity.begin_epoch(Epoch.Cause.RESTORED)
        receipts.append(execute(Count(TALLY, 1), "two", actor="ann"))
        commands = feed.read_commands(0, feed.last_drawn().number)[-2:]
        told = [cursors.cursor_of_command(command.number, command.positions[-1]) for command in commands]
        assert told == [receipt.cursor for receipt in receipts]

    def test_a_rehearsal_has_none_as_its_position_will_be_another_event_s(self) -> None:
        assert execute(Count(TALLY, 1), "one", actor="ann", dry_run=True).cursor is None

    def test_a_command_from_before_the_epochs_is_replayed_without_as_it_was_answered(self) -> None:
        first = execute(Count(TALLY, 1), "one", actor="ann")
        lift_guards("eventstore_epoch")
        Epoch.objects.all()._raw_delete("default")
        identity.install(using="default")
        assert Epoch.objects.get().cause == Epoch.Cause.TAKEN_IN
        again = execute(Count(TALLY, 1), "one", actor="ann")
        assert (again.replayed, again.position, again.cursor) == (True, first.position, None)


def read(text: str) -> Cursor:
    found = read_cursor(text)
    assert found
    return found


def add_epoch(**fields: Any) -> None:
    """An epoch as a restored copy would have begun it."""
    newest = Epoch.objects.order_by("-epoch")[0]
    began_at = datetime(2030, 1, 1, tzinfo=UTC) + timedelta(days=newest.epoch)
    row = Epoch(epoch=newest.epoch + 1, log_id=newest.log_id, number=0, cause="restored", began_at=began_at, **fields)
    Epoch.objects.bulk_create([row])
