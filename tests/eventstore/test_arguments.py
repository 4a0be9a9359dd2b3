"""Arguments of calls that no caller can mean are refused at the call, with a sentence, before anything is done."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.utils.safestring import mark_safe

from eventstore import due, feed, log, personal
from eventstore.due import Occasion
from eventstore.errors import ArgumentRefused, MessageError, PayloadRefused
from eventstore.execute import CommandRequest, execute, execute_many, execute_request
from eventstore.execution import scheduler
from eventstore.forms import CommandForm
from eventstore.models import Command, Event
from eventstore.projecting import as_of, projections, wait_for
from tests.eventstore.sample import Count, Counted, NotePerson

pytestmark = pytest.mark.django_db

TALLY = UUID(int=1)
NOW = datetime(2026, 1, 1, tzinfo=UTC)

# Each with what the sentence says.
BLANKS = [(None, "None"), ("", "shows nothing"), ("   ", "shows nothing"), ("\u200b\u2060", "shows nothing")]
NO_TEXT = [(5, "the int '5', not text"), (b"key", "a bytes, not text"), ([], "a list, not text"), (0, "not text")]
UNSTORABLE = [
    ("x" * 256, "256 characters, and at most 255"),
    ("a\0b", r"U\+0000"),
    ("a\ud800b", r"U\+D800"),
    ("ann\nother", r"U\+000A"),
]
FAULTS = [*BLANKS, *NO_TEXT, *UNSTORABLE]


def by_execute(command: Any, key: Any, actor: Any) -> object:
    return execute(command, key, actor=actor)


def by_dry_run(command: Any, key: Any, actor: Any) -> object:
    return execute(command, key, actor=actor, dry_run=True)


def by_request(command: Any, key: Any, actor: Any) -> object:
    return execute_request(CommandRequest(command=command, key=key, actor=actor))


def by_many(command: Any, key: Any, actor: Any) -> object:
    return execute_many([CommandRequest(command=command, key=key, actor=actor)])


WAYS = [by_execute, by_dry_run, by_request, by_many]
Way = Callable[[Any, Any, Any], object]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("fault", "says"), FAULTS)
def test_a_key_that_names_no_request_is_refused(way: Way, fault: Any, says: str) -> None:
    """Three payments with the key None had been one, and two with a cut key would be."""
    with pytest.raises(ArgumentRefused, match=rf"^The key (is|has|holds) .*{says}"):
        way(Count(TALLY, 3), fault, "ann")
    assert not Command.objects.exists()


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("fault", "says"), FAULTS)
def test_an_actor_that_names_nobody_is_refused(way: Way, fault: Any, says: str) -> None:
    with pytest.raises(ArgumentRefused, match=rf"^The actor (is|has|holds) .*{says}"):
        way(Count(TALLY, 3), "one", fault)
    assert not Command.objects.exists()


@pytest.mark.parametrize(("fault", "says"), FAULTS)
def test_an_actor_of_an_append_too(fault: Any, says: str) -> None:
    with pytest.raises(ArgumentRefused, match=rf"^The actor (is|has|holds) .*{says}"):
        log.append("tally", TALLY, [Counted(TALLY, 1, 1)], actor=fault)


@pytest.mark.parametrize("text", ["x" * 255, "é" * 255, "two words", "银行", "a'b", UUID(int=7)])
def test_any_other_text_is_kept_as_it_is(text: str | UUID) -> None:
    assert execute(Count(TALLY, 3), text, actor=str(text)).accepted
    stored = Command.objects.get()
    assert (stored.key, stored.actor) == (str(text), str(text))


@pytest.mark.parametrize("way", WAYS)
def test_a_command_whose_id_is_text_is_refused_by_the_name_of_its_field(way: Way) -> None:
    with pytest.raises(ArgumentRefused, match=r"Count\.tally_id is the str .*, not a UUID\. Give UUID\('0{8}"):
        way(Count(str(TALLY), 3), "one", "ann")  # type: ignore[arg-type]


@pytest.mark.parametrize("way", WAYS)
def test_what_is_no_command_is_refused(way: Way) -> None:
    for what, says in [
        (Counted(TALLY, 1, 1), "Counted is a @event, where a @command is needed"),
        (Count, r"Count is a class\. Give a message of it"),
        ({"tally_id": TALLY}, "dict is neither an @event nor a @command"),
        (None, "NoneType is neither"),
    ]:
        with pytest.raises(MessageError, match=says):
            way(what, "one", "ann")


@pytest.mark.parametrize("way", WAYS)
def test_a_command_that_can_t_be_stored_is_refused_before_anything_is_locked(way: Way) -> None:
    for amount in ("3", None, 3.0):
        with pytest.raises(PayloadRefused, match=r"Count can't be stored: .*amount"):
            way(Count(TALLY, amount), "one", "ann")  # type: ignore[arg-type]
    with pytest.raises(PayloadRefused, match=r"NotePerson\['name'\] holds a NUL"):
        way(NotePerson(TALLY, "a\0b"), "one", "ann")


@pytest.mark.parametrize(
    ("option", "value", "says"),
    [
        ("correlation_id", str(TALLY), "correlation_id is the str"),
        ("causation_id", 7, "causation_id is the int '7', not a UUID"),
        ("effective_at", datetime(2026, 1, 1), "effective_at: .* give a time with a zone"),  # noqa: DTZ001
        ("recorded_at", datetime(2026, 1, 1), "recorded_at: .* give a time with a zone"),  # noqa: DTZ001
        ("effective_at", "2026-01-01", "effective_at is the str '2026-01-01', not a time"),
        ("fingerprint", b"bytes", "The fingerprint is a bytes"),
    ],
)
def test_an_option_of_another_type_is_refused_by_its_name(option: str, value: Any, says: str) -> None:
    with pytest.raises((ArgumentRefused, PayloadRefused), match=says):
        execute(Count(TALLY, 3), "one", actor="ann", **{option: value})


@pytest.mark.parametrize(
    "call",
    [
        lambda id: log.load("tally", id),
        lambda id: log.current("tally", id),
        lambda id: list(log.read_stream(id)),
        lambda id: log.read_streams([TALLY, id]),
        lambda id: log.append("tally", id, [Counted(TALLY, 1, 1)], actor="ann"),
        lambda id: log.append("tally", TALLY, [Counted(id, 1, 1)], actor="ann"),
    ],
)
@pytest.mark.parametrize("id", [str(TALLY), None, 1, TALLY.bytes])
def test_an_id_of_a_stream_is_a_uuid(call: Callable[[Any], object], id: Any) -> None:
    with pytest.raises((ArgumentRefused, MessageError), match=r"not a UUID|belongs to None"):
        call(id)
    assert not Event.objects.exists()


@pytest.mark.parametrize("id", [str(TALLY), None, 1])
def test_an_id_of_a_person_or_a_closed_stream_is_one_too(id: Any) -> None:
    """Nobody was found under a text, and nobody forgotten, without a word."""
    for call in (lambda: personal.erase(id), lambda: log.close_until({id: NOW})):
        with pytest.raises(ArgumentRefused, match="not a UUID"):
            call()


NO_TIMES: list[tuple[Any, str]] = [
    (datetime(2026, 1, 1), "give a time with a zone"),  # noqa: DTZ001
    (date(2026, 1, 1), "is a date, not a time"),
    ("2026-01-01T00:00:00Z", "is the str '2026-01-01T00:00:00Z', not a time"),
    (datetime(9999, 12, 31, tzinfo=UTC), "in the years 2 to 9998"),
]


@pytest.mark.parametrize(("moment", "says"), NO_TIMES)
def test_the_end_of_a_closed_stream_is_a_time_with_a_zone(moment: Any, says: str, sample: None) -> None:
    with pytest.raises((ArgumentRefused, PayloadRefused), match=says):
        log.close_until({TALLY: moment})


@pytest.mark.parametrize("moment", [datetime(2026, 1, 1), date(2026, 1, 1), "2026-01-01T00:00:00Z"])  # noqa: DTZ001
def test_a_time_that_is_asked_for_has_a_zone(moment: Any, sample: None) -> None:
    for call in (
        lambda: log.load("tally", TALLY, at=moment),
        lambda: as_of.position_at(moment),
        lambda: as_of.row(projections["lines"], 1, stream_id=TALLY, at=moment),
    ):
        with pytest.raises(ArgumentRefused, match="not a time with a zone"):
            call()


def test_a_time_that_is_asked_for_may_lie_anywhere(sample: None) -> None:
    for year in (1, 9999):
        assert log.load("tally", TALLY, at=datetime(year, 1, 1, tzinfo=UTC))[1] == 0


@pytest.mark.parametrize("position", ["3", -1, 2.0, True])
def test_a_position_or_version_in_the_past_is_a_number(position: Any, sample: None) -> None:
    for call in (
        lambda: as_of.row(projections["lines"], 1, stream_id=TALLY, position=position),
        lambda: log.load("tally", TALLY, version=position),
    ):
        with pytest.raises(ArgumentRefused, match=r"is .* Give an integer of 0 or more"):
            call()


@pytest.mark.parametrize(
    ("requests", "says"),
    [
        (Count(TALLY, 1), "The requests are a Count. Give a list of CommandRequest"),
        ([Count(TALLY, 1)], r"Request 0 is a Count, not a CommandRequest"),
        (None, "The requests are None"),
    ],
)
def test_many_commands_come_as_requests(requests: Any, says: str) -> None:
    with pytest.raises(ArgumentRefused, match=says):
        execute_many(requests)


def test_requests_may_come_from_a_generator() -> None:
    requests = (CommandRequest(command=Count(TALLY, 1), key=str(number), actor="ann") for number in range(2))
    assert len(execute_many(requests)) == 2  # type: ignore[arg-type]


async def later() -> None: ...


@pytest.mark.parametrize(("work", "says"), [(5, "in_transaction is the int '5'"), (later, "in_transaction is async")])
def test_what_runs_in_the_transaction_is_a_plain_function(work: Any, says: str) -> None:
    with pytest.raises(ArgumentRefused, match=says):
        execute(Count(TALLY, 1), "one", actor="ann", in_transaction=work)


class Role(str):
    """Text with another face, as members of an Enum have it."""

    def __str__(self) -> str:
        return f"Role.{super().__str__()}"


def test_text_of_a_class_of_its_own_is_kept_as_the_text_that_it_is() -> None:
    execute(Count(TALLY, 1), Role("clerk"), actor=mark_safe("<ann>"))
    assert Command.objects.values_list("key", "actor").get() == ("clerk", "<ann>")


@pytest.mark.parametrize(
    ("events", "says"),
    [
        (Counted(TALLY, 1, 1), "The events are a Counted. Give a list"),
        ([Count(TALLY, 1)], "Count is a @command, where a @event is needed"),
        ([Counted], "Counted is a class"),
        (["text"], "str is neither"),
        (None, "The events are None"),
    ],
)
def test_what_is_appended_is_a_list_of_events(events: Any, says: str) -> None:
    with pytest.raises((ArgumentRefused, MessageError), match=says):
        log.append("tally", TALLY, events, actor="ann")


def test_events_may_come_from_a_generator() -> None:
    """The look for strays had used it up, and nothing was appended, without a word."""
    records = log.append("tally", TALLY, (Counted(TALLY, 1, n) for n in (1, 2)), actor="ann")
    assert len(records) == 2


@pytest.mark.parametrize("version", [-1, "0", True, 1.0])
def test_an_expected_version_is_a_number_from_0_on(version: Any) -> None:
    with pytest.raises(ArgumentRefused, match=r"expected_version is .* Give an integer of 0 or more"):
        log.append("tally", TALLY, [Counted(TALLY, 1, 1)], expected_version=version, actor="ann")


@pytest.mark.parametrize(
    ("metadata", "says"),
    [
        ({"actor": "bob"}, "'actor', which the engine sets itself"),
        ({"command_id": str(uuid4())}, "'command_id', which the engine sets itself"),
        ({"causation_id": "who knows"}, "causation_id of the metadata is the str 'who knows', not a UUID"),
        ({"effective_at": "soon"}, "effective_at of the metadata is the str 'soon', not a time"),
        ({"effective_at": datetime(2026, 1, 1)}, "give a time with a zone"),  # noqa: DTZ001
        ({"rate": 1.5}, r"The metadata\['rate'\] is a float"),
        ({"note": "a\0b"}, r"NUL"),
        ({"note": "x" * 300_000}, "The metadata is too large"),
        ({"thing": object()}, "The metadata can't be stored as JSON"),
        ([("a", 1)], "The metadata are a list"),
        ([], "The metadata are a list"),
    ],
)
def test_metadata_that_can_t_be_stored_or_read_are_refused(metadata: Any, says: str) -> None:
    with pytest.raises((ArgumentRefused, PayloadRefused), match=says):
        log.append("tally", TALLY, [Counted(TALLY, 1, 1)], actor="ann", metadata=metadata)
    assert not Event.objects.exists()


def test_other_metadata_are_kept() -> None:
    given = {"causation_id": str(TALLY), "effective_at": NOW.isoformat(), "source": {"file": "a.csv", "line": 7}}
    (record,) = log.append("tally", TALLY, [Counted(TALLY, 1, 1)], actor="ann", metadata=given)
    assert record.metadata == {"actor": "ann", **given}
    assert record.effective_at == NOW


@pytest.mark.parametrize("position", ["3", None, -1, 2.0])
def test_a_position_is_a_number(position: Any, sample: None) -> None:
    for call in (lambda: feed.read(position), lambda: feed.between(position, 9), lambda: wait_for(position, "lines")):
        with pytest.raises(ArgumentRefused, match=r"(after|position) is .* Give an integer of 0 or more"):
            call()


@pytest.mark.parametrize(
    ("key", "says"), [(None, "The key is None"), ("", "shows nothing"), ("x" * 248, "at most 247 are stored")]
)
def test_an_occasion_names_itself(key: Any, says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also in its later tries, whose keys are longer."""
    monkeypatch.setattr(due, "tasks", {})
    task = due.DueTask("count_on", lambda now: [Occasion(key, Count(TALLY, 1))], timedelta(minutes=1))
    report = scheduler.run(task, NOW)
    assert (report.executed, report.failed) == (0, 1)
    assert says in report.errors[0]


def test_a_form_without_a_command_id_is_refused() -> None:
    form = CommandForm({})
    form.cleaned_data = {"command_id": None}
    with pytest.raises(ArgumentRefused, match="The key is None"):
        _ = form.key


def test_streams_of_an_unknown_category_have_no_state() -> None:
    with pytest.raises(MessageError, match=r"No decider is registered for 'tallly'.*Registered are: .*tally"):
        log.load("tallly", TALLY)
