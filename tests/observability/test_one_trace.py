"""A real site, watched as a whole: one trace through all of its programs, and its metrics in a real Prometheus."""

import http.client
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from config.management.commands.serve import MANAGE
from eventstore.models import Event
from projections.models import Account
from tests.eventstore.relay.receivers import SECRET, Receiver, receiving
from tests.eventstore.telemetry.spans import CALLER, TRACE
from tests.factories import AccountFactory, owner_of
from tests.observability.boards import expressions_of_alerts, expressions_of_panels
from tests.observability.collector import collecting
from tests.observability.monitor import monitoring, needs_prometheus
from tests.ports import free_port
from tests.tokens import token_of
from tests.wire.serving import started

TOKEN = "a token of the tests, of some length"
REQUEST = "POST api/v1/accounts/<str:account_id>/deposits"
COMMAND = "command account.deposit"
LATER = ("project daily_balances", "deliver partner")  # by the runner, and by the relay


@contextmanager
def site(environment: dict[str, str]) -> Iterator[int]:
    """All programs of a site, and the port of its web server."""

    def start(port: int) -> "subprocess.Popen[bytes]":
        command = [sys.executable, str(MANAGE), "serve", f"--port={port}", "--workers=1"]
        return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)

    port, process = started(start)
    try:
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def deposit(port: int, account: Account, traceparent: str) -> int:
    headers = {
        "Authorization": f"Token {token_of(owner_of(account.account_id))}",
        "Content-Type": "application/json",
        "Idempotency-Key": "a",
        "traceparent": traceparent,
    }
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
    connection.request(
        "POST", f"/api/v1/accounts/{account.account_id}/deposits", json.dumps({"amount": "1.00"}), headers
    )
    answer = connection.getresponse()
    assert answer.status == 201, answer.read()
    position: int = json.loads(answer.read())["position"]
    connection.close()
    return position


@needs_prometheus
@pytest.mark.django_db(transaction=True)
def test_one_trace_goes_through_all_and_prometheus_knows_the_rest(
    program_environment: dict[str, str], tmp_path: Path
) -> None:
    account, listen = AccountFactory.create(), f"127.0.0.1:{free_port()}"
    with collecting() as collector, receiving() as partner:
        watched = {
            "TRACING": "1",
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
            "OTEL_BSP_SCHEDULE_DELAY": "50",  # milliseconds
            "TRACE_SLOW": "0",  # each statement has a span
            "METRICS_LISTEN": listen,
            "METRICS_TOKEN": TOKEN,
            "METRICS_FOLDER": str(tmp_path / "metrics"),
            "RELAY_TARGETS": "partner",
            "RELAY_PARTNER": partner.url,
            "RELAY_PARTNER_SECRET": SECRET,
            "RELAY_PARTNER_TYPES": "account.money_deposited",
        }
        with site({**program_environment, **watched}) as port:
            position = deposit(port, account, CALLER)
            spans = collector.wait_for(TRACE, {REQUEST, COMMAND, *LATER})
            with monitoring(tmp_path, listen, TOKEN) as monitor:
                monitor.wait_for('sum(tidemark_commands_total{type="account.deposit"})', lambda number: number == 1)
                monitor.wait_for('tidemark_deliveries_total{outcome="delivered"}', lambda number: number >= 1)
                monitor.wait_for("tidemark_mark_position", lambda number: number >= position)
                for expression in (*expressions_of_panels(), *expressions_of_alerts()):
                    monitor.query(expression)
    assert collector.services == {"tidemark"}
    must_be_one_trace(spans, position, partner)


def must_be_one_trace(spans: list[Span], position: int, partner: Receiver) -> None:
    """Each span's parent is another one of the trace, up to the caller's; and log and envelope name the command's."""
    by_id, named = {span.span_id: span for span in spans}, {span.name: span for span in spans}
    request, command = named[REQUEST], named[COMMAND]
    assert request.parent_span_id.hex() == CALLER.split("-")[2]
    assert all(span.parent_span_id in by_id for span in spans if span is not request)
    assert command.parent_span_id in {span.span_id for span in ancestors(command, by_id)}
    assert [event.name for event in command.events] == ["account.money_deposited"]
    assert {named[name].parent_span_id for name in LATER} == {command.span_id}
    assert any(span.parent_span_id == command.span_id and span.name == "project" for span in spans)
    told = f"00-{TRACE}-{command.span_id.hex()}-01"
    assert Event.objects.get(position=position).metadata["traceparent"] == told
    assert {each["position"]: each.get("traceparent") for each in partner.taken}[str(position)] == told


def ancestors(span: Span, by_id: dict[bytes, Span]) -> Iterator[Span]:
    while (found := by_id.get(span.parent_span_id)) is not None:
        yield found
        span = found
