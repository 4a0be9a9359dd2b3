"""Commands that take two people, in words."""

from django import template
from django.utils.translation import gettext as _

register = template.Library()


@register.simple_tag
def order_in_words(command: str, amount: str) -> str:
    """What a request asks for, by the name of its command and its amount with the currency; any other by its name."""
    match command:
        case "AdjustBalance":
            return _("Adjust the balance by %(amount)s") % {"amount": amount}
        case "ReverseEntry":
            return _("Reverse an entry of %(amount)s") % {"amount": amount}
        case "SetOverdraftLimit":
            return _("Set the overdraft limit to %(amount)s") % {"amount": amount}
        case _:
            return command
