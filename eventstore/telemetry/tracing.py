"""Traces by OpenTelemetry, of which this uses the API alone: where spans go is the project's matter.

A trace begins with a request, or with the command where there is none. The command's span is named in the metadata of
the command and of its events, if it is recorded; so whatever reads them later, in another process, joins that trace.
Spans tell types, ids and statements with places for their values: no values, and no text of errors.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final, TypeVar

from django.conf import settings
from opentelemetry import context, trace
from opentelemetry.context import Context
from opentelemetry.trace import Link, NonRecordingSpan, Span, SpanContext, SpanKind, Status, StatusCode, TraceFlags

from eventstore.telemetry.hooks import Answers, Observer
from eventstore.telemetry.outcomes import outcome_of
from eventstore.telemetry.traceparent import NAME, TraceParent, parsed

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from eventstore.execution.requests import CommandRequest
    from eventstore.log.records import Receipt

T = TypeVar("T")

MOST: Final = 32  # events that a command's span names, and traces that a batch joins
SLOW_MILLISECONDS: Final = 1.0  # from which on a statement has a span of its own, unless EVENTSTORE_TRACE_SLOW is set
STATEMENT_CHARACTERS: Final = 1_000
SERVER_ERROR: Final = 500

# Asked at each statement, where OpenTelemetry's own question takes twenty times as long.
_recording: ContextVar[bool] = ContextVar("whether the present span, one of these, is recorded", default=False)


class Tracing(Observer):
    """Makes spans."""

    def __init__(self, provider: trace.TracerProvider | None = None) -> None:
        """Spans go to a provider: by default, to the one that the project has set."""
        self._tracer = trace.get_tracer("eventstore", tracer_provider=provider)
        self._slow_nanoseconds = 1_000_000 * float(getattr(settings, "EVENTSTORE_TRACE_SLOW", SLOW_MILLISECONDS))

    def request(self, request: "HttpRequest", work: Callable[[], "HttpResponseBase"]) -> "HttpResponseBase":
        """A span of the trace that the caller names, if callers are trusted; else one that is linked to it."""
        method = request.method or ""
        caller = parsed(request.headers.get(NAME))
        joins = caller is not None and getattr(settings, "EVENTSTORE_TRACE_CALLERS", True)
        links = [Link(_remote(caller))] if caller and not joins else []
        within = _within(caller) if caller and joins else None
        told = {"http.request.method": method}
        with self._span(method, told, kind=SpanKind.SERVER, within=within, links=links) as span:
            response = work()
            if route := getattr(request.resolver_match, "route", None):
                span.update_name(f"{method} {route}")
                span.set_attribute("http.route", route)
            span.set_attribute("http.response.status_code", response.status_code)
            if response.status_code >= SERVER_ERROR:
                span.set_status(StatusCode.ERROR)
            return response

    def command(self, request: "CommandRequest", work: Callable[[], "Receipt"]) -> "Receipt":
        """A span, which the events name."""
        told = {"tidemark.command.type": request.kind.name, "tidemark.command.id": str(request.command_id)}
        with self._span(f"command {request.kind.name}", told) as span:
            receipt = work()
            span.set_attribute("tidemark.outcome", outcome_of(receipt))
            if receipt.refusal:
                span.set_attribute("tidemark.refusal", receipt.refusal.code)
            return receipt

    def commands(self, requests: Sequence["CommandRequest"], work: Callable[[], list["Receipt"]]) -> list["Receipt"]:
        """One span for all of them, which their events name."""
        kinds = sorted({request.kind.name for request in requests})
        told = {"tidemark.command.types": kinds[:MOST], "tidemark.commands": len(requests)}
        with self._span("commands", told):
            return work()

    def retried(self) -> None:
        """An event of the command's span."""
        trace.get_current_span().add_event("retried")

    def statements(self, statements: Sequence[str], work: Callable[[], T]) -> T:
        """A span, if they take long, where something is traced: a runner's polling makes none."""
        return self._if_slow(_name_of, SpanKind.CLIENT, statements, work) if _recording.get() else work()

    def appended(self, records: Sequence[Any]) -> None:
        """Events of the command's span."""
        if _recording.get():
            span = trace.get_current_span()
            for record in records[:MOST]:
                span.add_event(record.type, {"tidemark.position": record.position})

    def projected(self, names: Sequence[str], records: Sequence[Any], work: Callable[[], T]) -> T:
        """A span for all of them, if they take long."""
        return self._if_slow(_projecting, SpanKind.INTERNAL, names, work) if _recording.get() else work()

    def batch(self, name: str, records: Sequence[Any], work: Callable[[], T]) -> T:
        """A span in each trace that the events belong to; none where they belong to none."""
        told = {"tidemark.projection": name, "tidemark.events": len(records)}
        with self._joined(f"project {name}", told, _traces_of(records), SpanKind.CONSUMER):
            return work()

    def delivery(self, target: str, records: Sequence[Any], work: Callable[[], Answers]) -> Answers:
        """A span for each event that belongs to a trace."""
        with ExitStack() as stack:
            spans = [
                stack.enter_context(self._delivery(target, record, found)) if found else None
                for record, found in ((record, _trace_of(record)) for record in records)
            ]
            answers = work()
            for span, answer in zip(spans, answers, strict=True):
                if span and answer is not None:
                    span.set_status(Status(StatusCode.ERROR, type(answer).__name__))
            return answers

    def traceparent(self) -> str | None:
        """The present span, if it is recorded."""
        if not _recording.get():
            return None
        found = trace.get_current_span().get_span_context()
        return str(TraceParent(f"{found.trace_id:032x}", f"{found.span_id:016x}"))

    def log_ids(self) -> Mapping[str, str]:
        """The ids of the trace and the span, if there are any."""
        found = trace.get_current_span().get_span_context()
        if not found.is_valid:
            return {}
        return {"trace_id": f"{found.trace_id:032x}", "span_id": f"{found.span_id:016x}"}

    def _if_slow(
        self,
        described: Callable[[Sequence[str]], tuple[str, dict[str, Any]]],
        kind: SpanKind,
        facts: Sequence[str],
        work: Callable[[], T],
    ) -> T:
        """Work that gets a span once it has taken long, or has failed: a span costs more than most statements do."""
        began, failed = time.time_ns(), True
        try:
            result = work()
            failed = False
            return result
        finally:
            if failed or time.time_ns() - began >= self._slow_nanoseconds:
                name, told = described(facts)
                span = self._tracer.start_span(name, None, kind, told, start_time=began)
                if failed:
                    span.set_status(StatusCode.ERROR)
                span.end()

    def _delivery(self, target: str, record: Any, found: TraceParent) -> Any:
        told = {"tidemark.target": target, "tidemark.event.type": record.type, "tidemark.position": record.position}
        return self._span(f"deliver {target}", told, kind=SpanKind.PRODUCER, within=_within(found))

    @contextmanager
    def _joined(
        self, name: str, told: Mapping[str, Any], found: Sequence[TraceParent], kind: SpanKind
    ) -> Iterator[None]:
        """A span in the one trace; of several, a span that is linked to all, and one more in each of them."""
        if not found:
            yield
            return
        if len(found) == 1:
            with self._span(name, told, kind=kind, within=_within(found[0])):
                yield
            return
        with ExitStack() as stack:
            own = [self._tracer.start_span(name, _within(each), kind, told) for each in found]
            for span in own:
                stack.callback(span.end)
            links = [Link(span.get_span_context()) for span in own]
            with self._span(f"{name} (batch)", told, kind=kind, within=Context(), links=links) as whole:
                for span in own:
                    span.add_link(whole.get_span_context())
                yield

    @contextmanager
    def _span(
        self,
        name: str,
        told: Mapping[str, Any],
        *,
        kind: SpanKind = SpanKind.INTERNAL,
        within: Context | None = None,
        links: Sequence[Link] = (),
    ) -> Iterator[Span]:
        """The present span of a block. An error is told by its class: its text may quote what it is about."""
        span = self._tracer.start_span(name, within, kind, told, links)
        token = context.attach(trace.set_span_in_context(span))
        recording = _recording.set(span.get_span_context().trace_flags.sampled)
        try:
            yield span
        except BaseException as error:
            span.set_status(Status(StatusCode.ERROR, type(error).__name__))
            raise
        finally:
            _recording.reset(recording)
            context.detach(token)
            span.end()


