"""Mails to a mail server, also to mailboxes whose names are not ASCII (RFC 6531): Django would write to others."""

import email
from email.policy import SMTPUTF8
from smtplib import SMTP, SMTPRecipientsRefused
from typing import Final

from django.core.mail import EmailMessage
from django.core.mail.backends import smtp

NO_SUCH_MAILBOX: Final = 553


class EmailBackend(smtp.EmailBackend):
    """Django's; but what it would write as `=?utf-8?b?55So5oi3?=@example.org` is sent as it is, or refused."""

    def _send(self, email_message: EmailMessage) -> bool:
        if all(address.isascii() for address in email_message.recipients()):
            return bool(super()._send(email_message))  # type: ignore[misc] # the stubs leave it out
        assert isinstance(self.connection, SMTP), "it is open"
        self.connection.ehlo_or_helo_if_needed()
        if not self.connection.has_extn("smtputf8"):
            refusal = (NO_SUCH_MAILBOX, b"The mail server takes no mailboxes with such names")
            raise SMTPRecipientsRefused(dict.fromkeys(email_message.recipients(), refusal))
        message = email.message_from_bytes(email_message.message().as_bytes(), policy=SMTPUTF8)
        del message["To"]
        message["To"] = ", ".join(email_message.to)
        self.connection.send_message(message, to_addrs=email_message.recipients())
        return True
