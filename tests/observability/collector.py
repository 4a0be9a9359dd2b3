"""A collector of traces as small as can be: it takes OTLP over HTTP, and keeps the spans."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

GUARD_SECONDS = 300.0  # against a span that never comes; no measure


@dataclass
class Collector:
    """The spans that have come, by their trace."""

    url: str = ""
    traces: dict[str, list[Span]] = field(default_factory=dict)
    services: set[str] = field(default_factory=set)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def take(self, body: bytes) -> None:
        with self.changed:
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                named = {each.key: each.value.string_value for each in resource.resource.attributes}
                self.services.add(named["service.name"])
                for scope in resource.scope_spans:
                    for span in scope.spans:
                        self.traces.setdefault(span.trace_id.hex(), []).append(span)
            self.changed.notify_all()

    def wait_for(self, trace: str, wanted: set[str]) -> list[Span]:
        """The spans of a trace, once those are there whose names are wanted."""
        with self.changed:
            found = self.changed.wait_for(lambda: wanted <= self._names(trace), GUARD_SECONDS)
            assert found, f"There are only {sorted(self._names(trace))}."
            return list(self.traces[trace])

    def _names(self, trace: str) -> set[str]:
        return {span.name for span in self.traces.get(trace, [])}


@contextmanager
def collecting() -> Iterator[Collector]:
    """A collector that listens."""
    collector = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.path == "/v1/traces"
            collector.take(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Type", "application/x-protobuf")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    collector.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=[0.01], daemon=True)
    thread.start()
    try:
        yield collector
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
