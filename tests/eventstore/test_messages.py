"""Declaring messages, and what can't be stored."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

import pytest

from eventstore import messages
from eventstore.errors import MessageError, PayloadRefused, UnknownMessage
from eventstore.messages import Personal, StreamKey, canonical, command, encode, event, type_of
from tests.eventstore.sample import Count, Counted, Move, PersonNoted


@event("crate.filled")
class CrateFilled:
    crate_id: UUID
    contents: Mapping[str, Any]


def test_a_message_finds_its_stream_by_the_name_of_its_id_field() -> None:
    tally_id = uuid4()
    assert type_of(Counted).streams_of(Counted(tally_id, 1, 1)) == (StreamKey("tally", tally_id),)


def test_a_command_may_name_several_streams_in_an_order_of_its_own() -> None:
    source, target = uuid4(), uuid4()
    assert type_of(Move).streams_of(Move(source, target, 1)) == (StreamKey("tally", source), StreamKey("tally", target))


def test_messages_are_frozen() -> None:
    with pytest.raises(AttributeError):
        Counted(uuid4(), 1, 1).amount = 2  # type: ignore[misc]


def test_equal_payloads_give_equal_bytes_whatever_the_order_of_their_keys() -> None:
    crate_id = uuid4()
    one, other = CrateFilled(crate_id, {"a": 1, "b": 2}), CrateFilled(crate_id, {"b": 2, "a": 1})
    assert encode(one) == encode(other)


@pytest.mark.parametrize(
    "value", [1.5, 1e20, float("nan"), float("inf"), {"deep": [1, {"er": 0.1}]}, "nul\0", {"nul\0": 1}, "\ud800"]
)
def test_what_a_database_would_refuse_or_change_is_refused(value: object) -> None:
    with pytest.raises(PayloadRefused):
        encode(CrateFilled(uuid4(), {"value": value}))


def test_the_six_characters_of_an_escaped_nul_are_harmless() -> None:
    assert encode(CrateFilled(uuid4(), {"value": "\\u0000"}))


@pytest.mark.parametrize("amount", [1.0, float("nan"), "1", None, True])
def test_a_field_that_holds_another_type_than_it_declares_is_refused(amount: Any) -> None:
    with pytest.raises(PayloadRefused, match="amount"):
        encode(Counted(uuid4(), amount, 1))


def test_a_payload_has_a_limit() -> None:
    with pytest.raises(PayloadRefused, match="too large"):
        canonical("x" * messages.MAX_PAYLOAD)


def test_a_float_field_is_refused_when_it_is_declared() -> None:
    with pytest.raises(MessageError, match="float"):

        @event("crate.weighed")
        class CrateWeighed:
            crate_id: UUID
            weight: float


def test_a_stored_name_belongs_to_one_class() -> None:
    with pytest.raises(MessageError, match="taken"):

        @event("tally.counted")
        class CountedTwice:
            tally_id: UUID


def test_a_stored_name_belongs_to_one_class_even_if_both_are_called_alike() -> None:
    class Counted:
        tally_id: UUID

    Counted.__qualname__ = "Counted"
    Counted.__module__ = "elsewhere"
    with pytest.raises(MessageError, match=r"taken by tests\.eventstore\.sample\.Counted"):
        event("tally.counted")(Counted)


def test_a_message_needs_the_id_of_its_stream() -> None:
    with pytest.raises(MessageError, match="crate_id"):

        @event("crate.lost")
        class CrateLost:
            where: str


def test_personal_data_needs_a_subject() -> None:
    with pytest.raises(MessageError, match="whose"):

        @command("crate.send")
        class SendBox:
            crate_id: UUID
            recipient: Personal


@pytest.mark.parametrize("name", ["Crate.filled", "crate", "crate.Filled", "crate filled", ""])
def test_a_stored_name_reads_category_dot_what_happened(name: str) -> None:
    with pytest.raises(MessageError, match="must read"):

        @event(name)
        class Something:
            crate_id: UUID


def test_personal_fields_are_known() -> None:
    assert type_of(PersonNoted).personal == ("name",)


def test_an_unknown_stored_name_says_what_to_do() -> None:
    with pytest.raises(UnknownMessage, match="upcaster"):
        messages.find(messages.events, "tally.forgotten")


def test_only_messages_have_a_type() -> None:
    with pytest.raises(MessageError, match="neither"):
        type_of(object())
    assert type_of(Count).name == "tally.count"
