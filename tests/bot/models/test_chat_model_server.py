"""A chat model on a server: langchain's client of OpenAI, and OpenAI's interface on loopback."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.answering.answer import Tokens
from bot.errors import ModelError
from bot.models.chat import ChatModel
from bot.models.usage import Usage
from tests.model_server import ModelServer, serving

TEXT = ["The Summit of the Future is ", "on 22 September [1]."]
ASKED = [("system", "Be brief."), ("human", "When?")]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModelServer]:
    with serving(lambda messages: TEXT) as running:
        for name, value in running.environment.items():
            monkeypatch.setenv(name, value)
        yield running


def test_streamed_reply_has_the_servers_token_counts(server: ModelServer) -> None:
    usage = Usage()

    pieces = list(ChatModel("openai:m").stream(ASKED, {"callbacks": [usage]}))

    assert pieces == TEXT
    assert usage.tokens == Tokens(3, 12)
    assert [m["content"] for m in server.asked[0]["messages"]] == ["Be brief.", "When?"]


def test_error_names_the_http_status(server: ModelServer) -> None:
    server.reply = lambda messages: 401

    with pytest.raises(ModelError, match=r"openai:m failed .* 401"):
        ChatModel("openai:m").ask(ASKED)
    assert len(server.asked) == 1


def test_temporary_failure_is_retried(server: ModelServer) -> None:
    server.reply = lambda messages: TEXT if len(server.asked) == 2 else 503

    assert ChatModel("openai:m").ask(ASKED) == "".join(TEXT)


def test_fallback_answers_if_the_model_fails(server: ModelServer) -> None:
    server.reply = lambda messages: 401 if server.asked[-1]["model"] == "m" else TEXT

    assert ChatModel("openai:m", "openai:other").ask(ASKED) == "".join(TEXT)
