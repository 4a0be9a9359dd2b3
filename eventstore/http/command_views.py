"""Command views: a request becomes a command under the key of its sender, and a receipt becomes the answer."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from eventstore.execute import CommandRequest, Receipt, execute_request
from eventstore.http.endpoint import Endpoint, serialize, validated
from eventstore.http.errors import error_response, refusal_response
from eventstore.http.fields import CURSOR_HELP, StrictSerializer, ToldCursor

__all__ = [
    "KEY_HEADER",
    "KEY_JSON_SCHEMA",
    "KEY_PATTERN",
    "CommandResult",
    "CommandView",
    "DryRunQuery",
    "HttpCommand",
    "PostCommandView",
]

KEY_HEADER: Final = "Idempotency-Key"
KEY_PATTERN: Final = re.compile(r"(?=.*[!-~])[ -~]{1,255}")  # not of spaces alone
KEY_JSON_SCHEMA: Final = {"minLength": 1, "maxLength": 255, "pattern": "^[ -~]*[!-~][ -~]*$"}  # the same pattern


class DryRunQuery(StrictSerializer):
    """The query parameters of a command view."""

    dry_run = serializers.BooleanField(
        default=False, help_text="`1` answers what would happen, with `dry_run: true`; nothing is stored, nor the key."
    )


class CommandResult(serializers.Serializer[Any]):
    """The answer to an executed command; a subclass adds the fields of its result."""

    command_id = serializers.UUIDField(help_text="The id under which the command is stored, with its answer.")
    position = serializers.IntegerField(
        help_text="The position of the command's last event in the log, 0 if it caused none. "
        "A read with `min_position` set to it is sure to show the command's effect."
    )
    cursor = ToldCursor(
        required=False, help_text=f"{CURSOR_HELP} A dry run has none, and no command from before there were cursors."
    )


@dataclass(frozen=True, slots=True)
class HttpCommand:
    """A request that was parsed, before it becomes a command."""

    body: Mapping[str, Any]
    key: str
    fingerprint: str
    dry_run: bool

    @property
    def options(self) -> dict[str, Any]:
        """The options of `execute` that come from the request."""
        return {"fingerprint": self.fingerprint, "dry_run": self.dry_run}


class CommandView(Endpoint):
    """Executes a command under the request's Idempotency-Key; a replay of the request gets the stored answer.

    A subclass names the serializers of the body and of the answer, and makes the command from the parsed body.
    """

    query = DryRunQuery
    body: ClassVar[type[StrictSerializer]]
    answer: ClassVar[type[CommandResult]]
    status: ClassVar[int] = 201  # of the answer to a command that was accepted

    @property
    def actor(self) -> str:
        """The caller's name in the command store: `user.actor` if the user model has it, else `user:` and the key."""
        user = self.request.user
        return str(getattr(user, "actor", f"user:{user.pk}"))

    def act(self, request: Request) -> Response:
        """Parses the request, executes its command, and answers."""
        body = self.request_body()
        key = request.headers.get(KEY_HEADER)
        if key is None:
            return error_response(
                "KEY_REQUIRED", _("Send an Idempotency-Key: then a request can safely be sent again.")
            )
        if not KEY_PATTERN.fullmatch(key):
            return error_response("MALFORMED", _("A key is 1 to 255 printable ASCII characters."), field=KEY_HEADER)
        dry_run = self.query_params()["dry_run"]
        return self.execute(self.http_command(key, request.path, body, dry_run=dry_run))

    def execute(self, http_command: HttpCommand) -> Response:
        """Executes a parsed request, and answers."""
        return self.respond(http_command, execute_request(self.command_request(http_command)))

    def http_command(self, key: str, path: str, body: Any, *, dry_run: bool = False) -> HttpCommand:
        """A request with its parsed body and its fingerprint; raises ValidationError."""
        return HttpCommand(validated(self.body, body), key, _fingerprint(self.request.method, path, body), dry_run)

    def command_request(self, http_command: HttpCommand) -> CommandRequest:
        """The engine's request for a parsed request; raises Refused where no command can be made of it."""
        return self.request_for(http_command, self.command(http_command))

    def command(self, http_command: HttpCommand) -> Any:
        """The command for a parsed request; raises Refused where none can be made of it."""
        raise NotImplementedError

    def request_for(self, http_command: HttpCommand, command: Any) -> CommandRequest:
        """The engine's request that sends a command; a project with effective dates or side effects overrides it."""
        return CommandRequest(
            command=command,
            key=http_command.key,
            actor=self.actor,
            fingerprint_source=http_command.fingerprint,
            dry_run=http_command.dry_run,
        )

    def result_fields(self, http_command: HttpCommand, receipt: Receipt) -> Mapping[str, Any]:
        """The fields of the answer besides `command_id` and `position`: those that the decision answered."""
        return receipt.answer

    def respond(self, http_command: HttpCommand, receipt: Receipt) -> Response:
        """The answer for a receipt: the result with the view's status, or the refusal with its own.

        It is in the language in which the command was first answered: a replay differs by no byte.
        """
        if receipt.refusal:
            return refusal_response(receipt.refusal, language=receipt.language)
        result = {
            "command_id": receipt.command_id,
            "position": receipt.position,
            **({"cursor": receipt.cursor} if receipt.cursor else {}),
            **self.result_fields(http_command, receipt),
        }
        body = serialize(self.answer, result)
        if receipt.dry_run:
            return Response({**body, "dry_run": True})
        return Response(body, status=self.status)


class PostCommandView(CommandView):
    """A command view that serves POST."""

    def post(self, request: Request, **ids: str) -> Response:
        """Executes the command of the request."""
        return self.act(request)


def _fingerprint(method: str | None, path: str, body: Any) -> str:
    """The method, path and parsed body of a request, whatever the order of its fields and its white space."""
    return json.dumps([method, path, body], sort_keys=True)
