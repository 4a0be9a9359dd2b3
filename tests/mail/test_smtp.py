"""Mailboxes whose names are not ASCII: their owners get their mails, and nobody else does."""

import smtplib

import pytest
from django.core.mail import EmailMessage

from config.smtp import EmailBackend
from tests.config.test_settings import GOOD, read_settings
from tests.mail.smtp import MailServer, mail_server

MAILBOX = "用户@xn--fiqs8s.example"


def sent_by(server: MailServer, *to: str) -> None:
    backend = EmailBackend("127.0.0.1", int(server.server_address[1]))
    message = EmailMessage("你好", "一封信\n", "Tidemark <us@bank.example>", [*to])
    assert backend.send_messages([message]) == 1


def test_a_mail_goes_to_the_mailbox_as_it_is_written() -> None:
    with mail_server() as server:
        server.extensions = [b"SMTPUTF8", b"8BITMIME"]
        sent_by(server, MAILBOX)
        message = server.mails.get(timeout=10)
        assert server.recipients.get(timeout=10) == MAILBOX
    assert (message["To"], message["Subject"], message.get_content().strip()) == (MAILBOX, "你好", "一封信")
    assert message["From"] == "Tidemark <us@bank.example>"


def test_a_server_that_can_not_is_asked_to_take_no_mail_for_another_mailbox() -> None:
    with mail_server() as server, pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        sent_by(server, MAILBOX)
    assert server.recipients.empty()
    assert [code for code, _ in refused.value.recipients.values()] == [553]  # so the sender gives it up


def test_other_mails_are_sent_as_before() -> None:
    with mail_server() as server:
        sent_by(server, "ada@example.org")
        assert server.recipients.get(timeout=10) == "ada@example.org"
        assert server.mails.get(timeout=10)["Subject"] == "你好"


@pytest.mark.parametrize("scheme", ["smtp", "smtp+tls", "smtp+ssl"])
def test_the_site_sends_so(scheme: str) -> None:
    told = read_settings("settings.EMAIL_BACKEND", **GOOD, EMAIL_URL=f"{scheme}://mail.example:25")
    assert told.stdout.strip() == "config.smtp.EmailBackend"
