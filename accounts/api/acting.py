"""Addresses at which one acts: a request becomes a command, under the key that its sender gave it."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Final

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.endpoint import Endpoint, told, valid
from accounts.api.fields import Strict
from accounts.api_errors import failure, refused
from eventstore.execute import Request as Wanted
from eventstore.execute import carry_out
from eventstore.records import Receipt

KEY: Final = "Idempotency-Key"

PRINTABLE: Final = re.compile(r"[ -~]{1,255}")
KEY_SHAPE: Final = {"minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"}  # the same in the words of JSON Schema


class Rehearsal(Strict):
    """What may stand in the query of a request that acts."""

    dry_run = serializers.BooleanField(
        default=False, help_text="`1` answers what would happen, with `dry_run: true`; nothing is stored, nor the key."
    )


class Done(serializers.Serializer[Any]):
    """What everybody is told whose command was executed."""

    command_id = serializers.UUIDField(
        help_text="The id of the command; `GET commands/{command_id}` tells all about it."
    )
    position = serializers.IntegerField(
        help_text="Where its last event stands in the log, 0 if it caused none. "
        "A read with `min_position` set to it is sure to show its effect."
    )


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked, with what else `execute` wants to know."""

    asked: Mapping[str, Any]
    key: str
    fingerprint: str
    dry_run: bool

    @property
    def terms(self) -> dict[str, Any]:
        """The conditions under which the command is executed, as keyword arguments."""
        return {"fingerprint": self.fingerprint, "dry_run": self.dry_run}


class Act(Endpoint):
    """An address at which one acts. What comes of it is stored under the key, and a replay answers it again."""

    query = Rehearsal
    body: ClassVar[type[Strict]]
    answer: ClassVar[type[Done]]
    status: ClassVar[int] = 201

    def act(self, request: Request) -> Response:
        """Read the request, execute it, and tell what came of it."""
        given = self.given()
        key = request.headers.get(KEY)
        if key is None:
            return failure("KEY_REQUIRED", _("Send an Idempotency-Key: then a request can safely be sent again."))
        if not PRINTABLE.fullmatch(key):
            return failure("MALFORMED", _("A key is 1 to 255 printable ASCII characters."), field=KEY)
        dry_run = self.asked()["dry_run"]
        order = self.order(key, request.path, given, dry_run=dry_run)
        return self.answered(order)

    def answered(self, order: Order) -> Response:
        """Execute what was asked."""
        return self.told(order, carry_out(self.wanted(order)))

    def order(self, key: str, path: str, given: Any, *, dry_run: bool = False) -> Order:
        """What is asked by a body; raises ValidationError."""
        return Order(valid(self.body, given), key, _fingerprint(self.request.method, path, given), dry_run)

    def wanted(self, order: Order) -> Wanted:
        """The request to the engine that an order leads to; may raise Refused where there is no command yet."""
        return self.by_user(order, self.command(order))

    def command(self, order: Order) -> Any:
        """The command that is asked for; may raise Refused where there is none yet."""
        raise NotImplementedError

    def by_user(
        self,
        order: Order,
        command: Any,
        *,
        effective_at: datetime | None = None,
        alongside: Callable[[], object] | None = None,
    ) -> Wanted:
        """The request of who is signed in."""
        return Wanted(
            command=command,
            key=order.key,
            actor=self.user.actor,
            asked=order.fingerprint,
            effective_at=effective_at,
            alongside=alongside,
            dry_run=order.dry_run,
        )

    def facts(self, order: Order, receipt: Receipt) -> Mapping[str, Any]:
        """What the sender is told, besides the id of the command and its position."""
        return receipt.answer

    def told(self, order: Order, receipt: Receipt) -> Response:
        """What came of it."""
        if receipt.refusal:
            return refused(receipt.refusal)
        done = {"command_id": receipt.command_id, "position": receipt.position, **self.facts(order, receipt)}
        body = told(self.answer, done)
        if receipt.dry_run:
            return Response({**body, "dry_run": True})
        return Response(body, status=self.status)


class Post(Act):
    """An address at which one acts by POST."""

    def post(self, request: Request, **ids: str) -> Response:
        """Act."""
        return self.act(request)


def _fingerprint(method: str | None, path: str, given: Any) -> str:
    """What was asked: method, path and parsed body, so that the order of fields and white space don't matter."""
    return json.dumps([method, path, given], sort_keys=True)
