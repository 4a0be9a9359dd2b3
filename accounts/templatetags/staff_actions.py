"""What the person who looks at a page of the admin can do about what it shows."""

from typing import Any

from django import template

from accounts.staff_actions.catalogue import SUBJECTS, actions_about
from accounts.staff_actions.subjects import state_of

register = template.Library()


@register.inclusion_tag("admin/accounts/_staff_actions.html", takes_context=True)
def staff_actions(context: dict[str, Any], about: str, object_id: Any) -> dict[str, Any]:
    """Links to the staff actions."""
    user = context["request"].user
    state = state_of(about, object_id) if about in SUBJECTS else None
    return {"actions": list(actions_about(about, state, user)) if state is not None else [], "about": object_id}
