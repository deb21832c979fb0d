"""A chat model over the wire: langchain's client of OpenAI, and a server of its interface on loopback."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.answers import Tokens
from bot.errors import ModelBusy, ModelError
from bot.llm import ChatModel
from bot.llm.usage import Usage
from tests.model_server import ModelServer, serving

TEXT = ["The Summit of the Future is ", "on 22 September [1]."]
ASKED = [("system", "Be brief."), ("human", "When?")]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModelServer]:
    with serving(lambda messages: TEXT) as running:
        for name, value in running.environment.items():
            monkeypatch.setenv(name, value)
        yield running


def test_the_text_comes_with_the_tokens_that_the_server_counts(server: ModelServer) -> None:
    usage = Usage()

    pieces = list(ChatModel("openai:m").stream(ASKED, {"callbacks": [usage]}))

    assert pieces == TEXT
    assert usage.tokens == Tokens(3, 12)
    assert [m["content"] for m in server.asked[0]["messages"]] == ["Be brief.", "When?"]


def test_a_server_that_refuses_is_named_by_its_status(server: ModelServer) -> None:
    server.reply = lambda messages: 401

    with pytest.raises(ModelError, match=r"openai:m failed .* 401"):
        ChatModel("openai:m").ask(ASKED)
    assert len(server.asked) == 1


def test_a_passing_failure_is_asked_again(server: ModelServer) -> None:
    server.reply = lambda messages: TEXT if len(server.asked) == 2 else 503

    assert ChatModel("openai:m").ask(ASKED) == "".join(TEXT)


def test_a_rate_limit_is_told_apart(server: ModelServer) -> None:
    server.reply = lambda messages: 429

    with pytest.raises(ModelBusy):
        ChatModel("openai:m").ask(ASKED)


def test_the_fallback_answers_where_the_first_model_fails(server: ModelServer) -> None:
    server.reply = lambda messages: 401 if server.asked[-1]["model"] == "m" else TEXT

    assert ChatModel("openai:m", "openai:other").ask(ASKED) == "".join(TEXT)


def test_where_both_fail_the_error_is_one_line(server: ModelServer) -> None:
    server.reply = lambda messages: 401

    with pytest.raises(ModelError, match=r"openai:m failed .* 401"):
        ChatModel("openai:m", "openai:other").ask(ASKED)
