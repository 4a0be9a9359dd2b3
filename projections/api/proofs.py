"""Proofs for whoever does not trust the site, and the signed heads of its trees to which they lead."""

from collections.abc import Mapping
from typing import Any, Final

from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.permissions import AllowAny

from eventstore import log, proofs
from eventstore.decider import Refused, phrase
from eventstore.http import query_views
from eventstore.http.fields import Number, Text
from eventstore.http.openapi import query_operation
from eventstore.http.paging import Page, newest_first
from eventstore.http.query_views import FreshnessQuery, PageByPositionQuery
from eventstore.models import Command, TreeHead
from projections import queries
from projections.api.parameters import ACCOUNT_ID, COMMAND_ID, PERIOD, POSITION
from projections.api.proof_serializers import (
    CommandProofSerializer,
    ConsistencyProofSerializer,
    EventProofSerializer,
    HeadSerializer,
    StreamProofSerializer,
)
from projections.api.query_views import QueryView
from projections.api.statements import STATEMENT_CODES, SheetView

MAX_DIGITS: Final = 18  # of a position: what is longer is none
TREES: Final = [str(tree) for tree in TreeHead.Tree]

CHECK_IT: Final = (
    "Keep the answer as a file: `python verifier.pyz proof.json` checks it without this site, and `--help` says how "
    "each part is made. RETRY_LATER: it is not sealed yet; `details` says how far the newest head reaches."
)


@query_operation(
    "get_event_proof",
    "Prove that an event is in the log",
    f"Customers may ask for the events of their own streams, staff for all. {CHECK_IT}",
    tag="events",
    refuses="NOT_FOUND FORBIDDEN",
    path=[POSITION],
)
class EventProofView(QueryView):
    """`GET events/{position}/proof`."""

    serializer = EventProofSerializer

    def answer(self, params: Mapping[str, Any], position: int) -> Mapping[str, Any]:
        """The proof; raises Refused for an event of another customer, and for one that is not sealed yet."""
        found = _number(self.kwargs["position"])
        if not found or not queries.events_of(self.user.customer_id).filter(position=found).exists():
            if found:
                log.must_hold_event(found)  # whosever it is: nobody is told more than where the log begins
            raise Refused("NOT_FOUND", phrase("There is no such event."))
        try:
            return proofs.event_proof(found)
        except proofs.NotSealed as error:
            raise not_sealed(error) from error


@query_operation(
    "get_command_proof",
    "Prove that a command, with its answer, is in the command store",
    f"Customers may ask for their own, staff for all. {CHECK_IT}",
    tag="commands",
    refuses="COMMAND_NOT_FOUND FORBIDDEN",
    path=[COMMAND_ID],
)
class CommandProofView(QueryView):
    """`GET commands/{command_id}/proof`."""

    serializer = CommandProofSerializer

    def answer(self, params: Mapping[str, Any], position: int) -> Mapping[str, Any]:
        """The proof; raises Refused for another caller's command, and for one that is not sealed yet."""
        command_id = self.kwargs["command_id"]
        commands = Command.objects.filter(command_id=command_id)
        if self.user.customer_id is not None:
            commands = commands.filter(actor=self.user.actor)
        number = commands.values_list("number", flat=True).first()
        if number is None:
            if self.user.customer_id is None:
                log.must_hold_command(command_id)
            raise Refused("COMMAND_NOT_FOUND", phrase("There is no such command."))
        try:
            return {**proofs.command_proof(number), "position": position}
        except proofs.NotSealed as error:
            raise not_sealed(error) from error


