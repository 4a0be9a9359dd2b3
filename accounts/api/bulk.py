"""Bulk: many commands in one request, each for itself, or all of them or none."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any, Final

from django.db import transaction
from django.utils.translation import get_language, override
from rest_framework import serializers
from rest_framework.exceptions import APIException, NotFound
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response

from accounts.api.command_views import CommandResult, HttpCommand, PostCommandView
from accounts.api.customers import RegisterCustomerView
from accounts.domain.commands import SendBulk
from accounts.services.batches import execute_all_or_none, execute_each
from accounts.services.ids import new_id
from eventstore.decider import Refused, phrase
from eventstore.execute import MAX_COMMANDS, BatchRefused, CommandRequest, Receipt, execute_request, retrying
from eventstore.http.command_views import KEY_JSON_SCHEMA, KEY_PATTERN, CommandView
from eventstore.http.errors import exception_handler, refusal_response
from eventstore.http.fields import StrictSerializer, Text
from eventstore.http.openapi import command_operation
from eventstore.http.routes import view_at
from eventstore.log import log_database

ROOT: Final = "/api/v1/"
ATOMIC: Final = "atomic"
MODES: Final = (ATOMIC, "each")


def _clean_mode(text: str) -> str:
    if text not in MODES:
        raise Refused("MALFORMED", phrase("The mode is atomic or each."), field="mode")
    return text


def _clean_key(text: str) -> str:
    if not KEY_PATTERN.fullmatch(text):
        raise Refused("MALFORMED", phrase("A key is 1 to 255 printable ASCII characters."), field="key")
    return text


class BulkRequestItemSerializer(StrictSerializer):
    """One request, as it would be sent to its own address."""

    path = Text(
        help_text="Of an address that takes POST, below `/api/v1/`: `transfers`. Not `customers`, `token` or `bulk`."
    )
    body = serializers.DictField(help_text="As that address has it.")
    key = Text(
        _clean_key,
        json_schema=KEY_JSON_SCHEMA,
        help_text="Its own idempotency key: the request may also be sent again by itself.",
    )


class BulkRequestSerializer(StrictSerializer):
    """The requests, and whether one refusal refuses all of them."""

    mode = Text(
        _clean_mode,
        json_schema={"enum": list(MODES)},
        help_text="`atomic`: all or none. `each`: every one for itself.",
    )
    items = serializers.ListField(child=BulkRequestItemSerializer(), min_length=1, max_length=MAX_COMMANDS)


class BulkResultItemSerializer(serializers.Serializer[Any]):
    """The answer to one request."""

    key = serializers.CharField()
    status = serializers.IntegerField()
    body = serializers.DictField()


class BulkResultSerializer(CommandResult):
    """The answers to all requests, in their order."""

    results = BulkResultItemSerializer(many=True)


@dataclass(frozen=True, slots=True)
class BulkItem:
    """One request of a bulk: parsed, or with the answer that says why it could not be parsed."""

    given: dict[str, Any]
    view: CommandView | None = None
    http_command: HttpCommand | None = None
    request: CommandRequest | None = None
    failure: Response | None = None

    def respond(self, receipt: Receipt) -> Response:
        """The answer of the request's own view."""
        assert self.view
        assert self.http_command
        return self.view.respond(self.http_command, receipt)


ExecuteItems = Callable[[Sequence[BulkItem]], list[Response]]


class BulkFailed(Exception):
    """One request of an atomic bulk was refused or could not be parsed, so nothing was stored."""

    def __init__(self, index: int, answer: Response) -> None:
        super().__init__(index)
        self.index = index
        self.answer = answer


