"""`manage.py send_mail` sends what is queued, and tells by its exit code what became of it."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.checks import run_checks
from django.core.mail import EmailMessage
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.utils import timezone

from accounts.management.commands import send_mail
from accounts.services.mail.checks import check_late_mails, check_mail_settings
from accounts.users.mail import OutgoingMail, queue_mail
from config.management.commands.serve import MANAGE
from eventstore.service import Stop
from tests.factories import CustomerFactory
from tests.mail.letters import LINK, customer, link_in
from tests.mail.smtp import MailServer, mail_server

ADA = "ada@example.org"
SENDERS = 3


@contextmanager
def watching(environment: dict[str, str], **options: Any) -> Iterator[subprocess.Popen[str]]:
    """`send_mail --watch`, from which the block reads; it has to stop when it is asked to."""
    command = [sys.executable, str(MANAGE), "send_mail", "--watch"]
    with subprocess.Popen(command, env=environment, text=True, stdout=subprocess.PIPE, **options) as program:
        try:
            yield program
        finally:
            program.send_signal(signal.SIGTERM)
        program.communicate(timeout=30)
        assert program.returncode == 0


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as running:
        yield running


def environment_with(program_environment: dict[str, str], server: MailServer) -> dict[str, str]:
    return {
        **program_environment,
        "EMAIL_URL": server.url,
        "SITE_URL": "https://bank.example",
        "MAIL_FROM": "us@bank.example",
    }


@pytest.mark.django_db
def test_it_tells_what_it_did(capsys: pytest.CaptureFixture[str]) -> None:
    customer()
    queue_mail("password_reset", ADA)
    queue_mail("password_reset", "nobody@example.org")
    call_command("send_mail")
    assert capsys.readouterr().out == "Mails: 1 sent, 1 void.\n"
    call_command("send_mail", "--json")
    nothing = {"sent": 0, "void": 0, "failed": 0, "given_up": 0, "late": 0}
    assert json.loads(capsys.readouterr().out) == nothing
    call_command("send_mail")
    assert capsys.readouterr().out == "Mails: nothing was due.\n"


@pytest.mark.django_db
def test_it_exits_with_3_if_a_mail_was_given_up() -> None:
    queue_mail("password_changed", ADA)
    OutgoingMail.objects.update(queued_at=timezone.now() - timedelta(days=2))
    with pytest.raises(SystemExit) as ended:
        call_command("send_mail")
    assert ended.value.code == 3


@pytest.mark.django_db
def test_it_exits_with_3_if_a_mail_waits_for_long() -> None:
    queue_mail("from_the_future", ADA)
    OutgoingMail.objects.update(queued_at=timezone.now() - timedelta(hours=2))
    with pytest.raises(SystemExit) as ended:
        call_command("send_mail")
    assert ended.value.code == 3


@pytest.mark.django_db
def test_it_exits_with_1_if_something_failed() -> None:
    queue_mail("from_the_future", ADA)
    with pytest.raises(CommandError, match="Not all could be sent"):
        call_command("send_mail")


@pytest.mark.django_db
def test_it_exits_with_1_and_one_line_if_the_server_takes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: EmailMessage) -> None:
        raise ConnectionRefusedError(111, "Connection refused")

    monkeypatch.setattr(EmailMessage, "send", refuse)
    queue_mail("password_changed", ADA)
    with pytest.raises(CommandError, match=r"takes no mails; they are kept. ConnectionRefusedError: .*refused"):
        call_command("send_mail")


@pytest.mark.django_db
def test_while_it_watches_a_database_that_is_away_is_waited_for(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def be_away(*_: object) -> None:
        raise OperationalError("away") from ConnectionError("gone")

    monkeypatch.setattr(send_mail, "send_due", be_away)
    assert send_mail.Command()._send(Stop(), as_json=False) is False
    assert "they are tried again" in caplog.text


@pytest.mark.django_db
def test_without_its_settings_it_says_which_it_needs_and_the_check_does_too(settings: LazySettings) -> None:
    assert list(check_mail_settings()) == []
    settings.MAIL_LACKS = ["SITE_URL", "EMAIL_URL"]
    with pytest.raises(CommandError, match="not set: SITE_URL, EMAIL_URL"):
        call_command("send_mail", skip_checks=True)
    assert [message.id for message in run_checks() if str(message.id).startswith("accounts.W")] == ["accounts.W001"]


@pytest.mark.parametrize(
    ("host", "tls", "found"),
    [("mail.example", False, ["accounts.W003"]), ("mail.example", True, []), ("localhost", False, [])],
)
def test_a_check_tells_of_a_mail_server_that_is_spoken_to_in_clear(
    settings: LazySettings, host: str, tls: bool, found: list[str]
) -> None:
    settings.HTTPS, settings.EMAIL_HOST, settings.EMAIL_USE_TLS = True, host, tls
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    assert [message.id for message in check_mail_settings()] == found


@pytest.mark.django_db
def test_a_check_tells_of_mails_that_wait(settings: LazySettings) -> None:
    queue_mail("password_changed", ADA)
    assert check_late_mails(["default"]) == []
    OutgoingMail.objects.update(queued_at=timezone.now() - timedelta(minutes=16))
    assert [message.id for message in check_late_mails(["default"])] == ["accounts.W002"]
    assert check_late_mails() == []  # a check that may not ask the database


def test_without_its_settings_it_watches_nothing_until_it_is_stopped(program_environment: dict[str, str]) -> None:
    with watching({**program_environment, "HTTPS": "1"}, stderr=subprocess.PIPE) as program:
        queue_mail("password_changed", ADA)
        assert program.stderr
        said = next(line for line in program.stderr if "No mail is sent" in line)
    assert "SITE_URL, EMAIL_URL" in said
    assert OutgoingMail.objects.get().failures == 0


def test_what_is_queued_while_it_watches_is_on_the_console_as_a_reader_sees_it(
    program_environment: dict[str, str],
) -> None:
    CustomerFactory.create(email="li@example.org", locale="zh-hans")
    with watching({**program_environment, "SITE_URL": "http://localhost:8765"}) as program:
        queue_mail("password_reset", "li@example.org")
        assert program.stdout
        text = ""
        for line in program.stdout:
            text += line
            if line.startswith("Mails: "):
                break
    assert "To: li@example.org" in text
    assert [link for link in LINK.findall(text) if link.startswith("http://localhost:8765/password-reset/")]


def test_it_speaks_with_a_mail_server(program_environment: dict[str, str], server: MailServer) -> None:
    customer()
    server.refusals = [b"451 later", b"550 no such user"]
    with watching(environment_with(program_environment, server), stderr=subprocess.PIPE) as program:
        queue_mail("password_changed", "later@example.org")
        queue_mail("password_changed", "nobody@example.org")
        queue_mail("password_reset", ADA)
        message = server.mails.get(timeout=60)
    assert (message["From"], message["To"], message["Subject"]) == ("us@bank.example", ADA, "Choose a new password")
    assert "https://bank.example/password-reset/" in message.get_content()
    assert message["Auto-Submitted"] == "auto-generated"
    (waiting,) = OutgoingMail.objects.all()
    assert (waiting.email, waiting.failures) == ("later@example.org", 1)
    assert program.stderr


def test_several_at_once_send_each_mail_once(program_environment: dict[str, str], server: MailServer) -> None:
    environment = environment_with(program_environment, server)
    addresses = {f"person{number}@example.org" for number in range(40)}
    for address in addresses:
        queue_mail("password_changed", address)
    command = [sys.executable, str(MANAGE), "send_mail", "--json"]
    senders = [subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) for _ in range(SENDERS)]
    reports = [json.loads(sender.communicate(timeout=120)[0]) for sender in senders]
    assert sum(report["sent"] for report in reports) == len(addresses)
    got = [server.mails.get(timeout=10)["To"] for _ in addresses]
    assert set(got) == addresses
    assert server.mails.empty()


@pytest.mark.django_db
def test_mails_in_a_folder_are_whole(settings: LazySettings, tmp_path: Path) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path)
    customer()
    queue_mail("password_reset", ADA)
    call_command("send_mail")
    (file,) = tmp_path.iterdir()
    assert link_in(file.read_text()).startswith("/password-reset/")
