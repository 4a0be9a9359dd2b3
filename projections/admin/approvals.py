"""Requests for a second person's decision, in the admin."""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.domain.money import EXPONENTS
from accounts.templatetags.money import money
from eventstore.admin import Link, as_uuid, show
from projections.admin.common import AccountFilter, ReadModelAdmin, StatusFilter
from projections.admin.names import APP, names_of
from projections.models import Approval, Entry

TONES = {
    Approval.Status.OPEN: "quiet",
    Approval.Status.GRANTED: "good",
    Approval.Status.REFUSED: "bad",
    Approval.Status.WITHDRAWN: "quiet",
}
DECIMAL = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,4})?")
ORDERS = {
    "AdjustBalance": _("Adjust the balance"),
    "ReverseEntry": _("Reverse an entry"),
    "SetOverdraftLimit": _("Set the overdraft limit"),
}


@admin.register(Approval)
class ApprovalAdmin(ReadModelAdmin):
    """Requests, open and decided, newest first."""

    list_display = ("requested", "account_link", "asked", "amount_text", "outcome", "reason", "asked_by", "answered_by")
    number_columns = ("amount_text",)
    list_filter = (StatusFilter, AccountFilter)
    search_fields = ("approval_id",)
    search_help_text = _("The id of a request, or of the account that it is about.")
    detail_fields = (
        *(
            "approval_id",
            "asked",
            "amount_text",
            "command",
            "payload",
            "account_link",
            "reason",
            "asked_by",
            "requested",
            "outcome",
        ),
        *("answered_by", "decided", "decision_reason", "event"),
    )

    def find(self, term: str) -> str | None:
        """Finds a request by its id, or the requests about an account."""
        if (found := as_uuid(term)) is None:
            return None
        if Approval.objects.filter(approval_id=found).exists():
            return show.link_to("approval", found, app=APP)
        return show.list_of("approval", {"account": found}, app=APP)

    def enrich(self, rows: Sequence[Any]) -> None:
        """Attaches the amount that each request is about, signed where it moves money; an entry's is looked up."""
        ids = {found: as_uuid(str(found)) for row in rows if (found := row.payload.get("entry_id"))}
        entries = Entry.objects.in_bulk([known for known in ids.values() if known]) if ids else {}
        for row in rows:
            row.sum = _amount_of(row, entries.get(ids.get(row.payload.get("entry_id"))))

    @admin.display(description=_("what is asked for"))
    def asked(self, approval: Approval) -> str:
        return str(ORDERS.get(approval.command, approval.command))

    @admin.display(description=_("amount"))
    def amount_text(self, approval: Any) -> str:
        return approval.sum or show.NOTHING

    @admin.display(description=_("requested by"))
    def asked_by(self, approval: Approval) -> str:
        return names_of(approval).actor(approval.requested_by)

    @admin.display(description=_("decided by"))
    def answered_by(self, approval: Approval) -> str:
        return names_of(approval).actor(approval.decided_by)

    @admin.display(description=_("status"))
    def outcome(self, approval: Approval) -> SafeString:
        status = Approval.Status(approval.status)
        return show.mark(str(status.label), TONES[status])

    @admin.display(description=_("requested at"))
    def requested(self, approval: Approval) -> str:
        return show.moment(approval.requested_at)

    @admin.display(description=_("decided at"))
    def decided(self, approval: Approval) -> str:
        return show.moment(approval.decided_at)

    def title_of(self, obj: Approval) -> str:
        return f"{self.asked(obj)} {obj.approval_id}"

    def links(self, obj: Approval) -> list[Link]:
        return [
            Link(gettext("What was asked about it"), show.list_of("auditline", {"about": obj.approval_id}, app=APP)),
            Link(gettext("Stream"), show.link_to("stream", obj.approval_id)),
        ]


def _amount_of(approval: Any, entry: Entry | None) -> SafeString | None:
    """The amount of a request in the currency of its account; what a payload holds is in major units already."""
    if entry is not None:
        return money(entry.signed_amount, entry.currency, signed=True)
    account = names_of(approval).accounts.get(approval.account_id)
    given = approval.payload.get("amount", approval.payload.get("limit"))
    if account is None or not isinstance(given, str) or not DECIMAL.fullmatch(given):
        return None
    minor = int(Decimal(given).scaleb(EXPONENTS[account.currency]))
    return money(minor, account.currency, signed="amount" in approval.payload)
