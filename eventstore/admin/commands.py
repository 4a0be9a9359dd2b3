"""The command store in the admin."""

from typing import Any
from uuid import UUID

import msgspec
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from eventstore import log, messages
from eventstore.admin import lookup, show
from eventstore.admin.elsewhere import missing
from eventstore.admin.filters import CommandTypeFilter, OutcomeFilter, RecordedFilter
from eventstore.admin.messages import facts_of, metadata_facts, stream_links
from eventstore.admin.readonly import ReadOnlyAdmin, as_number, as_uuid
from eventstore.admin.show import Fact, Section
from eventstore.decider import Refusal
from eventstore.execution.refusals import sentence
from eventstore.models import Command, Event

SHOWN_EVENTS = 100  # on the page of a command; the others can be reached by their positions


@admin.register(Command)
class CommandAdmin(ReadOnlyAdmin):
    """All commands with their outcomes, the newest first."""

    list_display = ("number", "recorded", "type", "outcome", "who", "events")
    change_list_template = "admin/eventstore/message_list.html"
    list_filter = (OutcomeFilter, CommandTypeFilter, RecordedFilter)
    browsed_by = {"type": "eventstore_command_type", "q": "eventstore_command_actor"}
    search_fields = ("number",)
    search_help_text = _("A number, the id of a command, who asked, or who asked and their key.")
    detail_fields = ("asker", "key", "recorded", "command_id", "number", "schema_version")
    number_columns = ("events",)
    detail_template = "admin/eventstore/command.html"

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        return super().get_queryset(request).defer("data", "fingerprint")

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Command | None:
        """By number, or by command id; raises RangeDetached for one that lies in an archive alone."""
        key: UUID | int | None = as_uuid(object_id) or as_number(object_id)
        if key is None:
            return None
        found = Command.objects.filter(**{"command_id" if isinstance(key, UUID) else "number": key}).first()
        if found is None:
            log.must_hold_command(key)
        return found

    def find(self, term: str) -> str | None:
        number = as_number(term)
        if number is not None:
            return lookup.command_at(number)
        return lookup.by_id(term) or lookup.by_key(term)

    def search(self, queryset: "QuerySet[Any]", term: str) -> "QuerySet[Any]":
        return queryset.filter(actor=term)

    @admin.display(description=_("recorded at"))
    def recorded(self, command: Command) -> str:
        return show.moment(command.recorded_at)

    @admin.display(description=_("outcome"))
    def outcome(self, command: Command) -> SafeString:
        if command.accepted:
            return show.mark(gettext("accepted"), "good")
        return show.mark(command.response.get("code", gettext("refused")), "bad")

    @admin.display(description=_("who asked"))
    def who(self, command: Command) -> SafeString:
        """The actor, as a link to all commands of theirs."""
        link = show.identifier(command.actor, show.list_of("command", {"q": command.actor}), short=True)
        return show.named(self.actor_name_of(command), link)

    @admin.display(description=_("who asked"))
    def asker(self, command: Command) -> SafeString:
        link = show.identifier(command.actor, show.list_of("command", {"q": command.actor}))
        return show.named(self.actor_name_of(command), link)

    @admin.display(description=_("events"))
    def events(self, command: Command) -> int:
        return len(command.positions)

    def title_of(self, obj: Command) -> str:
        return gettext("Command %(number)s: %(type)s") % {"number": obj.number, "type": obj.type}

    def details(self, request: HttpRequest, obj: Command) -> dict[str, Any]:
        body = facts_of(messages.commands, obj, request.user)
        positions = obj.positions[:SHOWN_EVENTS]
        more = {name: found for name, found in obj.metadata.items() if name not in ("actor", "command_id")}
        refusal = None if obj.accepted else msgspec.convert(obj.response, Refusal)
        events = Event.objects.filter(position__in=positions).defer("data", "digest").order_by("position")
        return {
            "command": obj,
            "refusal": refusal,
            "sentence": refusal and sentence(refusal),
            "sections": [
                Section(gettext("What was asked"), body),
                *_answer(obj),
                Section(gettext("By whom, and when"), [*self.facts(obj, *self.detail_fields), *metadata_facts(more)]),
            ],
            "events": events,
            "elsewhere": missing(Event, positions[0]) if len(events) < len(positions) else None,
        }


def _answer(command: Command) -> list[Section]:
    """The answer of an accepted command, or the details of a refusal, if there are any."""
    answer = command.response if command.accepted else command.response.get("details") or {}
    values = {name: as_uuid(found) or found if isinstance(found, str) else found for name, found in answer.items()}
    links = stream_links(values.values())
    facts = [Fact(name, show.value(found, links), is_name=True) for name, found in values.items()]
    return [Section(gettext("What was answered"), facts)] if facts else []
