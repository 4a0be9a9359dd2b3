"""The exporter: on this machine alone, or with a token; and what `manage.py metrics` says."""

import http.client
import json
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.test import override_settings

from eventstore import service
from eventstore.telemetry import configured, exporter, figures
from eventstore.telemetry.catalogue import DATABASE_UP, SEALED_AT
from eventstore.telemetry.exporter import Exporter, address, serving
from eventstore.telemetry.figures import Figure
from tests.ports import free_port

pytestmark = pytest.mark.once("figures are tested by themselves")

TOKEN = "a token of some length"
FIGURES = [Figure(DATABASE_UP, 1), Figure(SEALED_AT, 12.5, ("events",)), Figure(SEALED_AT, 13, ("commands",))]


@pytest.fixture
def listening(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Exporter]:
    monkeypatch.setattr(exporter, "figures", lambda: FIGURES)
    with serving(f"127.0.0.1:{free_port()}", TOKEN, tmp_path, "default") as found:
        yield found


def get(asked: Exporter, path: str = "/metrics", **headers: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", asked.server_address[1], timeout=60)
    connection.request("GET", path, headers=headers)
    response = connection.getresponse()
    body = response.read().decode()
    connection.close()
    return response.status, body


def test_it_answers_who_has_the_token(listening: Exporter) -> None:
    status, body = get(listening, Authorization=f"Bearer {TOKEN}")
    assert status == 200
    assert "# TYPE tidemark_database_up gauge\ntidemark_database_up 1.0\n" in body
    assert 'tidemark_last_seal_timestamp_seconds{tree="events"} 12.5\n' in body
    assert "# EOF" in get(listening, Authorization=f"Bearer {TOKEN}", Accept="application/openmetrics-text")[1]


@pytest.mark.parametrize("given", ["", TOKEN, "Bearer ", "Bearer wrong", f"Basic {TOKEN}", f"Bearer {TOKEN} "[:-2]])
def test_it_answers_nobody_else(listening: Exporter, given: str) -> None:
    status, body = get(listening, Authorization=given)
    assert status == 401
    assert "tidemark_" not in body


def test_there_is_nothing_else(listening: Exporter) -> None:
    assert get(listening, "/", Authorization=f"Bearer {TOKEN}")[0] == 404


@pytest.mark.parametrize("listen", ["127.0.0.1:9464", "127.9.9.9:1", "[::1]:9464"])
def test_this_machine_needs_no_token(listen: str) -> None:
    assert address(listen, "")[1] in (9464, 1)


@pytest.mark.parametrize("listen", ["0.0.0.0:9464", "10.0.0.11:9464", "[::]:9464", "192.0.2.1:80"])
def test_others_need_one(listen: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="METRICS_TOKEN"):
        address(listen, "")
    with pytest.raises(ImproperlyConfigured, match="METRICS_TOKEN"):
        address(listen, "short")
    assert address(listen, TOKEN)


@pytest.mark.parametrize(
    "listen", ["", "9464", "localhost:9464", "127.0.0.1", "127.0.0.1:x", "127.0.0.1:99999", ":9464"]
)
def test_what_is_no_address_is_refused(listen: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="IP address and a port"):
        address(listen, TOKEN)


@pytest.mark.django_db
def test_once_prints_the_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    out = StringIO()
    call_command("metrics", "--once", stdout=out)
    assert "tidemark_database_up" in out.getvalue()
    out = StringIO()
    call_command("metrics", "--once", "--json", stdout=out)
    names = {figure["name"] for figure in json.loads(out.getvalue())["figures"]}
    assert "tidemark_mark_position" in names
    monkeypatch.setattr(figures, "_answers", lambda: False)
    with pytest.raises(SystemExit) as ended:
        call_command("metrics", "--once", stdout=StringIO())
    assert ended.value.code == 3


def test_without_an_address_it_waits_until_it_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service.Stop, "wait", lambda *_: True)
    out = StringIO()
    call_command("metrics", stdout=out)
    assert "METRICS_LISTEN names no address" in out.getvalue()


def test_what_keeps_it_from_listening_is_told(
    monkeypatch: pytest.MonkeyPatch, listening: Exporter, tmp_path: Path
) -> None:
    with override_settings(METRICS_FOLDER=str(tmp_path)):
        with pytest.raises(CommandError, match="Nothing can listen on"):
            call_command("metrics", "--listen", f"127.0.0.1:{listening.server_address[1]}", stdout=StringIO())
        monkeypatch.setattr(configured, "find_spec", lambda _: None)
        with pytest.raises(CommandError, match="needs the package prometheus-client"):
            call_command("metrics", "--listen", "127.0.0.1:1", stdout=StringIO())


@override_settings(EVENTSTORE_TRACING=True, METRICS_LISTEN="127.0.0.1:1")
def test_a_package_that_is_missing_is_a_warning_and_no_end(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(configured, "find_spec", lambda _: None)
    configured.start()
    assert [record.getMessage() for record in caplog.records] == [fault for _, fault in configured.faults()]
    assert len(caplog.records) == 2
