"""Amounts of money on a page."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.domain.money import format_amount

MINUS = "\N{MINUS SIGN}"

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
    """Minor units as a decimal number with grouped thousands and a true minus sign."""
    whole, point, decimals = format_amount(minor, currency).removeprefix("-").partition(".")
    return f"{MINUS if minor < 0 else ''}{int(whole):,}{point}{decimals}"


@register.simple_tag
def plain_money(minor: int, currency: str) -> str:
    """An amount as plain text, for places without markup, such as options and titles."""
    return f"{grouped(minor, currency)} {currency}"
