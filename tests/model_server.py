"""A server of OpenAI's interface on loopback, for the program's real client: what it says is up to the test."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

NAME = "openai:recorded"

# Takes the texts of the messages; returns the reply whole or in pieces, or an HTTP status. Of a streamed reply
# {"calls": [{"name", "arguments"}, ...]} is what it calls; of any other one a mapping is the arguments of the one tool
# that is offered.
Reply = Callable[[list[str]], "str | Iterable[str | dict[str, Any]] | dict[str, Any] | int"]


class ModelServer(ThreadingHTTPServer):
    """Streams replies, and counts tokens, where it is asked to; `asked` holds every request."""

    daemon_threads = True

    def __init__(self, reply: Reply) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.reply = reply
        self.asked: list[dict[str, Any]] = []

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Print what went wrong, unless it is that the client has gone."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)

    @property
    def environment(self) -> dict[str, str]:
        """What the client finds the server by."""
        return {"OPENAI_BASE_URL": f"http://127.0.0.1:{self.server_port}/v1", "OPENAI_API_KEY": "none"}


class _Handler(BaseHTTPRequestHandler):
    server: ModelServer

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.server.asked.append(asked)
        messages = [str(message.get("content") or "") for message in asked["messages"]]
        reply = self.server.reply(messages)
        if not isinstance(reply, int) and not asked.get("stream"):
            self._whole(asked, reply)
            return
        self.send_response(reply if isinstance(reply, int) else 200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        if isinstance(reply, int):
            return
        wrote = 0
        for piece in [reply] if isinstance(reply, (str, dict)) else reply:
            said = {"content": piece} if isinstance(piece, str) else _calls(piece["calls"])
            self._send(choices=[{"index": 0, "delta": {"role": "assistant", **said}}])
            wrote += len(piece if isinstance(piece, str) else json.dumps(said)) // 4
        if asked.get("stream_options", {}).get("include_usage"):
            read = sum(map(len, messages)) // 4
            counts = {"prompt_tokens": read, "completion_tokens": wrote, "total_tokens": read + wrote}
            self._send(choices=[], usage=counts)
        self.wfile.write(b"data: [DONE]\n\n")

    def _whole(self, asked: dict[str, Any], reply: Any) -> None:
        if isinstance(reply, dict):
            (tool,) = asked["tools"]
            call = {"name": tool["function"]["name"], "arguments": json.dumps(reply)}
            said: dict[str, Any] = {
                "content": None,
                "tool_calls": [{"id": "1", "type": "function", "function": call}],
            }
        else:
            said = {"content": "".join(reply)}
        read, wrote = len(json.dumps(asked["messages"])) // 4, len(json.dumps(said)) // 4
        whole = {
            "id": "1",
            "object": "chat.completion",
            "created": 1,
            "model": "m",
            "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", **said}}],
            "usage": {"prompt_tokens": read, "completion_tokens": wrote, "total_tokens": read + wrote},
        }
        body = json.dumps(whole).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _send(self, **chunk: Any) -> None:
        whole = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m", **chunk}
        self.wfile.write(b"data: " + json.dumps(whole).encode() + b"\n\n")

    def log_message(self, format: str, *args: Any) -> None:
        pass


def _calls(calls: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the part of a streamed reply that asks for calls."""
    functions = [{"name": call["name"], "arguments": json.dumps(call["arguments"])} for call in calls]
    return {
        "tool_calls": [
            {"index": n, "id": f"call{n}", "type": "function", "function": function}
            for n, function in enumerate(functions)
        ]
    }


@contextmanager
def serving(reply: Reply) -> Iterator[ModelServer]:
    """Serve within the block."""
    server = ModelServer(reply)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
