"""The rows of a slip: each is a term with its value."""

from django import template
from django.template.loader import render_to_string

register = template.Library()


@register.simple_block_tag
def slip_row(content: str, term: str, look: str = "") -> str:
    """Renders a term with the block as its value; `look` is a CSS class of the value."""
    return render_to_string("_slip_row.html", {"term": term, "value": content, "look": look})
