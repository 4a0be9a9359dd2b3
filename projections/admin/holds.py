"""Holds in the admin."""

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.templatetags.money import money, plain_money
from eventstore.admin import Link, as_uuid, show
from projections.admin.common import AccountFilter, ReadModelAdmin, StatusFilter
from projections.admin.names import APP
from projections.models import Hold


@admin.register(Hold)
class HoldAdmin(ReadModelAdmin):
    """Holds, open and ended, newest first."""

    list_display = ("placed", "account_link", "amount_text", "captured_text", "status", "expires", "reference", "event")
    number_columns = ("amount_text", "captured_text", "event")
    list_filter = (StatusFilter, AccountFilter)
    search_fields = ("hold_id",)
    search_help_text = _("The id of a hold, or of an account.")
    detail_fields = (
        *("hold_id", "account_link", "amount_text", "status", "captured_text", "reference", "placed", "expires"),
        *("ended", "reason", "event"),
    )

    def find(self, term: str) -> str | None:
        """Finds a hold by its id, or the holds of an account."""
        if (found := as_uuid(term)) is None:
            return None
        if Hold.objects.filter(hold_id=found).exists():
            return show.link_to("hold", found, app=APP)
        return show.list_of("hold", {"account": found}, app=APP)

    @admin.display(description=_("amount"))
    def amount_text(self, hold: Hold) -> SafeString:
        return money(hold.amount, hold.currency)

    @admin.display(description=_("captured amount"))
    def captured_text(self, hold: Hold) -> SafeString:
        return money(hold.captured, hold.currency)

    @admin.display(description=_("placed at"))
    def placed(self, hold: Hold) -> str:
        return show.moment(hold.placed_at)

    @admin.display(description=_("expires at"))
    def expires(self, hold: Hold) -> str:
        return show.moment(hold.expires_at)

    @admin.display(description=_("ended at"))
    def ended(self, hold: Hold) -> str:
        return show.moment(hold.ended_at)

    def title_of(self, obj: Hold) -> str:
        return gettext("Hold of %(amount)s") % {"amount": plain_money(obj.amount, obj.currency)}

    def links(self, obj: Hold) -> list[Link]:
        if obj.entry_id is None:
            return []
        return [Link(gettext("Entry of the capture"), show.link_to("entry", obj.entry_id, app=APP))]
