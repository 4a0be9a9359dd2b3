"""Queries to the command store: a command, its answer, and the events that it caused."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec
from django.db.models import QuerySet

from accounts.domain.money import format_amount
from eventstore import feed, log
from eventstore.decider import Refusal, Refused, phrase
from eventstore.execute import command_id_of
from eventstore.http.errors import refusal_body
from eventstore.http.fields import Text, as_id
from eventstore.http.openapi import query_operation
from eventstore.http.query_views import FreshnessQuery
from eventstore.log import CommandRecord, Recorded, cursor_of_command
from eventstore.models import Command
from projections import queries
from projections.api.parameters import COMMAND_KEY
from projections.api.query_views import QueryView
from projections.api.serializers import CommandSerializer

# The fields of stored answers in minor units; an answer that has any of these has a `currency` too.
MONEY_FIELDS: Final = frozenset({"amount", "balance", "held", "available", "overdraft_limit", "per_entry", "daily_out"})

STORED_FIELDS: Final = ("command_id", "key", "actor", "type", "command", "accepted", "recorded_at")


class CommandQuery(FreshnessQuery):
    """The query parameters of a command."""

    actor = Text(required=False, help_text="Staff may ask for the key of another, such as `customer:0190a6f2-…`.")


@query_operation(
    "get_command",
    "Get a command",
    "Customers may ask for their own, staff for all: the command, its answer and the events that it caused. "
    "Customers see the events of their own accounts.",
    tag="commands",
    refuses="COMMAND_NOT_FOUND",
    path=[COMMAND_KEY],
)
class CommandView(QueryView):
    """`GET commands/{key}`."""

    query = CommandQuery
    serializer = CommandSerializer

    def answer(self, params: Mapping[str, Any], position: int) -> Mapping[str, Any]:
        """The command; raises Refused for another caller's."""
        record = next(_candidates(params.get("actor", self.user.actor), self.kwargs["key"], self._visible()), None)
        if record is None:
            self._must_not_be_archived(params.get("actor", self.user.actor), self.kwargs["key"])
            raise Refused("COMMAND_NOT_FOUND", phrase("There is no such command."))
        command = {
            **{name: getattr(record, name) for name in STORED_FIELDS},
            "response": _response(record),
            "events": list(filter(self._may_see_event, _events(record))),
            "position": position,
        }
        return CommandSerializer(command).data

    def _visible(self) -> "QuerySet[Command]":
        """The commands that the caller may see: another caller's costs no more time than one that does not exist."""
        return Command.objects.all() if self.user.customer_id is None else Command.objects.filter(actor=self.user.actor)

    def _must_not_be_archived(self, actor: str, key: str) -> None:
        """Raises RangeDetached for a command in an archive alone; customers hear so of their own keys only.

        By an id alone nobody can tell any more whose command it was.
        """
        is_staff = self.user.customer_id is None
        if is_staff or actor == self.user.actor:
            log.must_hold_command(command_id_of(actor, key))
        if is_staff and (command_id := as_id(key)):
            log.must_hold_command(command_id)

    def _may_see_event(self, event: Recorded[Any]) -> bool:
        """Whether an event is the caller's own: the other side of a transfer holds another customer's balance."""
        customer_id = self.user.customer_id
        return customer_id is None or queries.owns_stream(customer_id, event.stream_id)


def _candidates(actor: str, key: str, visible: "QuerySet[Command]") -> Iterator[CommandRecord]:
    """The commands that a key may name: by the actor's key first, then by command id."""
    for command_id in filter(None, (command_id_of(actor, key), as_id(key))):
        number = visible.filter(command_id=command_id).values_list("number", flat=True).first()
        if number is not None:
            yield from feed.read_commands(number - 1, number)


def _events(record: CommandRecord) -> Iterator[Recorded[Any]]:
    """The events that a command caused; other events may lie between them."""
    if record.positions:
        between = feed.between(record.positions[0] - 1, record.positions[-1])
        yield from (event for event in between if event.position in record.positions)


def _response(record: CommandRecord) -> Mapping[str, Any]:
    """The answer that the command's sender got."""
    if not record.accepted:
        return refusal_body(msgspec.convert(record.response, Refusal), language=record.metadata.get("language"))
    position = record.positions[-1] if record.positions else 0
    told = {"command_id": record.command_id, "position": position, "cursor": cursor_of_command(record.number, position)}
    return {**{name: value for name, value in told.items() if value is not None}, **_in_major_units(record.response)}


def _in_major_units(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    return {
        name: format_amount(value, answer["currency"]) if name in MONEY_FIELDS and value is not None else value
        for name, value in answer.items()
    }
