"""`manage.py serve` starts the web server, what keeps its read models, what issues statements, and maintenance."""

import json
import socket
from datetime import timedelta
from logging.config import DictConfigurator
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from django.conf import LazySettings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.db.migrations.recorder import MigrationRecorder
from django.test import override_settings

from config.keys import refuse_wrong_keys
from config.management.commands import serve
from eventstore import due
from eventstore.keys import erasure_list, ring
from eventstore.models import Restoration, SubjectKey
from tests import ports
from tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db  # it opens the keys of personal data first


@pytest.fixture
def free_port() -> int:
    """A port that nobody listens on."""
    return ports.free_port()


def test_it_erases_again_whom_a_restore_brought_back(
    free_port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], settings: Any
) -> None:
    settings.ERASURE_LIST = str(tmp_path / "erasures")
    customer_id = CustomerFactory.create().customer_id
    assert customer_id
    erasure_list.add([customer_id])
    supervise = Mock(side_effect=lambda *_, **__: SubjectKey.objects.get(subject_id=customer_id, wrapped=None))
    monkeypatch.setattr(serve, "supervise", supervise)
    call_command("serve", port=free_port)
    assert supervise.called, "afterwards it serves"
    assert "Erased again, as the list of erasures has them: 1 persons." in capsys.readouterr().out


@pytest.mark.parametrize("name", ["serve", "run_projections", "issue_statements"])
def test_nothing_starts_while_a_restore_has_not_ended(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    Restoration.objects.create(source="/srv/archive", manifest="0" * 64, position=5, number=5)
    supervise = Mock()
    monkeypatch.setattr(serve, "supervise", supervise)
    with pytest.raises(CommandError, match=r"manage\.py restore /srv/archive"):
        call_command(name)
    assert not supervise.called


@pytest.mark.parametrize("name", ["serve", "run_projections"])
def test_nothing_starts_without_the_list(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.ERASURE_LIST = str(tmp_path)  # a folder
    supervise = Mock()
    monkeypatch.setattr(serve, "supervise", supervise)
    with pytest.raises(CommandError, match=r"erasure list .* can't be read: Is a directory"):
        call_command(name)
    assert not supervise.called


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://localhost:8000/"),
        ("0.0.0.0", "http://localhost:8000/"),
        ("bank.example", "http://bank.example:8000/"),
    ],
)
def test_the_address_is_one_to_type(host: str, url: str) -> None:
    assert serve.address(host, 8000) == url


