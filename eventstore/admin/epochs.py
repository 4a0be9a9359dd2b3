"""The epochs of the log in the admin: when each began, and why."""

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from eventstore.admin import show
from eventstore.admin.readonly import ReadOnlyAdmin
from eventstore.models import Epoch


@admin.register(Epoch)
class EpochAdmin(ReadOnlyAdmin):
    """All epochs, the present one first; cursors of the others are refused."""

    list_display = ("epoch", "began", "why", "position", "number")
    detail_fields = ("epoch", "log_id", "began", "why", "reason", "position", "number")

    @admin.display(description=_("began at"))
    def began(self, epoch: Epoch) -> str:
        return show.moment(epoch.began_at)

    @admin.display(description=_("cause"))
    def why(self, epoch: Epoch) -> SafeString:
        noticed = epoch.cause == Epoch.Cause.NOTICED
        return show.mark(epoch.get_cause_display(), "bad" if noticed else "good")

    def title_of(self, obj: Epoch) -> str:
        return gettext("Epoch %(epoch)d of the log") % {"epoch": obj.epoch}
