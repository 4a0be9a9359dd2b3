"""Commands and queries over HTTP, for any project: the tally, without a domain's own fields, users or codes."""

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory, force_authenticate

from eventstore import feed
from eventstore.decider import Refused
from eventstore.http import errors, query_views
from eventstore.http.command_views import CommandResult, HttpCommand, PostCommandView
from eventstore.http.errors import add_codes, exception_handler, status_of
from eventstore.http.fields import Day, Id, Line, Message, Moment, StrictSerializer, TextWithUnit
from eventstore.http.openapi import command_operation
from eventstore.http.paging import Page
from eventstore.http.query_views import ListView, page_serializer
from eventstore.log import read_stream
from eventstore.models import Command
from tests.eventstore.sample import Count

TALLY = "00000000-0000-0000-0000-000000000001"

CALLER = SimpleNamespace(pk=7, is_authenticated=True)

pytestmark = pytest.mark.django_db


class CountRequestSerializer(StrictSerializer):
    amount = serializers.IntegerField()


class CountedSerializer(CommandResult):
    total = serializers.IntegerField()


class CountView(PostCommandView):
    body = CountRequestSerializer
    answer = CountedSerializer

    def command(self, http_command: HttpCommand) -> Count:
        tally_id = self.id_of("tally_id")
        assert tally_id
        return Count(tally_id, http_command.body["amount"])


class EventSerializer(serializers.Serializer[Any]):
    version = serializers.IntegerField()
    event = Message()


class EventsView(ListView):
    serializer = EventSerializer

    def page(self, params: Mapping[str, Any]) -> "Page[Any, Any]":
        found = list(read_stream(UUID(TALLY)))
        return Page(found[: params["limit"]], "next" if len(found) > params["limit"] else None)


def send(request: Any, view: Any, user: Any = CALLER) -> Response:
    force_authenticate(request, user=user)
    response: Response = view.as_view()(request, tally_id=TALLY)
    response.render()
    return response


def count(amount: int, key: str = "one", query: str = "", **options: Any) -> Response:
    headers = {"Idempotency-Key": key} if key else {}
    path = f"/tallies/{TALLY}/counts{query}"
    return send(APIRequestFactory().post(path, {"amount": amount}, "json", headers=headers), CountView, **options)


def events(query: str = "") -> Response:
    return send(APIRequestFactory().get(f"/tallies/{TALLY}/events{query}"), EventsView)


def test_a_command_is_answered_and_its_replay_alike() -> None:
    first, again = count(3), count(3)
    assert (first.status_code, first.data["total"]) == (201, 3)
    assert (again.status_code, again.content) == (201, first.content)
    assert Command.objects.get().actor == "user:7"


def test_the_actor_is_the_projects_own_where_its_users_have_one() -> None:
    count(3, user=SimpleNamespace(pk=7, is_authenticated=True, actor="clerk:ann"))
    assert Command.objects.get().actor == "clerk:ann"


@pytest.mark.parametrize(
    ("amount", "key", "status", "code"),
    [
        (3, "", 428, "KEY_REQUIRED"),
        (3, "é", 400, "MALFORMED"),
        (3, "  ", 400, "MALFORMED"),
        (4, "one", 422, "IDEMPOTENCY_KEY_REUSED"),
    ],
)
def test_a_key_stands_for_one_request(amount: int, key: str, status: int, code: str) -> None:
    count(3)
    refused = count(amount, key)
    assert (refused.status_code, refused.data["code"]) == (status, code)


def test_a_dry_run_stores_nothing() -> None:
    dry = count(3, query="?dry_run=1")
    assert (dry.status_code, dry.data["total"], dry.data["dry_run"]) == (200, 3, True)
    assert not Command.objects.exists()


def test_a_query_reflects_the_command_that_the_caller_names(monkeypatch: pytest.MonkeyPatch) -> None:
    position = count(3).data["position"]
    answer = events(f"?min_position={position}").data
    assert answer["results"] == [{"version": 1, "event": {"tally_id": TALLY, "amount": 3, "total": 3}}]
    assert answer["position"] == feed.advance(timeout=0).position >= position
    monkeypatch.setattr(query_views, "MAX_WAIT_SECONDS", 0)
    assert events(f"?min_position={position + 1}").data["code"] == "RETRY_LATER"


def test_a_page_says_where_the_next_one_is() -> None:
    count(1)
    count(2, "two")
    assert events("?limit=2").data["next"] is None
    assert events("?limit=1").data["next"] == f"http://testserver/tallies/{TALLY}/events?limit=1&cursor=next"


def test_a_code_without_a_status_is_answered_422() -> None:
    assert exception_handler(Refused("TALLY_FULL", "The tally is full."), {}).status_code == 422


def test_a_project_adds_its_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(errors, "_status_by_code", dict(errors._status_by_code))
    add_codes({409: "TALLY_FULL TALLY_CLOSED"})
    add_codes({409: "TALLY_FULL"})
    assert exception_handler(Refused("TALLY_FULL", "The tally is full."), {}).status_code == 409
    with pytest.raises(ValueError, match="TALLY_FULL is answered with 409 already"):
        add_codes({422: "TALLY_FULL"})


def test_a_misspelt_code_is_noticed_where_it_is_described() -> None:
    describe = command_operation("count", "Count", "Counts.", tag="tallies", refuses="TALLY_FUL", example={})
    with pytest.raises(LookupError, match="No status is known for TALLY_FUL"):
        describe(CountView)
    with pytest.raises(LookupError):
        status_of("TALLY_FUL")


class Weight(TextWithUnit):
    unit_field = "unit"

    def format(self, number: int, unit: str) -> str:
        return f"{number} {unit}"


class ParcelSerializer(serializers.Serializer[Any]):
    weight = Weight()
    limit = Weight(allow_null=True)
    unit = serializers.CharField()


def test_a_number_is_written_with_the_unit_beside_it() -> None:
    assert ParcelSerializer({"weight": 5, "limit": None, "unit": "kg"}).data == {
        "weight": "5 kg",
        "limit": None,
        "unit": "kg",
    }


@pytest.mark.parametrize(
    ("field", "text", "message"),
    [
        (Line(), "a\0b", "This text holds control characters. Remove them."),
        (Id(), "1", "Enter an id such as 0190a6f2-7c3e-7d4a-8b1f-3c2d1e0f9a8b."),
        (Day(), "2026-02-30", "Enter a day such as 2026-03-01."),
        (Moment(), "2026-03-01T09:30:00", "Enter a time with its offset such as 2026-03-01T09:30:00+01:00."),
    ],
)
def test_a_field_says_what_it_takes(field: Any, text: str, message: str) -> None:
    with pytest.raises(serializers.ValidationError) as refused:
        field.run_validation(text)
    assert message in [str(detail) for detail in refused.value.detail]


def test_a_line_is_trimmed() -> None:
    assert Line().run_validation(" a line ") == "a line"


def test_a_page_is_named_after_its_rows() -> None:
    assert page_serializer(EventSerializer).__name__ == "EventList"


def test_an_address_may_convert_its_ids() -> None:
    """`<uuid:tally_id>` gives a view a UUID, `<str:tally_id>` a text."""
    view = CountView()
    for given in (TALLY, UUID(TALLY)):
        view.kwargs = {"tally_id": given}
        assert view.id_of("tally_id") == UUID(TALLY)
