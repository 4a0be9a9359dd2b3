"""`traceparent` is read by the grammar of W3C Trace Context, and by nothing more lenient."""

from typing import Any

import pytest

from eventstore.telemetry import TraceParent, parsed
from tests.eventstore.telemetry.spans import CALLER, TRACE

pytestmark = pytest.mark.once("text alone")

SPAN = "00f067aa0ba902b7"


def test_it_names_a_trace_and_a_span() -> None:
    assert parsed(CALLER) == TraceParent(TRACE, SPAN, is_sampled=True)
    assert str(parsed(CALLER)) == CALLER


@pytest.mark.parametrize(("flags", "is_sampled"), [("00", False), ("01", True), ("02", False), ("03", True)])
def test_one_flag_says_whether_it_is_recorded(flags: str, is_sampled: bool) -> None:
    found = parsed(f"00-{TRACE}-{SPAN}-{flags}")
    assert found
    assert found.is_sampled is is_sampled


def test_a_later_version_may_say_more() -> None:
    assert parsed(f"cc-{TRACE}-{SPAN}-01-what-the-future-brings") == TraceParent(TRACE, SPAN)
    assert parsed(f"cc-{TRACE}-{SPAN}-01") == TraceParent(TRACE, SPAN)


@pytest.mark.parametrize(
    "given",
    [
        *("", "00", "nonsense", CALLER + "-more", CALLER + " ", " " + CALLER, CALLER + "\n", CALLER.upper()),
        *(f"ff-{TRACE}-{SPAN}-01", f"0-{TRACE}-{SPAN}-01", f"00-{'0' * 32}-{SPAN}-01", f"00-{TRACE}-{'0' * 16}-01"),
        *(f"00-{TRACE[1:]}-{SPAN}-01", f"00-{TRACE}-{SPAN}-1", f"00-{TRACE}-{SPAN}-0x", f"00_{TRACE}_{SPAN}_01"),
        *(f"00-{'٠' * 32}-{SPAN}-01", f"cc-{TRACE}-{SPAN}-01.more", f"cc-{TRACE}-{SPAN}-01-" + "x" * 500),
        *(None, 7, ["00"], {}, b"00"),
    ],
)
def test_whatever_else_it_is_it_is_none(given: Any) -> None:
    assert parsed(given) is None
