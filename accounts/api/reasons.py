"""The reason in the body of a request."""

from accounts.api.fields import reason_field
from accounts.domain.text import REASON_LIMIT
from eventstore.http.fields import StrictSerializer


class ReasonRequestSerializer(StrictSerializer):
    """Why it is done."""

    reason = reason_field(f"At most {REASON_LIMIT} characters. REASON_REQUIRED if there is none.")


class OptionalReasonSerializer(StrictSerializer):
    """Why it is done, if there is a reason to give."""

    reason = reason_field(f"At most {REASON_LIMIT} characters.")
