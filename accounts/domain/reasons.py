"""Why something was done: whoever acts on what belongs to others has to say."""

from eventstore.decider import Refused
from eventstore.decider import phrase as _


def must_give_reason(reason: str) -> None:
    """A reason is more than white space."""
    if not reason.strip():
        raise Refused("REASON_REQUIRED", _("Give a reason."), field="reason")