@query_operation(
    "get_statement_proof",
    "Prove what the statement of a month is made of",
    "Of an issued month: all events of the account in it, and the one before it, without a gap; one path proves them "
    f"all, as each digest covers the one before. {CHECK_IT}",
    tag="statements",
    refuses=STATEMENT_CODES,
    path=[ACCOUNT_ID, PERIOD],
)
class StatementProofView(SheetView):
    """`GET accounts/{id}/statements/{yyyy-mm}/proof`."""

    serializer = StreamProofSerializer

    def respond(self, params: Mapping[str, Any], position: int) -> HttpResponseBase:
        """The proof, some events at a time; raises Refused for a month that is not issued, or not sealed yet."""
        month = self.sheet().month
        if not month.issued:
            raise Refused("STATEMENT_NOT_FOUND", phrase("There is no issued statement of this month."))
        try:
            parts = proofs.stream_proof(month.account_id, month.begins_at, month.ends_at)
        except proofs.NotSealed as error:
            raise not_sealed(error) from error
        return StreamingHttpResponse(parts, content_type="application/json")


class HeadsQuery(PageByPositionQuery):
    """The query parameters of the list of heads."""

    tree = Text(default="", allow_blank=True, json_schema={"enum": ["", *TREES]}, help_text="`events` or `commands`")
    size = Number(required=False, help_text="How many leaves the tree had.")

    def validate_tree(self, tree: str) -> str:
        """The tree; raises ValidationError for one that there is not."""
        return _known(tree) if tree else tree


@query_operation(
    "list_heads",
    "List the signed heads of the trees",
    "For anyone. Newest first. Keep one, or have it kept by somebody else: no row under it can be changed any more "
    "without everybody noticing who asks for a proof. A note is a C2SP checkpoint.",
    tag="heads",
    anonymous=True,
)
class HeadsView(query_views.ListView):
    """`GET heads`."""

    permission_classes = (AllowAny,)
    query = HeadsQuery
    serializer = HeadSerializer

    def page(self, params: Mapping[str, Any]) -> "Page[Any, Any]":
        """The heads that match."""
        heads = TreeHead.objects.all()
        if params["tree"]:
            heads = heads.filter(tree=params["tree"])
        if "size" in params:
            heads = heads.filter(size=params["size"])
        return newest_first(heads, "id", params.get("cursor"), params["limit"])


class ConsistencyQuery(FreshnessQuery):
    """The query parameters of a consistency proof: two heads of one tree, by their sizes."""

    tree = Text(json_schema={"enum": TREES}, help_text="`events` or `commands`")
    old = Number(min_value=1, help_text="The size of the older head.")
    new = Number(min_value=1, help_text="The size of the newer head.")

    def validate_tree(self, tree: str) -> str:
        """The tree; raises ValidationError for one that there is not."""
        return _known(tree)


@query_operation(
    "get_consistency_proof",
    "Prove that one head continues another",
    "For anyone. All leaves of the older head are the first ones of the newer head: nothing under it was changed or "
    "taken away. `python verifier.pyz consistency.json` checks it.",
    tag="heads",
    refuses="NOT_FOUND",
    anonymous=True,
)
class ConsistencyView(query_views.QueryView):
    """`GET heads/consistency`."""

    permission_classes = (AllowAny,)
    query = ConsistencyQuery
    serializer = ConsistencyProofSerializer

    def answer(self, params: Mapping[str, Any], position: int) -> Mapping[str, Any]:
        """The proof; raises Refused if there is no such head."""
        try:
            return {**proofs.consistency_proof(params["tree"], params["old"], params["new"]), "position": position}
        except (LookupError, ValueError) as error:  # also where the older one would be the larger one
            raise Refused("NOT_FOUND", phrase("There are no two such heads.")) from error


def not_sealed(error: proofs.NotSealed) -> Refused:
    """The refusal of a proof of what no head covers yet."""
    details = {"sealed": error.sealed, "mark": error.mark}
    return Refused("RETRY_LATER", phrase("This is not sealed yet. Ask again in a moment."), details=details)


def _known(tree: str) -> str:
    if tree not in TREES:
        raise serializers.ValidationError(_("There is no such tree: it is events or commands."))
    return tree


def _number(text: str) -> int | None:
    """The position in an address; None for a text that names none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= MAX_DIGITS else None
