"""What the person who looks at a page of the admin can do about what it shows."""

from typing import Any

from django import template

from accounts.deeds.catalogue import SUBJECTS, deeds_about
from accounts.deeds.subjects import state_of

register = template.Library()


@register.inclusion_tag("admin/accounts/_deeds.html", takes_context=True)
def deeds(context: dict[str, Any], about: str, object_id: Any) -> dict[str, Any]:
    """Links to the deeds."""
    user = context["request"].user
    state = state_of(about, object_id) if about in SUBJECTS else None
    return {"deeds": list(deeds_about(about, state, user)) if state is not None else [], "about": object_id}
