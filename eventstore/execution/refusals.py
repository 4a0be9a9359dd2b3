"""Refusals as sentences in the reader's language."""

from django.utils.translation import gettext

from eventstore.decider import Refusal


def sentence(refusal: Refusal) -> str:
    """The refusal's message, translated, its places filled."""
    message = gettext(refusal.message)
    return message % refusal.values if refusal.values else message