def test_it_starts_what_belongs_to_the_site(
    free_port: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    supervise = Mock()
    monkeypatch.setattr(serve, "supervise", supervise)
    monkeypatch.setattr(due, "tasks", {})
    call_command("serve", port=free_port, workers=3)
    [parts] = supervise.call_args.args
    server, projections, statements, mails, seals = parts.values()
    assert list(parts) == ["site", "run_projections", "issue_statements", "send_mail", "seal"]
    assert server[server.index("--port") + 1] == str(free_port)
    assert server[server.index("--workers") + 1] == "3"
    assert projections[-1] == "run_projections"
    assert statements[-2:] == ["issue_statements", "--watch"]
    assert mails[-2:] == ["send_mail", "--watch"]
    assert seals[-2:] == ["seal", "--watch"]
    assert f"http://localhost:{free_port}/" in capsys.readouterr().out


def test_events_are_delivered_if_there_is_somebody_to_deliver_them_to(settings: LazySettings) -> None:
    assert "relay" not in serve.helpers()
    settings.RELAY_TARGETS = {"bus": {"url": "nats://127.0.0.1:4222/TIDEMARK"}}
    assert serve.helpers()["relay"][-1] == "relay"


@pytest.mark.parametrize(("https", "told"), [(False, True), (True, False)])
def test_links_in_mails_lead_to_it_unless_it_is_reached_elsewhere(
    free_port: int, monkeypatch: pytest.MonkeyPatch, settings: LazySettings, https: bool, told: bool
) -> None:
    supervise = Mock()
    monkeypatch.setattr(serve, "supervise", supervise)
    settings.HTTPS = https
    call_command("serve", port=free_port)
    environment = supervise.call_args.kwargs["environment"]
    assert environment.get("SITE_URL") == (f"http://localhost:{free_port}" if told else None)


def test_a_restore_is_noticed_before_persons_are_erased_again(free_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """An intention of an epoch that is over is a lost erasure; one of the present epoch was rolled back."""
    order = Mock()
    order.erase_again.return_value = 0
    for name in ("notice_restores", "erase_again", "supervise"):
        monkeypatch.setattr(serve, name, getattr(order, name))
    call_command("serve", port=free_port)
    assert [call[0] for call in order.mock_calls] == ["notice_restores", "erase_again", "supervise"]


def test_no_connection_is_kept_for_nothing() -> None:
    """HTTP's version is not to be found out: Granian would wait for it without a deadline."""
    command = serve.server("127.0.0.1", 8000, 2)
    assert command[command.index("--http") + 1] == "1"
    assert int(command[command.index("--http1-header-read-timeout") + 1]) <= 10_000
    assert int(command[command.index("--backpressure") + 1]) > 1_000


def test_maintenance_runs_beside_it_if_there_is_any(free_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    supervise = Mock()
    monkeypatch.setattr(serve, "supervise", supervise)
    monkeypatch.setattr(due, "tasks", {"sweep": due.DueTask("sweep", lambda now: (), timedelta(minutes=1))})
    call_command("serve", port=free_port)
    [parts] = supervise.call_args.args
    assert parts["run_due"][-2:] == ["run_due", "--watch"]


def test_a_taken_port_is_said_in_plain_words() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(CommandError, match=f"port {port}: Address already in use"):
            call_command("serve", port=port)


def test_a_database_that_was_not_migrated_is_said_in_plain_words(free_port: int) -> None:
    MigrationRecorder.Migration.objects.filter(app="projections").delete()
    with pytest.raises(CommandError, match=r"the first is projections\.0001.*Run: manage.py migrate"):
        call_command("serve", port=free_port)


def test_a_database_that_is_away_is_waited_for_by_the_parts(free_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "supervise", supervise := Mock())
    monkeypatch.setattr(serve, "MigrationExecutor", Mock(side_effect=OperationalError("connection refused")))
    call_command("serve", port=free_port)
    assert supervise.called


def test_the_site_may_run_without_what_else_belongs_to_it(free_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    supervise = Mock()
    monkeypatch.setattr(serve, "supervise", supervise)
    call_command("serve", "--site-only", "--hung-after=7", port=free_port)
    assert list(supervise.call_args.args[0]) == ["site"]
    assert supervise.call_args.kwargs["hung_after_seconds"] == 7


def test_neither_it_nor_a_worker_starts_with_the_wrong_key(free_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    supervise = Mock(return_value=0)
    monkeypatch.setattr(serve, "supervise", supervise)
    ring.forget()
    with override_settings(PERSONAL_DATA_KEY=bytes(range(100, 132)), PERSONAL_DATA_KEYS_OLD=[]):
        with pytest.raises(CommandError, match="rotate_keys"):
            call_command("serve", port=free_port)
        with pytest.raises(ImproperlyConfigured, match="rotate_keys"):
            refuse_wrong_keys()
    supervise.assert_not_called()
    ring.forget()


@pytest.mark.parametrize(
    "words",
    ["--port=0", "--port=-1", "--port=99999", "--workers=0", "--threads=0", "--threads=-3"]
    + [f"--hung-after={seconds}" for seconds in ("-5", "nan", "inf", "1e300", "0.001", "soon")],
)
def test_numbers_with_which_no_part_could_start_are_refused_by_their_option(words: str) -> None:
    with pytest.raises(CommandError, match=f"argument {words.partition('=')[0]}: '.*' is no number from"):
        call_command("serve", words)


def test_a_host_that_is_empty_is_refused() -> None:
    with pytest.raises(CommandError, match="argument --host: name an address"):
        call_command("serve", "--host=")


@pytest.mark.parametrize("kind", ["text", "json"])
def test_the_servers_own_lines_are_json_if_all_others_are(kind: str) -> None:
    with override_settings(LOG_FORMAT=kind):
        options = serve.server("127.0.0.1", 8000, 1)
    assert ("--log-config" in options) == (kind == "json")
    known = json.loads(serve.GRANIAN_LOG.read_text())
    assert DictConfigurator({"version": 1, **known}).configure_formatter(known["formatters"]["line"])
