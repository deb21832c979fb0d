"""A chat model on an Ollama server: langchain's client, and Ollama's interface on loopback."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from bot.errors import ModelError
from bot.models.chat import ChatModel
from bot.models.events import DatedEvents

NAME = "ollama:qwen3:4b-instruct"
ASKED = [("system", "Be brief."), ("human", "When?")]
EVENT = {"section": 1, "words": "5 May", "first": "2025-05-05", "last": "2025-05-05", "title": "Council"}


class Server(ThreadingHTTPServer):
    """Answers /api/chat in words, or calls the tool that it is given; `thinks`: knows the parameter `think`."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[dict[str, Any]] = []
        self.thinks = True


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.server.asked.append({**asked, "path": self.path})
        if asked.get("think") is not None and not self.server.thinks:
            self._send(400, {"error": f'"{asked["model"]}" does not support thinking'})
            return
        message: dict[str, Any] = {"role": "assistant", "content": "On 22 September [1]."}
        if asked.get("tools"):
            call = {"name": asked["tools"][0]["function"]["name"], "arguments": {"events": [EVENT]}}
            message = {"role": "assistant", "content": "", "tool_calls": [{"function": call}]}
        counts = {"prompt_eval_count": 12, "eval_count": 3}
        self._send(
            200, {"model": asked["model"], "message": message, "done": True, "done_reason": "stop", **counts}
        )

    def _send(self, status: int, body: dict[str, Any]) -> None:
        line = json.dumps(body).encode() + b"\n"
        self.send_response(status)
        self.send_header("content-type", "application/x-ndjson")
        self.send_header("content-length", str(len(line)))
        self.end_headers()
        self.wfile.write(line)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    running = Server()
    thread = threading.Thread(target=running.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    monkeypatch.setenv("OLLAMA_HOST", f"http://127.0.0.1:{running.server_port}")
    yield running
    running.shutdown()
    running.server_close()


def test_model_with_a_tag_is_asked_at_the_host_in_the_environment(server: Server) -> None:
    assert ChatModel(NAME).ask(ASKED) == "On 22 September [1]."
    (asked,) = server.asked
    assert (asked["path"], asked["model"]) == ("/api/chat", "qwen3:4b-instruct")


def test_model_is_told_not_to_think(server: Server) -> None:
    ChatModel(NAME).ask(ASKED)

    assert [asked["think"] for asked in server.asked] == [False]


def test_model_that_cannot_think_is_asked_without(server: Server) -> None:
    server.thinks = False

    assert ChatModel(NAME).ask(ASKED) == "On 22 September [1]."
    assert [asked.get("think") for asked in server.asked] == [False, None]


def test_events_are_read_by_a_call_of_a_tool(server: Server) -> None:
    assert ChatModel(NAME).fill(ASKED, DatedEvents).events[0].title == "Council"


def test_server_that_is_not_there_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    # Nothing listens on the port for discarded data.
    monkeypatch.setenv("OLLAMA_HOST", "http://127.0.0.1:9")

    with pytest.raises(ModelError, match=r"^ollama:qwen3:4b-instruct failed \(\w+\)$"):
        ChatModel(NAME).ask(ASKED)
