"""The read models in the admin: what customers see, with the way back to the commands and events behind it."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.text import normalise_email
from eventstore.admin import show
from eventstore.admin.filters import Filter, OutcomeFilter, RecordedFilter
from eventstore.admin.readonly import ReadOnlyAdmin, as_number, as_uuid
from projections.models import Account, AuditLine, Customer, Entry, JournalLeg
from projections.templatetags.money import money


class Of(Filter):
    """What belongs to one thing: no choice to offer, but an address to lead to."""

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        given = request.GET.get(self.parameters[0])
        return [(given, given)] if given else []
