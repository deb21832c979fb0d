"""A web site on loopback, whose pages change as a test says; it counts what it is asked."""

from __future__ import annotations

import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


@dataclass
class Page:
    """What an address gives. `answer`, if there is one, writes the whole response."""

    body: bytes = b""
    type: str = "text/plain"
    etag: str = ""
    modified: str = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    answer: Callable[[BaseHTTPRequestHandler], None] | None = None


class Site:
    """The pages by their paths. `asked` has path and status of each request, but for robots.txt, and what it sent."""

    def __init__(self) -> None:
        self.pages: dict[str, Page] = {}
        self.robots: Page = Page(status=404)
        self.asked: list[tuple[str, int]] = []
        self.headers: list[dict[str, str]] = []
        self.robots_asked = 0
        self.at_once = 0
        self.most_at_once = 0
        self.url = ""
        self._lock = threading.Lock()

    def put(self, path: str, body: str | bytes = b"", **what: object) -> Page:
        """Put a page at a path."""
        data = body.encode() if isinstance(body, str) else body
        page = self.pages[path] = Page(data, **what)  # type: ignore[arg-type]
        return page

    def list(self, path: str, *links: str) -> Page:
        """Put a page with links at a path."""
        anchors = "".join(f'<li><a href="{link}">{link}</a></li>' for link in links)
        html = f"<!DOCTYPE html><html><body><ul>{anchors}</ul></body></html>"
        return self.put(path, html, type="text/html; charset=utf-8")

    def count(self, status: int = 200) -> Counter[str]:
        """Return how often each path was answered with a status."""
        return Counter(path for path, answered in self.asked if answered == status)

    def forget(self) -> None:
        """Forget what was asked."""
        self.asked.clear()
        self.headers.clear()
        self.robots_asked = 0

    def serve(self, handler: BaseHTTPRequestHandler) -> None:
        """Answer one request."""
        with self._lock:
            self.at_once += 1
            self.most_at_once = max(self.at_once, self.most_at_once)
        with ExitStack() as answered:
            answered.callback(self._leave)
            self._serve(handler, answered)

    def _leave(self) -> None:
        with self._lock:
            self.at_once -= 1

    def _serve(self, handler: BaseHTTPRequestHandler, answered: ExitStack) -> None:
        path = handler.path
        if path == "/robots.txt":
            self.robots_asked += 1
            page = self.robots
        else:
            page = self.pages.get(path, Page(b"nothing", status=404))
        status = page.status
        given = handler.headers
        if status == 200 and (
            (page.etag and given["If-None-Match"] == page.etag)
            or (page.modified and given["If-Modified-Since"] == page.modified)
        ):
            status = 304
        if path != "/robots.txt":
            self.asked.append((path, status))
            self.headers.append(dict(given.items()))
        if page.answer is not None:
            page.answer(handler)
            return
        handler.send_response(status)
        for name, value in {"ETag": page.etag, "Last-Modified": page.modified, **page.headers}.items():
            if value:
                handler.send_header(name, value)
        body = b"" if status == 304 else page.body
        if status != 304:
            handler.send_header("Content-Type", page.type)
            handler.send_header("Content-Length", str(len(body)))
        # The request is over before the last byte that is read, that of the headers where the body is empty or of an
        # error: whoever has it may ask again before this thread goes on.
        if status != 200 or not body:
            answered.close()
        handler.end_headers()
        handler.wfile.write(body[:-1])
        answered.close()
        handler.wfile.write(body[-1:])


def endless(handler: BaseHTTPRequestHandler) -> None:
    """Send a body without an end."""
    handler.send_response(200)
    handler.send_header("Content-Type", "text/plain")
    handler.end_headers()
    with_ended = (BrokenPipeError, ConnectionResetError)
    try:
        while True:
            handler.wfile.write(b"word " * 10_000)
    except with_ended:
        return


def dripping(handler: BaseHTTPRequestHandler) -> None:
    """Send a body a byte at a time, for a minute."""
    handler.send_response(200)
    handler.send_header("Content-Type", "text/plain")
    handler.end_headers()
    try:
        for _ in range(600):
            handler.wfile.write(b"x")
            handler.wfile.flush()
            time.sleep(0.1)
    except (BrokenPipeError, ConnectionResetError):
        return


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.0"

    def do_GET(self) -> None:
        self.server.site.serve(self)  # type: ignore[attr-defined]

    def log_message(self, *_: object) -> None:
        """Print nothing."""


@contextmanager
def serving(certificate: Path | None = None) -> Iterator[Site]:
    """Serve a site on a free port of loopback while the context is open; with a certificate by TLS, as localhost."""
    site = Site()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    server.site = site  # type: ignore[attr-defined]
    site.url = f"http://127.0.0.1:{server.server_address[1]}"
    if certificate is not None:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(certificate)
        server.socket = tls.wrap_socket(server.socket, server_side=True)
        site.url = f"https://localhost:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