@command_operation(
    "bulk",
    "Send many requests at once",
    f"Up to {MAX_COMMANDS:,}. With the mode `atomic` they share a transaction: the first that is refused is the "
    "answer, with its place in `details.index`, and nothing is done. It counts as one call.",
    tag="bulk",
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
    body = BulkRequestSerializer
    answer = BulkResultSerializer
    status = 200

    def command(self, http_command: HttpCommand) -> SendBulk:
        """The command that claims the key of the bulk, so that no other bulk can be sent under it later."""
        return SendBulk(new_id(), http_command.body["mode"], len(http_command.body["items"]))

    def execute(self, http_command: HttpCommand) -> Response:
        """Executes all requests, and answers each of them."""
        items = [self._item(item) for item in http_command.body["items"]]
        own = self.command_request(http_command)
        try:
            return self._rehearse(own, items) if http_command.dry_run else self._execute(own, items)
        except BulkFailed as failed:
            return _with_index(failed)

    def _item(self, item: dict[str, Any]) -> BulkItem:
        try:
            view = self._view_of(item["path"])
            http_command = view.http_command(item["key"], ROOT + item["path"], item["body"])
            return BulkItem(item, view, http_command, view.command_request(http_command))
        except (APIException, Refused) as error:
            return BulkItem(item, failure=exception_handler(error, {"request": self.request}))

    def _retold(self, item: BulkItem) -> BulkItem:
        """The request; if it could not be parsed, with the reason in the language that is active now."""
        return self._item(item.given) if item.failure else item

    def _view_of(self, path: str) -> CommandView:
        """The view that serves a path, for the signed-in user; raises NotFound, and what its permissions raise."""
        found = view_at(ROOT + path, "POST")
        if found is None or not issubclass(found[0], CommandView) or issubclass(found[0], NOT_IN_BULK):
            raise NotFound
        view: CommandView = found[0]()
        view.request, view.kwargs = self.request, found[1]
        view.check_permissions(self.request)
        return view

    def _rehearse(self, own: CommandRequest, items: Sequence[BulkItem]) -> Response:
        alias = log_database()
        with transaction.atomic(using=alias):
            response = self._execute(own, items)
            transaction.set_rollback(True, using=alias)
        return Response({**response.data, "dry_run": True}) if response.status_code == self.status else response

    def _execute(self, own: CommandRequest, items: Sequence[BulkItem]) -> Response:
        if own.command.mode == ATOMIC:
            return retrying(lambda: self._answer(own, items, _execute_atomically))
        return self._answer(own, items, _execute_each)

    def _answer(self, own: CommandRequest, items: Sequence[BulkItem], execute_items: ExecuteItems) -> Response:
        receipt = execute_request(own)
        if receipt.refusal:  # the key was used for another bulk
            return refusal_response(receipt.refusal)
        with override(receipt.language or get_language()):  # a bulk that is sent again is answered as it was
            answers = execute_items([self._retold(item) for item in items] if receipt.replayed else items)
        results = [
            {"key": item.given["key"], "status": answer.status_code, "body": answer.data}
            for item, answer in zip(items, answers, strict=True)
        ]
        told = {"position": 0, "cursor": receipt.cursor} if receipt.cursor else {"position": 0}
        last = max((result["body"] for result in results), key=lambda body: body.get("position", 0))
        told |= {name: last[name] for name in ("position", "cursor") if name in last}
        return Response({"command_id": receipt.command_id, **told, "results": results})


# What nobody may do many times at once: a registration takes a core for a while.
NOT_IN_BULK: Final = (BulkView, RegisterCustomerView)


def _execute_atomically(items: Sequence[BulkItem]) -> list[Response]:
    """The answers of all; raises BulkFailed for the first that is refused or could not be parsed."""
    parsed = list(takewhile(lambda item: item.request, items))
    try:
        receipts = list(execute_all_or_none([item.request for item in parsed if item.request]))
    except BatchRefused as no:
        raise BulkFailed(no.index, refusal_response(no.refusal)) from no
    for item in items[len(parsed) :]:
        raise BulkFailed(len(parsed), item.failure or Response())
    return [item.respond(receipt) for item, receipt in zip(parsed, receipts, strict=True)]


def _execute_each(items: Sequence[BulkItem]) -> list[Response]:
    """The answer of each, whatever becomes of the others."""
    receipts = execute_each([item.request for item in items if item.request])
    return [item.failure or item.respond(next(receipts)) for item in items]


def _with_index(failed: BulkFailed) -> Response:
    data = failed.answer.data
    details = {**data.get("details", {}), "index": failed.index}
    return Response({**data, "details": details}, status=failed.answer.status_code)
