"""Read models in the admin: to look at, never to change. The log, commands and projections are there by themselves."""

from django.contrib import admin
from eventstore.admin import ReadOnlyAdmin

from lending.models import Loan


@admin.register(Loan)
class LoanAdmin(ReadOnlyAdmin):
    """The books that are out."""

    list_display = ("book_id", "reader_id", "due", "since")
    detail_fields = ("book_id", "reader_id", "due", "since")
