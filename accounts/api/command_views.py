"""Addresses at which one acts: a request becomes a command, under the key that its sender gave it."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.endpoint import Endpoint, serialize, validated
from accounts.api.errors import failure, refused
from accounts.api.fields import StrictSerializer
from accounts.services.use_cases import command_request
from eventstore.execute import CommandRequest, Receipt, execute_request

KEY: Final = "Idempotency-Key"

PRINTABLE: Final = re.compile(r"[ -~]{1,255}")
KEY_SCHEMA: Final = {"minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"}  # the same in the words of JSON Schema


class DryRunQuery(StrictSerializer):
    """What may stand in the query of a request that acts."""

    dry_run = serializers.BooleanField(
        default=False, help_text="`1` answers what would happen, with `dry_run: true`; nothing is stored, nor the key."
    )


class CommandResult(serializers.Serializer[Any]):
    """What everybody is told whose command was executed."""

    command_id = serializers.UUIDField(
        help_text="The id of the command; `GET commands/{command_id}` tells all about it."
    )
    position = serializers.IntegerField(
        help_text="Where its last event stands in the log, 0 if it caused none. "
        "A read with `min_position` set to it is sure to show its effect."
    )


@dataclass(frozen=True, slots=True)
class HttpCommand:
    """What is asked, with what else `execute` wants to know."""

    body: Mapping[str, Any]
    key: str
    fingerprint: str
    dry_run: bool

    @property
    def terms(self) -> dict[str, Any]:
        """The conditions under which the command is executed, as keyword arguments."""
        return {"fingerprint": self.fingerprint, "dry_run": self.dry_run}


class CommandView(Endpoint):
    """An address at which one acts. What comes of it is stored under the key, and a replay answers it again."""

    query = DryRunQuery
    body: ClassVar[type[StrictSerializer]]
    answer: ClassVar[type[CommandResult]]
    status: ClassVar[int] = 201

    def act(self, request: Request) -> Response:
        """Read the request, execute it, and tell what came of it."""
        given = self.request_body()
        key = request.headers.get(KEY)
        if key is None:
            return failure("KEY_REQUIRED", _("Send an Idempotency-Key: then a request can safely be sent again."))
        if not PRINTABLE.fullmatch(key):
            return failure("MALFORMED", _("A key is 1 to 255 printable ASCII characters."), field=KEY)
        dry_run = self.query_params()["dry_run"]
        http_command = self.http_command(key, request.path, given, dry_run=dry_run)
        return self.executed(http_command)

    def executed(self, http_command: HttpCommand) -> Response:
        """Execute what was asked."""
        return self.respond(http_command, execute_request(self.command_request(http_command)))

    def http_command(self, key: str, path: str, given: Any, *, dry_run: bool = False) -> HttpCommand:
        """What is asked by a body; raises ValidationError."""
        return HttpCommand(validated(self.body, given), key, _fingerprint(self.request.method, path, given), dry_run)

    def command_request(self, http_command: HttpCommand) -> CommandRequest:
        """The request to the engine that an order leads to; may raise Refused where there is no command yet."""
        return self.request_by_user(http_command, self.command(http_command))

    def command(self, http_command: HttpCommand) -> Any:
        """The command that is asked for; may raise Refused where there is none yet."""
        raise NotImplementedError

    def request_by_user(self, http_command: HttpCommand, command: Any) -> CommandRequest:
        """The request by which the signed-in caller sends a command; raises Refused by the policy of its use case."""
        return command_request(command, http_command.key, actor=self.user.actor, **http_command.terms)

    def result_fields(self, http_command: HttpCommand, receipt: Receipt) -> Mapping[str, Any]:
        """What the sender is told, besides the id of the command and its position."""
        return receipt.answer

    def respond(self, http_command: HttpCommand, receipt: Receipt) -> Response:
        """What came of it."""
        if receipt.refusal:
            return refused(receipt.refusal)
        done = {
            "command_id": receipt.command_id,
            "position": receipt.position,
            **self.result_fields(http_command, receipt),
        }
        body = serialize(self.answer, done)
        if receipt.dry_run:
            return Response({**body, "dry_run": True})
        return Response(body, status=self.status)


class PostCommandView(CommandView):
    """An address at which one acts by POST."""

    def post(self, request: Request, **ids: str) -> Response:
        """Act."""
        return self.act(request)


def _fingerprint(method: str | None, path: str, given: Any) -> str:
    """What was asked: method, path and parsed body, so that the order of fields and white space don't matter."""
    return json.dumps([method, path, given], sort_keys=True)