def _projecting(names: Sequence[str]) -> tuple[str, dict[str, Any]]:
    """The name of a span for real-time projections, and theirs."""
    return "project", {"tidemark.projections": list(names)}


def _name_of(statements: Sequence[str]) -> tuple[str, dict[str, Any]]:
    """The name of a span for statements, and their text."""
    text = ";\n".join(statement.strip() for statement in statements)[:STATEMENT_CHARACTERS]
    return ("pipeline" if len(statements) > 1 else text.split(maxsplit=1)[0]), {"db.query.text": text}


def _remote(found: TraceParent) -> SpanContext:
    """The span that a `traceparent` names."""
    flags = TraceFlags(TraceFlags.SAMPLED if found.is_sampled else TraceFlags.DEFAULT)
    return SpanContext(int(found.trace_id, 16), int(found.span_id, 16), is_remote=True, trace_flags=flags)


def _within(found: TraceParent) -> Context:
    """A context in which that span is the present one."""
    return trace.set_span_in_context(NonRecordingSpan(_remote(found)), Context())


def _trace_of(record: Any) -> TraceParent | None:
    """The recorded trace that an event or a command belongs to."""
    if NAME not in record.stored_metadata:  # most belong to none, and need not be decoded
        return None
    found = parsed(record.metadata.get(NAME))
    return found if found and found.is_sampled else None


def _traces_of(records: Sequence[Any]) -> list[TraceParent]:
    """The recorded traces that records belong to, each by one of its spans; no more than MOST."""
    found: dict[str, TraceParent] = {}
    for record in records:
        if (each := _trace_of(record)) is not None:
            found.setdefault(each.trace_id, each)
            if len(found) == MOST:
                break
    return list(found.values())
