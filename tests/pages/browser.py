"""What a browser does: it gets a form, fills it in and sends it with the command id that came with it."""

from typing import Any
from urllib.parse import urlsplit

from django.test import Client

from eventstore.models import Command, Event


def command_id_of(page: Any) -> str:
    """The id that the form on a page carries."""
    return str(page.context["form"]["command_id"].value())


def send(client: Client, path: str, **fields: object) -> Any:
    """Send a form, as it is rendered now unless an earlier `command_id` is given."""
    if "command_id" not in fields:
        fields["command_id"] = command_id_of(client.get(path))
    return client.post(path, fields)


def follow(client: Client, answer: Any) -> Any:
    """The page to which an answer leads."""
    assert answer.status_code == 302, answer.context["form"].errors
    return client.get(answer["Location"])


def path_of(answer: Any) -> str:
    """Where an answer leads, without what comes after the path."""
    return str(urlsplit(answer["Location"]).path)


def text_of(page: Any) -> str:
    """What stands on a page."""
    text: str = page.content.decode()
    return text


def errors_of(page: Any) -> dict[str, list[str]]:
    """What the form on a page complains about, by field; it was shown, not redirected from."""
    assert page.status_code == 200
    return {field: list(errors) for field, errors in page.context["form"].errors.items()}


def stored() -> tuple[int, int]:
    """How many commands and events there are."""
    return Command.objects.count(), Event.objects.count()
