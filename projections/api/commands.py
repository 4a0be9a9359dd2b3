"""Questions to the command store: what was asked, what was answered, and which events it caused."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec
from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes

from accounts.api.errors import refused
from accounts.api.fields import Text, as_id
from accounts.api.schema import in_path, query_operation
from accounts.domain.money import format_amount
from eventstore import feed
from eventstore.decider import Refusal, Refused, phrase
from eventstore.execute import command_id_of
from eventstore.log import CommandRecord, Recorded
from eventstore.models import Command
from projections import queries
from projections.api.query_views import FreshnessQuery, QueryView
from projections.api.serializers import CommandSerializer

# What is told in major units; an answer that holds any of these tells the currency.
MONEY: Final = frozenset({"amount", "balance", "held", "available", "overdraft_limit", "per_entry", "daily_out"})

STORED: Final = ("command_id", "key", "actor", "type", "command", "accepted", "recorded_at")
KEY: Final = in_path("key", "The key that it was sent with, or its `command_id`.", OpenApiTypes.STR)


class SenderQuery(FreshnessQuery):
    """Whose command it is."""

    actor = Text(required=False, help_text="Staff may ask for the key of another, such as `customer:0190a6f2-…`.")


@query_operation(
    "Tell about a command",
    "Customers may ask for their own, staff for all: what was asked, what was answered and which events it caused. "
    "Customers see those on their own accounts.",
    answer=CommandSerializer,
    refuses="COMMAND_NOT_FOUND",
    path=[KEY],
)
class CommandView(QueryView):
    """`GET commands/{key}`."""

    query = SenderQuery

    def answer(self, asked: Mapping[str, Any], position: int) -> Mapping[str, Any]:
        """The command; raises Refused for somebody else's."""
        record = next(_candidates(asked.get("actor", self.user.actor), self.kwargs["key"], self._seen()), None)
        if record is None:
            raise Refused("COMMAND_NOT_FOUND", phrase("There is no such command."))
        told = {
            "response": _response(record),
            "events": list(filter(self._may_know, _events(record))),
            "position": position,
        }
        return CommandSerializer({**{name: getattr(record, name) for name in STORED}, **told}).data

    def _seen(self) -> "QuerySet[Command]":
        """Those that the caller may know of: others cost no more than what is not there."""
        return Command.objects.all() if self.user.customer_id is None else Command.objects.filter(actor=self.user.actor)

    def _may_know(self, event: Recorded[Any]) -> bool:
        """Whether it is an event of their own: the other side of a transfer tells what somebody else has."""
        customer_id, stream_id = self.user.customer_id, event.stream_id
        if customer_id is None or stream_id == customer_id:
            return True
        return queries.account(stream_id, customer_id=customer_id) is not None


def _candidates(actor: str, key: str, seen: "QuerySet[Command]") -> Iterator[CommandRecord]:
    """What the key may mean, likeliest first."""
    for command_id in filter(None, (command_id_of(actor, key), as_id(key))):
        number = seen.filter(command_id=command_id).values_list("number", flat=True).first()
        if number is not None:
            yield from feed.read_commands(number - 1, number)


def _events(record: CommandRecord) -> Iterator[Recorded[Any]]:
    """Those that it caused; others may stand between them."""
    if record.positions:
        between = feed.between(record.positions[0] - 1, record.positions[-1])
        yield from (event for event in between if event.position in record.positions)


def _response(record: CommandRecord) -> Mapping[str, Any]:
    """What its sender was told."""
    if not record.accepted:
        refusal: Mapping[str, Any] = refused(msgspec.convert(record.response, Refusal)).data
        return refusal
    position = record.positions[-1] if record.positions else 0
    return {"command_id": record.command_id, "position": position, **_in_major_units(record.response)}


def _in_major_units(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    return {
        name: format_amount(value, answer["currency"]) if name in MONEY and value is not None else value
        for name, value in answer.items()
    }
