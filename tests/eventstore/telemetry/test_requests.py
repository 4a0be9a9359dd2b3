"""Requests of HTTP: a caller's trace is joined if callers are trusted; a bad header is no header."""

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory, override_settings

from eventstore.telemetry.middleware import ObservedRequests
from tests.eventstore.telemetry.spans import CALLER, TRACE, Spans, parent_id, trace_id

pytestmark = pytest.mark.once("nothing is asked of a database")


def ask(status: int = 200, **headers: str) -> None:
    def answer(_request: HttpRequest) -> HttpResponse:
        return HttpResponse(status=status)

    response = ObservedRequests(answer)(RequestFactory().get("/anywhere?name=Ada", headers=headers))
    assert response.status_code == status


def test_it_joins_the_trace_of_its_caller(spans: Spans) -> None:
    ask(traceparent=CALLER, tracestate="vendor=Ada", baggage="name=Ada")
    span = spans.one("GET")
    assert (trace_id(span), parent_id(span)) == (TRACE, CALLER.split("-")[2])
    assert span.attributes == {"http.request.method": "GET", "http.response.status_code": 200}
    assert "Ada" not in spans.text


@pytest.mark.parametrize("given", ["", "nonsense", "00-0-0-0", CALLER * 20, f"00-{'0' * 32}-{'0' * 16}-00", "é"])
def test_a_bad_header_is_no_header(spans: Spans, given: str) -> None:
    ask(traceparent=given)
    assert spans.one("GET").parent is None


@override_settings(EVENTSTORE_TRACE_CALLERS=False)
def test_callers_who_are_not_trusted_are_linked_to(spans: Spans) -> None:
    ask(traceparent=CALLER)
    span = spans.one("GET")
    assert trace_id(span) != TRACE
    assert [f"{link.context.trace_id:032x}" for link in span.links] == [TRACE]


def test_a_failure_of_the_server_is_an_error(spans: Spans) -> None:
    ask(503)
    assert not spans.one("GET").status.is_ok
