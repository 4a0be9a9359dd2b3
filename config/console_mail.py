"""Mails on the console, for a trial: as a reader sees them, whatever the language, where Django prints them encoded."""

from django.core.mail import EmailMessage
from django.core.mail.backends.console import EmailBackend


class ConsoleMail(EmailBackend):
    """Prints whom a mail is for, its subject and its text; Django flushes the console after each."""

    def write_message(self, message: EmailMessage) -> None:
        """Print a mail between two lines."""
        line = "-" * 79
        head = f"To: {', '.join(message.recipients())}\nSubject: {message.subject}"
        self.stream.write(f"{line}\n{head}\n\n{message.body.strip()}\n{line}\n")
