"""States and answers are stored in clear, so none of them may tell of a person; and none does after an erasure."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
import pytest
from django.test import override_settings

from eventstore import log, personal
from eventstore.checks.doctor import personal_data
from eventstore.checks.doctor.findings import Level
from eventstore.checks.personal_state import kept_texts
from eventstore.decider import Decider, Handler, Refused, deciders, handlers
from eventstore.errors import MessageError
from eventstore.execute import execute
from eventstore.messages import Personal, event, events
from eventstore.models import Command, Event, Stream
from eventstore.projecting.inspect import check_heads
from tests.eventstore.sample import NotePerson, PersonNoted

pytestmark = pytest.mark.django_db

PERSON, CASE = UUID(int=1), UUID(int=5)
NAME = "Ann Öster-Müller"


class Inner(NamedTuple):
    name: Personal


class Struct(msgspec.Struct, frozen=True):
    inner: Inner | None = None


@dataclass(frozen=True)
class Direct:
    name: Personal = None


@dataclass(frozen=True)
class Listed:
    names: tuple[Personal, ...] = ()


@dataclass(frozen=True)
class Mapped:
    by_id: Mapping[str, list[Direct]] = field(default_factory=dict)


@dataclass(frozen=True)
class Nested:
    deep: Struct | None = None


@dataclass(frozen=True)
class Plain:
    label: str = ""
    known: bool = False


def decider_of(initial: Any, evolve: Callable[[Any, Any], Any] = lambda state, _: state) -> Decider[Any, Any, Any]:
    return Decider("person", initial, evolve)


def keeps_the_text(state: Plain, fact: Any) -> Plain:
    return replace(state, label=f"Dear {fact.name}") if hasattr(fact, "name") else state


@pytest.mark.parametrize("initial", [Direct(), Listed(), Mapped(), Nested(), Struct()])
def test_a_state_with_a_personal_field_is_an_error_however_deep(initial: Any) -> None:
    (error,) = kept_texts(decider_of(initial))
    assert error.id == "eventstore.E062"
    assert "is Personal" in error.msg
    assert "Keep what the rule needs" in (error.hint or "")


def test_a_plain_field_that_takes_the_text_is_an_error_too() -> None:
    (error,) = kept_texts(decider_of(Plain(), keeps_the_text))
    assert "evolve copies a personal field of PersonNoted" in error.msg


def test_a_state_that_knows_that_there_is_a_text_is_well() -> None:
    assert not list(kept_texts(decider_of(Plain(), lambda state, fact: replace(state, known=fact.name is not None))))


@pytest.fixture
def telling(monkeypatch: pytest.MonkeyPatch) -> None:
    """A decider whose state keeps names, in spite of the check."""
    monkeypatch.setitem(deciders, "person", replace(decider_of(Plain(), keeps_the_text), version=7))


class Case(NamedTuple):
    """The events of a category that are about a person, in streams of other ids."""

    noted: type[Any]
    closed: type[Any]


@pytest.fixture
def case(monkeypatch: pytest.MonkeyPatch) -> Iterator[Case]:
    """Events about a person in a stream of another id, whose state keeps the name."""

    @event("case.noted", subject="person_id")
    class CaseNoted:
        case_id: UUID
        person_id: UUID
        name: Personal

    @event("case.closed")
    class CaseClosed:
        case_id: UUID

    monkeypatch.setitem(deciders, "case", Decider("case", Plain(), keeps_the_text))
    yield Case(CaseNoted, CaseClosed)
    del events["case.noted"], events["case.closed"]


def states() -> str:
    return " ".join(state or "" for state in Stream.objects.values_list("state", flat=True))


@pytest.mark.usefixtures("telling")
def test_an_erasure_drops_a_state_that_tells_the_name() -> None:
    log.append("person", PERSON, [PersonNoted(PERSON, NAME)], actor="test")
    assert NAME in states()
    personal.erase(PERSON)
    assert NAME not in states()
    assert log.current("person", PERSON) == Plain(label="Dear None")
    assert not check_heads().found


def test_it_drops_the_states_of_other_streams_about_the_person_too(case: Case) -> None:
    log.append("case", CASE, [case.noted(CASE, PERSON, NAME)], actor="test")
    log.append("case", UUID(int=6), [case.noted(UUID(int=6), UUID(int=2), "Bob")], actor="test")
    personal.erase(PERSON)
    assert NAME not in states()
    assert "Bob" in states()


@pytest.mark.django_db(transaction=True)
def test_what_a_process_remembers_does_not_bring_it_back(case: Case) -> None:
    log.append("case", CASE, [case.noted(CASE, PERSON, NAME)], expected_version=0, actor="test")
    personal.erase(PERSON)
    log.append("case", CASE, [case.closed(CASE)], expected_version=1, actor="test")
    assert NAME not in states()
    assert not check_heads().found


@pytest.mark.usefixtures("telling")
def test_the_doctor_and_the_check_notice_a_head_that_still_tells_it() -> None:
    log.append("person", PERSON, [PersonNoted(PERSON, NAME)], actor="test")
    head = Stream.objects.get(pk=PERSON)
    personal.erase(PERSON)
    Stream.objects.filter(pk=PERSON).update(state=head.state, fingerprint=head.fingerprint)  # as a restore may do
    assert check_heads().found
    with override_settings(DEBUG=False):
        finding = next(iter(personal_data.erasures()))
    assert finding.level == Level.ACT
    assert str(PERSON) in finding.says
    assert "personal.erase" in finding.next


def deciding(monkeypatch: pytest.MonkeyPatch, decide: Callable[..., Any], **answer: Any) -> None:
    monkeypatch.setitem(handlers, NotePerson, Handler(decide, answer.get("answer", lambda *_: {})))


def refuses_by_name(_person: Any, order: NotePerson) -> Iterator[PersonNoted]:
    raise Refused("NO", "%(name)s may not come in.", name=order.name or "")


@pytest.mark.parametrize(
    ("decide", "answer", "place"),
    [
        (lambda _, o: [PersonNoted(o.person_id, o.name)], lambda _, o: {"greeting": f"Hello {o.name}"}, "The answer"),
        (lambda _, o: [PersonNoted(o.person_id, o.name, remark=o.name)], lambda *_: {}, "The event PersonNoted"),
        (refuses_by_name, lambda *_: {}, "The refusal NO"),
    ],
)
def test_a_decision_that_would_store_the_text_in_clear_is_refused(
    monkeypatch: pytest.MonkeyPatch, decide: Any, answer: Any, place: str
) -> None:
    monkeypatch.setitem(handlers, NotePerson, Handler(decide, answer))
    with pytest.raises(MessageError, match=f"{place} holds what a personal field of NotePerson says"):
        execute(NotePerson(PERSON, NAME), "one", actor="ann")
    assert not Command.objects.exists()
    assert not Event.objects.exists()


def test_a_name_that_is_an_ordinary_word_harms_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    deciding(
        monkeypatch, lambda _, o: [PersonNoted(o.person_id, o.name, remark="open")], answer=lambda *_: {"is": "open"}
    )
    assert execute(NotePerson(PERSON, "open"), "one", actor="ann").accepted


def only_mailboxes(_person: Any, order: NotePerson) -> Iterator[PersonNoted]:
    """Refuses what is no e-mail, as a rule that looks at personal text does."""
    if "@" not in (order.name or ""):
        raise Refused("NO_MAILBOX", "That is no e-mail.")
    yield PersonNoted(order.person_id, order.name)


def only_numbers(_person: Any, order: NotePerson) -> Iterator[PersonNoted]:
    """Fails for what is no number of a telephone."""
    int((order.name or "").removeprefix("+"))
    yield PersonNoted(order.person_id, order.name)


@pytest.mark.parametrize(("decide", "text"), [(only_mailboxes, "ann@example.org"), (only_numbers, "+447700900123")])
def test_rules_that_look_at_the_text_do_not_hide_an_answer_that_tells_it(
    monkeypatch: pytest.MonkeyPatch, decide: Any, text: str
) -> None:
    deciding(monkeypatch, decide, answer=lambda _, order: {"is": order.name})
    with pytest.raises(MessageError, match="The answer holds what a personal field of NotePerson says"):
        execute(NotePerson(PERSON, text), "one", actor="ann")
    deciding(monkeypatch, decide, answer=lambda _, order: {"is": len(order.name)})
    assert execute(NotePerson(PERSON, text), "two", actor="ann").accepted


@pytest.mark.parametrize("change", [str.upper, str.title, lambda name: name.split()[0], lambda name: name[::-1]])
def test_a_text_that_was_changed_a_little_still_tells(monkeypatch: pytest.MonkeyPatch, change: Any) -> None:
    deciding(monkeypatch, lambda _, o: [PersonNoted(o.person_id, o.name)], answer=lambda _, o: {"is": change(o.name)})
    with pytest.raises(MessageError, match="The answer holds what a personal field of NotePerson says"):
        execute(NotePerson(PERSON, NAME), "one", actor="ann")
