"""The fields of stored messages in their present shape; personal data only for users with the permission."""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any, Final
from uuid import UUID

import msgspec
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser, PermissionsMixin
from django.utils.translation import gettext as _

from eventstore import messages, models, personal
from eventstore.admin import show, words
from eventstore.admin.show import Fact
from eventstore.errors import EventStoreError
from eventstore.messages import MessageType, upcasters

PERSONAL_DATA: Final = "eventstore.view_personal_data"
COMMAND_IDS: Final = ("command_id", "correlation_id", "causation_id")


def may_see_personal_data(user: AbstractBaseUser | AnonymousUser) -> bool:
    """Whether a user may read personal data in clear."""
    return isinstance(user, PermissionsMixin) and user.has_perm(PERSONAL_DATA)


def facts_of(registry: Mapping[str, MessageType], row: models.Event | models.Command, user: Any) -> list[Fact]:
    """The fields of a stored message; those of a type that the code no longer knows as they are stored."""
    in_clear = may_see_personal_data(user)
    try:
        kind = messages.find(registry, row.type)
        stored = upcasters.decode(kind, row.schema_version, messages.canonical(row.data))
    except (EventStoreError, msgspec.MsgspecError):
        return [Fact(name, show.value(found), is_name=True) for name, found in row.data.items()]
    (clear,) = personal.reveal([stored]) if in_clear else [stored]
    found = {item.name: getattr(clear, item.name) for item in fields(stored)}
    links, meant = stream_links(found.values()), words.of_fields(stored, user)
    return [
        _personal(name, getattr(stored, name), found[name], in_clear=in_clear)
        if name in kind.personal
        else Fact(name, show.value(found[name], links), meant.get(name, ""), is_name=True)
        for name in found
    ]


def metadata_facts(metadata: Mapping[str, Any]) -> list[Fact]:
    """The metadata of a message (actor, reason, origin); ids of commands are links."""
    ids = {name: found for name, found in metadata.items() if name in COMMAND_IDS}
    known = models.Command.objects.filter(command_id__in=ids.values()).values_list("command_id", flat=True)
    links = {command_id: show.link_to("command", command_id) for command_id in known}
    shown = {**metadata, **{name: UUID(found) for name, found in ids.items()}}
    return [Fact(name, show.value(found, links), is_name=True) for name, found in shown.items()]


def stream_links(values: Iterable[Any]) -> dict[UUID, str]:
    """The pages of those streams whose ids are among some values."""
    ids = [found for found in values if isinstance(found, UUID)]
    streams = models.Stream.objects.filter(stream_id__in=ids).values_list("stream_id", flat=True)
    return {stream_id: show.link_to("stream", stream_id) for stream_id in streams}


def _personal(name: str, stored: str | None, clear: str | None, *, in_clear: bool) -> Fact:
    if stored is None:
        return Fact(name, show.NOTHING, is_name=True)
    if not in_clear:
        return Fact(name, _("You may not see this."), mark=_("personal"), is_name=True)
    if isinstance(clear, personal.Unreadable):
        return Fact(
            name, _("This can't be decrypted: manage.py doctor says why."), mark=_("damaged"), tone="bad", is_name=True
        )
    if clear is None:
        return Fact(name, _("The key to this is deleted."), mark=_("erased"), tone="bad", is_name=True)
    return Fact(name, clear, mark=_("personal"), is_name=True)
