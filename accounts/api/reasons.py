"""What staff say why they do something."""

from accounts.api.fields import StrictSerializer, Text
from accounts.domain.text import clean_reason

WANTED = "At most 500 characters. REASON_REQUIRED if there is none."


class ReasonSerializer(StrictSerializer):
    """Why it is done."""

    reason = Text(rule=clean_reason, default="", allow_blank=True, help_text=WANTED)


class OptionalReasonSerializer(StrictSerializer):
    """Why it is done, if anybody cares to say."""

    reason = Text(rule=clean_reason, default="", allow_blank=True, help_text="At most 500 characters.")
