"""Refusals as a person reads them, in the language of whoever asks."""

from django.utils.translation import gettext

from eventstore.decider import Refusal


def sentence(refusal: Refusal) -> str:
    """The refusal's message, translated, its places filled."""
    message = gettext(refusal.message)
    return message % refusal.values if refusal.values else message
