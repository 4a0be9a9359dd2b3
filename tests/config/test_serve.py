"""`manage.py serve` starts the web server, what keeps its read models, what issues statements, and maintenance."""

import socket
from datetime import timedelta
from unittest.mock import Mock

import pytest
from django.core.management import CommandError, call_command

from config.management.commands import serve
from eventstore import due


@pytest.fixture
def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


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
    supervise = Mock(return_value=0)
    monkeypatch.setattr(serve, "supervise", supervise)
    monkeypatch.setattr(due, "tasks", {})
    call_command("serve", port=free_port, workers=3)
    [[server, projections, statements]] = supervise.call_args.args
    assert server[server.index("--port") + 1] == str(free_port)
    assert server[server.index("--workers") + 1] == "3"
    assert projections[-1] == "run_projections"
    assert statements[-2:] == ["issue_statements", "--watch"]
    assert f"http://localhost:{free_port}/" in capsys.readouterr().out


def test_maintenance_runs_beside_it_if_there_is_any(free_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    supervise = Mock(return_value=0)
    monkeypatch.setattr(serve, "supervise", supervise)
    monkeypatch.setattr(due, "tasks", {"sweep": due.DueTask("sweep", lambda now: (), timedelta(minutes=1))})
    call_command("serve", port=free_port)
    [[*_, maintenance]] = supervise.call_args.args
    assert maintenance[-2:] == ["run_due", "--watch"]


def test_a_taken_port_is_said_in_plain_words() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(CommandError, match=f"port {port}: Address already in use"):
            call_command("serve", port=port)


def test_a_part_that_ends_by_itself_is_an_error(free_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "supervise", lambda _commands: 3)
    with pytest.raises(CommandError) as error:
        call_command("serve", port=free_port)
    assert error.value.returncode == 3
