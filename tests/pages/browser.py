"""A browser's part in a form: fetch it, fill it in, and send it with the command id that it carries."""

from typing import Any
from urllib.parse import urlsplit

from django.test import Client

from eventstore.models import Command, Event


def command_id_of(page: Any) -> str:
    """The command id that the form on a page carries."""
    return str(page.context["form"]["command_id"].value())


def send(client: Client, path: str, **fields: object) -> Any:
    """Sends a form with the command id that it carries now, or with an earlier one."""
    if "command_id" not in fields:
        fields["command_id"] = command_id_of(client.get(path))
    return client.post(path, fields)


def follow(client: Client, answer: Any) -> Any:
    """The page to which an answer redirects."""
    assert answer.status_code == 302, answer.context["form"].errors
    return client.get(answer["Location"])


def path_of(answer: Any) -> str:
    """The path to which an answer redirects, without its query."""
    return str(urlsplit(answer["Location"]).path)


def text_of(page: Any) -> str:
    """The text of a page."""
    text: str = page.content.decode()
    return text


def errors_of(page: Any, status: int = 200) -> dict[str, list[str]]:
    """The errors of the form on a page, by field; the page must not be a redirect."""
    assert page.status_code == status
    return {field: list(errors) for field, errors in page.context["form"].errors.items()}


def stored() -> tuple[int, int]:
    """The numbers of commands and events."""
    return Command.objects.count(), Event.objects.count()
