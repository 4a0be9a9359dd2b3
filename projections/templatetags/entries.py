"""Titles of entries on a page."""

from django import template
from django.utils.translation import gettext_lazy as _

from projections.models import Entry

register = template.Library()

TITLES = {
    (Entry.Kind.DEPOSIT, Entry.Direction.CREDIT): _("Deposit"),
    (Entry.Kind.WITHDRAWAL, Entry.Direction.DEBIT): _("Withdrawal"),
    (Entry.Kind.TRANSFER, Entry.Direction.DEBIT): _("Transfer sent"),
    (Entry.Kind.TRANSFER, Entry.Direction.CREDIT): _("Transfer received"),
    (Entry.Kind.CAPTURE, Entry.Direction.DEBIT): _("Captured hold"),
    (Entry.Kind.REVERSAL, Entry.Direction.CREDIT): _("Reversal"),
    (Entry.Kind.REVERSAL, Entry.Direction.DEBIT): _("Reversal"),
    (Entry.Kind.ADJUSTMENT, Entry.Direction.CREDIT): _("Adjustment"),
    (Entry.Kind.ADJUSTMENT, Entry.Direction.DEBIT): _("Adjustment"),
}


@register.simple_tag
def entry_title(entry: Entry) -> str:
    """The title of an entry by its kind and direction."""
    return str(TITLES[Entry.Kind(entry.kind), Entry.Direction(entry.direction)])
