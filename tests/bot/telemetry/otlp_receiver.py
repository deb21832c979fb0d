"""A collector on loopback: receives traces by OTLP over HTTP."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span


class OtlpReceiver(ThreadingHTTPServer):
    """Keeps all spans that arrive; `texts` is each request as it came."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.spans: list[Span] = []
        self.services: set[str] = set()
        self.texts: list[bytes] = []
        self.arrived = threading.Condition()

    @property
    def environment(self) -> dict[str, str]:
        """What the exporter finds the receiver by; it sends at once."""
        return {
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{self.server_port}",
            "OTEL_BSP_SCHEDULE_DELAY": "50",
        }

    def until(self, name: str) -> list[Span]:
        """Wait for a span of this name, and return all that have arrived."""
        with self.arrived:
            assert self.arrived.wait_for(lambda: name in [span.name for span in self.spans], 60)
            return list(self.spans)


class _Handler(BaseHTTPRequestHandler):
    server: OtlpReceiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        request = ExportTraceServiceRequest.FromString(body)
        with self.server.arrived:
            self.server.texts.append(body)
            for resource in request.resource_spans:
                self.server.services |= {
                    one.value.string_value
                    for one in resource.resource.attributes
                    if one.key == "service.name"
                }
                for scope in resource.scope_spans:
                    self.server.spans += scope.spans
            self.server.arrived.notify_all()
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def receiving() -> Iterator[OtlpReceiver]:
    """Receive within the block."""
    server = OtlpReceiver()
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


def attributes(span: Span) -> dict[str, str]:
    """Return the attributes of a span."""
    return {one.key: one.value.string_value for one in span.attributes}
