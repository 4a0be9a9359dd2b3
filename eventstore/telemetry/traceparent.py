"""W3C Trace Context: the header `traceparent`, by which work that runs apart belongs to one trace. Pure.

It is read as strictly as its grammar has it (https://www.w3.org/TR/trace-context/, level 1): whatever is not a
`traceparent` is none, and never an error. `tracestate` and `baggage` are not read: they may hold anything.
"""

import re
from typing import Any, Final, NamedTuple

__all__ = ["NAME", "TraceParent", "parsed"]

NAME: Final = "traceparent"  # of the header, of the entry in metadata, and of the attribute in envelopes
# The version ff is forbidden. A later one may go on behind what is known, after a hyphen.
_GRAMMAR: Final = re.compile(
    r"(?!ff)(?P<version>[0-9a-f]{2})-(?P<trace>(?!0{32})[0-9a-f]{32})-(?P<span>(?!0{16})[0-9a-f]{16})"
    r"-(?P<flags>[0-9a-f]{2})(?P<rest>-.*)?",
    re.ASCII,
)
_LONGEST: Final = 512  # characters that are looked at
_SAMPLED: Final = 1


class TraceParent(NamedTuple):
    """The trace that something belongs to, the span that caused it, and whether the trace is recorded."""

    trace_id: str
    span_id: str
    is_sampled: bool = True

    def __str__(self) -> str:
        return f"00-{self.trace_id}-{self.span_id}-{int(self.is_sampled):02x}"


def parsed(given: Any) -> TraceParent | None:
    """The trace that a text names; None for all that is no `traceparent`."""
    if not isinstance(given, str) or len(given) > _LONGEST:
        return None
    found = _GRAMMAR.fullmatch(given)
    if found is None or (found["version"] == "00" and found["rest"] is not None):
        return None
    return TraceParent(found["trace"], found["span"], bool(int(found["flags"], 16) & _SAMPLED))
