"""Requests for a second person's decision, in the admin."""

from collections.abc import Sequence

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from eventstore.admin import Link, as_uuid, show
from projections.admin.common import APP, AccountFilter, ReadModelAdmin, StatusFilter
from projections.admin.staff import attach_staff, person
from projections.models import Approval

TONES = {
    Approval.Status.OPEN: "quiet",
    Approval.Status.GRANTED: "good",
    Approval.Status.REFUSED: "bad",
    Approval.Status.WITHDRAWN: "quiet",
}


@admin.register(Approval)
class ApprovalAdmin(ReadModelAdmin):
    """Requests, open and decided, newest first."""

    list_display = ("requested", "command", "outcome", "reason", "asked_by", "answered_by", "account_link", "event")
    list_filter = (StatusFilter, AccountFilter)
    search_fields = ("approval_id",)
    search_help_text = _("The id of a request, or of the account that it is about.")
    detail_fields = (
        *("approval_id", "command", "payload", "account_link", "reason", "asked_by", "requested", "outcome"),
        *("answered_by", "decided", "decision_reason", "event"),
    )

    def find(self, term: str) -> str | None:
        """Finds a request by its id, or the requests about an account."""
        if (found := as_uuid(term)) is None:
            return None
        if Approval.objects.filter(approval_id=found).exists():
            return show.link_to("approval", found, app=APP)
        return show.list_of("approval", {"account": found}, app=APP)

    def enrich(self, rows: Sequence[Approval]) -> None:
        """Attaches the e-mails of the members of staff who requested and decided."""
        attach_staff(rows, "requested_by", "decided_by")

    @admin.display(description=_("requested by"))
    def asked_by(self, approval: Approval) -> str:
        return person(approval, "requested_by")

    @admin.display(description=_("decided by"))
    def answered_by(self, approval: Approval) -> str:
        return person(approval, "decided_by")

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

    def links(self, obj: Approval) -> list[Link]:
        return [
            Link(gettext("What was asked about it"), show.list_of("auditline", {"about": obj.approval_id}, app=APP)),
            Link(gettext("Stream"), show.link_to("stream", obj.approval_id)),
        ]
