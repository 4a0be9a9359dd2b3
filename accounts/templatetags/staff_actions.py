"""Links to the staff actions on the object that a page of the admin shows."""

from typing import Any

from django import template

from accounts.staff_actions.actions import SUBJECTS, actions_on
from accounts.staff_actions.subjects import load_subject
from eventstore.errors import RangeDetached

register = template.Library()


@register.inclusion_tag("admin/accounts/_staff_actions.html", takes_context=True)
def staff_actions(context: dict[str, Any], subject: str, object_id: Any) -> dict[str, Any]:
    """Links to the actions on an object that the user is entitled to and that are available now.

    None where what they are decided by lies in an archive alone; where that is, is shown in their place.
    """
    try:
        state = load_subject(subject, object_id) if subject in SUBJECTS else None
    except RangeDetached as error:
        return {"actions": [], "elsewhere": error}
    actions = actions_on(subject, state, context["request"].user) if state is not None else ()
    return {"actions": list(actions), "object_id": object_id}
