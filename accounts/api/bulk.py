"""Many requests in one: each as if it had come alone, or all of them or none."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any, Final

from django.db import transaction
from rest_framework import serializers
from rest_framework.exceptions import APIException, NotFound
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response

from accounts.api.command_views import KEY_SCHEMA, PRINTABLE, CommandResult, CommandView, HttpCommand, PostCommandView
from accounts.api.errors import handler, refused
from accounts.api.fields import StrictSerializer, Text
from accounts.api.routes import endpoint_at
from accounts.api.schema import command_operation
from accounts.domain.commands import SendBulk
from accounts.services.batches import execute_all_or_none, execute_each
from accounts.services.ids import new_id
from eventstore.decider import Refused, phrase
from eventstore.execute import MAX_COMMANDS, BatchRefused, CommandRequest, Receipt, execute_request, retrying
from eventstore.log import log_database

ROOT: Final = "/api/v1/"
ATOMIC: Final = "atomic"
MODES: Final = (ATOMIC, "each")


def _clean_mode(text: str) -> str:
    if text not in MODES:
        raise Refused("MALFORMED", phrase("The mode is atomic or each."), field="mode")
    return text


def _clean_key(text: str) -> str:
    if not PRINTABLE.fullmatch(text):
        raise Refused("MALFORMED", phrase("A key is 1 to 255 printable ASCII characters."), field="key")
    return text


class BulkItemSerializer(StrictSerializer):
    """One request, as it would be sent to its own address."""

    path = Text(help_text="Of an address that takes POST, below `/api/v1/`: `transfers`.")
    body = serializers.DictField(help_text="As that address has it.")
    key = Text(
        rule=_clean_key,
        like=KEY_SCHEMA,
        help_text="Its own idempotency key: the request may also be sent again by itself.",
    )


class BulkSerializer(StrictSerializer):
    """What is asked for, and whether one refusal is a refusal of all."""

    mode = Text(
        rule=_clean_mode, like={"enum": list(MODES)}, help_text="`atomic`: all or none. `each`: every one for itself."
    )
    items = serializers.ListField(child=BulkItemSerializer(), min_length=1, max_length=MAX_COMMANDS)


class BulkItemResultSerializer(serializers.Serializer[Any]):
    """What came of one request."""

    key = serializers.CharField()
    status = serializers.IntegerField()
    body = serializers.DictField()


class BulkResultSerializer(CommandResult):
    """What came of each, in their order."""

    results = BulkItemResultSerializer(many=True)


@dataclass(frozen=True, slots=True)
class BulkItem:
    """One request that was read, or why it could not be."""

    key: str
    endpoint: CommandView | None = None
    http_command: HttpCommand | None = None
    wanted: CommandRequest | None = None
    failure: Response | None = None

    def respond(self, receipt: Receipt) -> Response:
        """What came of it."""
        assert self.endpoint
        assert self.http_command
        return self.endpoint.respond(self.http_command, receipt)


Way = Callable[[Sequence[BulkItem]], list[Response]]  # of doing all of it


class Failed(Exception):
    """One of the requests came to nothing, so none is done."""

    def __init__(self, index: int, answer: Response) -> None:
        super().__init__(index)
        self.index = index
        self.answer = answer


@command_operation(
    "Send many requests at once",
    f"Up to {MAX_COMMANDS:,}. With the mode `atomic` they share a transaction: the first that is refused is the "
    "answer, with its place in `details.index`, and nothing is done. It counts as one call.",
    refuses="NOT_FOUND",
    example={
        "mode": "atomic",
        "items": [
            {
                "path": "accounts/0190a6f2-7c3e-7d4a-8b1f-3c2d1e0f9a8b/deposits",
                "body": {"amount": "100.00"},
                "key": "first",
            },
        ],
    },
)
class BulkView(PostCommandView):
    """`POST bulk`."""

    permission_classes = (IsAuthenticated,)
    body = BulkSerializer
    answer = BulkResultSerializer
    status = 200

    def command(self, http_command: HttpCommand) -> SendBulk:
        """That it was sent is kept under its key, so that the key can't stand for another one later."""
        return SendBulk(new_id(), http_command.body["mode"], len(http_command.body["items"]))

    def executed(self, http_command: HttpCommand) -> Response:
        """Do all of it, and tell what came of each."""
        pieces = [self._piece(item) for item in http_command.body["items"]]
        own = self.request_by_user(http_command, self.command(http_command))
        try:
            return self._rehearsed(own, pieces) if http_command.dry_run else self._done(own, pieces)
        except Failed as failed:
            return _with_index(failed)

    def _piece(self, item: dict[str, Any]) -> BulkItem:
        try:
            endpoint = self._endpoint(item["path"])
            http_command = endpoint.http_command(item["key"], ROOT + item["path"], item["body"])
            return BulkItem(item["key"], endpoint, http_command, endpoint.command_request(http_command))
        except (APIException, Refused) as error:
            return BulkItem(item["key"], failure=handler(error, {"request": self.request}))

    def _endpoint(self, path: str) -> CommandView:
        """Who serves a path, for who is signed in; raises what it raises to who may not."""
        found = endpoint_at(ROOT + path, "POST")
        if found is None or not issubclass(found[0], CommandView) or issubclass(found[0], BulkView):
            raise NotFound
        endpoint: CommandView = found[0]()
        endpoint.request, endpoint.kwargs = self.request, found[1]
        endpoint.check_permissions(self.request)
        return endpoint

    def _rehearsed(self, own: CommandRequest, pieces: Sequence[BulkItem]) -> Response:
        alias = log_database()
        with transaction.atomic(using=alias):
            response = self._done(own, pieces)
            transaction.set_rollback(True, using=alias)
        return Response({**response.data, "dry_run": True}) if response.status_code == self.status else response

    def _done(self, own: CommandRequest, pieces: Sequence[BulkItem]) -> Response:
        if own.command.mode == ATOMIC:
            return retrying(lambda: self._answer(own, pieces, _all))
        return self._answer(own, pieces, _each)

    def _answer(
        self, own: CommandRequest, pieces: Sequence[BulkItem], do: Callable[[Sequence[BulkItem]], list[Response]]
    ) -> Response:
        receipt = execute_request(own)
        if receipt.refusal:  # the key stands for another bulk
            return refused(receipt.refusal)
        results = [
            {"key": piece.key, "status": answer.status_code, "body": answer.data}
            for piece, answer in zip(pieces, do(pieces), strict=True)
        ]
        position = max(result["body"].get("position", 0) for result in results)
        return Response({"command_id": receipt.command_id, "position": position, "results": results})


def _all(pieces: Sequence[BulkItem]) -> list[Response]:
    """The answers of all; raises Failed for the first that is refused, or can't be read."""
    read = list(takewhile(lambda piece: piece.wanted, pieces))
    try:
        receipts = list(execute_all_or_none([piece.wanted for piece in read if piece.wanted]))
    except BatchRefused as no:
        raise Failed(no.index, refused(no.refusal)) from no
    for piece in pieces[len(read) :]:
        raise Failed(len(read), piece.failure or Response())
    return [piece.respond(receipt) for piece, receipt in zip(read, receipts, strict=True)]


def _each(pieces: Sequence[BulkItem]) -> list[Response]:
    """The answer of each, whatever becomes of the others."""
    receipts = execute_each([piece.wanted for piece in pieces if piece.wanted])
    return [piece.failure or piece.respond(next(receipts)) for piece in pieces]


def _with_index(failed: Failed) -> Response:
    data = failed.answer.data
    details = {**data.get("details", {}), "index": failed.index}
    return Response({**data, "details": details}, status=failed.answer.status_code)
