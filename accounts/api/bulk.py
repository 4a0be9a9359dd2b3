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

from accounts.api.acting import KEY_SHAPE, PRINTABLE, Act, Done, Order, Post
from accounts.api.fields import Strict, Text
from accounts.api.routes import endpoint_at
from accounts.api.schema import acts
from accounts.api_errors import handler, refused
from accounts.batches import one_by_one, together
from accounts.commands import SendBulk
from accounts.handlers import new_id
from eventstore.backends import writing
from eventstore.decider import Refused, phrase
from eventstore.execute import MOST, BatchRefused, carry_out
from eventstore.execute import Request as Wanted
from eventstore.records import Receipt
from eventstore.retries import retrying

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


class Item(Strict):
    """One request, as it would be sent to its own address."""

    path = Text(help_text="Of an address that takes POST, below `/api/v1/`: `transfers`.")
    body = serializers.DictField(help_text="As that address has it.")
    key = Text(
        rule=_clean_key,
        like=KEY_SHAPE,
        help_text="Its own idempotency key: the request may also be sent again by itself.",
    )


class Bundle(Strict):
    """What is asked for, and whether one refusal is a refusal of all."""

    mode = Text(
        rule=_clean_mode, like={"enum": list(MODES)}, help_text="`atomic`: all or none. `each`: every one for itself."
    )
    items = serializers.ListField(child=Item(), min_length=1, max_length=MOST)


class Result(serializers.Serializer[Any]):
    """What came of one request."""

    key = serializers.CharField()
    status = serializers.IntegerField()
    body = serializers.DictField()


class BundleDone(Done):
    """What came of each, in their order."""

    results = Result(many=True)


@dataclass(frozen=True, slots=True)
class Piece:
    """One request that was read, or why it could not be."""

    key: str
    endpoint: Act | None = None
    order: Order | None = None
    wanted: Wanted | None = None
    failure: Response | None = None

    def told(self, receipt: Receipt) -> Response:
        """What came of it."""
        assert self.endpoint
        assert self.order
        return self.endpoint.told(self.order, receipt)


Way = Callable[[Sequence[Piece]], list[Response]]  # of doing all of it


class Failed(Exception):
    """One of the requests came to nothing, so none is done."""

    def __init__(self, index: int, answer: Response) -> None:
        super().__init__(index)
        self.index = index
        self.answer = answer


@acts(
    "Send many requests at once",
    f"Up to {MOST:,}. With the mode `atomic` they share a transaction: the first that is refused is the answer, with "
    "its place in `details.index`, and nothing is done. It counts as one call.",
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
class Bulk(Post):
    """`POST bulk`."""

    permission_classes = (IsAuthenticated,)
    body = Bundle
    answer = BundleDone
    status = 200

    def command(self, order: Order) -> SendBulk:
        """That it was sent is kept under its key, so that the key can't stand for another one later."""
        return SendBulk(new_id(), order.asked["mode"], len(order.asked["items"]))

    def answered(self, order: Order) -> Response:
        """Do all of it, and tell what came of each."""
        pieces = [self._piece(item) for item in order.asked["items"]]
        own = self.by_user(order, self.command(order))
        try:
            return self._rehearsed(own, pieces) if order.dry_run else self._done(own, pieces)
        except Failed as failed:
            return _with_index(failed)

    def _piece(self, item: dict[str, Any]) -> Piece:
        try:
            endpoint = self._endpoint(item["path"])
            order = endpoint.order(item["key"], ROOT + item["path"], item["body"])
            return Piece(item["key"], endpoint, order, endpoint.wanted(order))
        except (APIException, Refused) as error:
            return Piece(item["key"], failure=handler(error, {"request": self.request}))

    def _endpoint(self, path: str) -> Act:
        """Who serves a path, for who is signed in; raises what it raises to who may not."""
        found = endpoint_at(ROOT + path, "POST")
        if found is None or not issubclass(found[0], Act) or issubclass(found[0], Bulk):
            raise NotFound
        endpoint: Act = found[0]()
        endpoint.request, endpoint.kwargs = self.request, found[1]
        endpoint.check_permissions(self.request)
        return endpoint

    def _rehearsed(self, own: Wanted, pieces: Sequence[Piece]) -> Response:
        alias = writing().alias
        with transaction.atomic(using=alias):
            response = self._done(own, pieces)
            transaction.set_rollback(True, using=alias)
        return Response({**response.data, "dry_run": True}) if response.status_code == self.status else response

    def _done(self, own: Wanted, pieces: Sequence[Piece]) -> Response:
        if own.command.mode == ATOMIC:
            return retrying(lambda: self._answer(own, pieces, _all))
        return self._answer(own, pieces, _each)

    def _answer(
        self, own: Wanted, pieces: Sequence[Piece], do: Callable[[Sequence[Piece]], list[Response]]
    ) -> Response:
        receipt = carry_out(own)
        if receipt.refusal:  # the key stands for another bulk
            return refused(receipt.refusal)
        results = [
            {"key": piece.key, "status": answer.status_code, "body": answer.data}
            for piece, answer in zip(pieces, do(pieces), strict=True)
        ]
        position = max(result["body"].get("position", 0) for result in results)
        return Response({"command_id": receipt.command_id, "position": position, "results": results})


def _all(pieces: Sequence[Piece]) -> list[Response]:
    """The answers of all; raises Failed for the first that is refused, or can't be read."""
    read = list(takewhile(lambda piece: piece.wanted, pieces))
    try:
        receipts = list(together([piece.wanted for piece in read if piece.wanted]))
    except BatchRefused as no:
        raise Failed(no.index, refused(no.refusal)) from no
    for piece in pieces[len(read) :]:
        raise Failed(len(read), piece.failure or Response())
    return [piece.told(receipt) for piece, receipt in zip(read, receipts, strict=True)]


def _each(pieces: Sequence[Piece]) -> list[Response]:
    """The answer of each, whatever becomes of the others."""
    receipts = one_by_one([piece.wanted for piece in pieces if piece.wanted])
    return [piece.failure or piece.told(next(receipts)) for piece in pieces]


def _with_index(failed: Failed) -> Response:
    data = failed.answer.data
    details = {**data.get("details", {}), "index": failed.index}
    return Response({**data, "details": details}, status=failed.answer.status_code)
