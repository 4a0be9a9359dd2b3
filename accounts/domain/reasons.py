"""The rule of reasons: an action on what belongs to somebody else has to be explained."""

from eventstore.decider import Refused
from eventstore.decider import phrase as _
from eventstore.messages import is_blank


def must_give_reason(reason: str) -> None:
    """Refuses REASON_REQUIRED for a reason that is empty, or nothing that a reader sees."""
    if is_blank(reason):
        raise Refused("REASON_REQUIRED", _("Give a reason."), field="reason")
