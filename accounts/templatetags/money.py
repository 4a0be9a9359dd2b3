"""Amounts of money on a page. Forms read what these write: `accounts/domain/notation.py`."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.domain.money import format_amount
from accounts.domain.notation import Notation
from accounts.users.separators import separators

register = template.Library()


@register.simple_tag
def money(minor: int, currency: str, look: str = "", *, signed: bool = False) -> SafeString:
    """Renders minor units as in 12,345.60 EUR; `look` is a CSS class, `signed` marks positive amounts with a plus."""
    incoming = signed and minor > 0
    classes = " ".join(filter(None, ("money", look, "money--in" if incoming else "")))
    return format_html(
        '<data class="{}" value="{}">{}{} <span class="money__currency">{}</span></data>',
        classes,
        format_amount(minor, currency),
        "+" if incoming else "",
        grouped(minor, currency),
        currency,
    )


def grouped(minor: int, currency: str) -> str:
    """Minor units with grouped thousands and a true minus sign, in the notation of the reader's language."""
    return Notation(*separators()).write(minor, currency)


@register.simple_tag
def plain_money(minor: int, currency: str, *, signed: bool = False) -> str:
    """An amount as plain text, for places without markup, such as options and titles; `signed` as in `money`."""
    return f"{'+' if signed and minor > 0 else ''}{grouped(minor, currency)} {currency}"
