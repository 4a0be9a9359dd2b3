"""The spans of a test."""

from dataclasses import dataclass

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanContext

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
CALLER = f"00-{TRACE}-00f067aa0ba902b7-01"


@dataclass
class Spans:
    """Spans that have ended."""

    kept: InMemorySpanExporter

    def named(self, name: str) -> list[ReadableSpan]:
        return [span for span in self.kept.get_finished_spans() if span.name == name]

    def one(self, name: str) -> ReadableSpan:
        (span,) = self.named(name)
        return span

    @property
    def names(self) -> set[str]:
        return {span.name for span in self.kept.get_finished_spans()}

    @property
    def text(self) -> str:
        """All that they tell."""
        return "".join(span.to_json() for span in self.kept.get_finished_spans())


def context_of(span: ReadableSpan) -> SpanContext:
    """The ids of a span."""
    found = span.get_span_context()
    assert found
    return found


def traceparent_of(span: ReadableSpan) -> str:
    """How others name a span."""
    found = context_of(span)
    return f"00-{found.trace_id:032x}-{found.span_id:016x}-01"


def trace_id(span: ReadableSpan) -> str:
    return f"{context_of(span).trace_id:032x}"


def parent_id(span: ReadableSpan) -> str | None:
    return f"{span.parent.span_id:016x}" if span.parent else None
