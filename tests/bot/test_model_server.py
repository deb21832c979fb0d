"""A chat model over the wire: langchain's client of OpenAI, and a server of its interface on loopback."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from bot.answer import Tokens
from bot.errors import ModelError
from bot.model import LanguageModel, Limits

TEXT = ["The Summit of the Future is ", "on 22 September [1]."]


class Server(ThreadingHTTPServer):
    """Streams `TEXT`, with the count of tokens where it is asked for; `refusing` it answers with that status."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[dict[str, Any]] = []
        self.refusing = 0


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.server.asked.append(asked)
        self.send_response(self.server.refusing or 200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        if self.server.refusing:
            return
        for text in TEXT:
            self._send(choices=[{"index": 0, "delta": {"role": "assistant", "content": text}}])
        if asked.get("stream_options", {}).get("include_usage"):
            counts = {"prompt_tokens": 30, "completion_tokens": 12, "total_tokens": 42}
            self._send(choices=[], usage=counts)
        self.wfile.write(b"data: [DONE]\n\n")

    def _send(self, **chunk: Any) -> None:
        whole = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m", **chunk}
        self.wfile.write(b"data: " + json.dumps(whole).encode() + b"\n\n")

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    running = Server()
    threading.Thread(target=running.serve_forever, args=(0.01,), daemon=True).start()
    monkeypatch.setenv("OPENAI_BASE_URL", f"http://127.0.0.1:{running.server_port}/v1")
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    yield running
    running.shutdown()
    running.server_close()


def test_the_text_comes_with_the_tokens_that_the_server_counts(server: Server) -> None:
    counts: list[Tokens] = []

    pieces = list(LanguageModel("openai:m").stream("Be brief.", "When?", counted=counts.append))

    assert pieces == TEXT
    assert counts == [Tokens(30, 12)]
    assert [m["content"] for m in server.asked[0]["messages"]] == ["Be brief.", "When?"]


def test_a_server_that_refuses_is_named_by_its_status(server: Server) -> None:
    server.refusing = 401

    with pytest.raises(ModelError, match=r"openai:m failed .* 401") as error:
        list(LanguageModel("openai:m", Limits(pause=0.0)).stream("Be brief.", "When?"))
    assert error.value.permanent
    assert len(server.asked) == 1
