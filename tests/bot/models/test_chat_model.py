"""A chat model that is slow, fails or stops in the middle; the circuit breaker and the fallback."""

from __future__ import annotations

import threading
import time
import tomllib
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from langchain_core.language_models import BaseChatModel, FakeListChatModel
from langchain_core.outputs import ChatResult

from bot.answering.answer import Tokens
from bot.errors import ModelError
from bot.models.chat import EXTRAS, ChatModel, ReplyLimits
from bot.models.judge import JudgeRequest
from bot.models.usage import Usage as Counter
from bot.settings import Settings
from bot.wiring import build
from tests.bot.models.fake_chat import FakeChat, Refused, Reply, Usage

ROOT = Path(__file__).parents[3]
ASKED = [("system", "Be brief."), ("human", "When?")]


def test_error_does_not_repeat_the_providers_message() -> None:
    chat = FakeChat([[Refused(401, "Incorrect API key provided: sk-secret")]])

    with pytest.raises(ModelError) as error:
        chat.model().ask(ASKED)
    assert "secret" not in str(error.value)


@pytest.mark.parametrize(
    ("reply", "tokens"),
    [
        (["Yes [1].", Usage(30, 0), Usage(0, 5)], Tokens(30, 5)),
        (["Yes, it is so [1]."], Tokens(13, 10, estimated=True)),
    ],
)
def test_tokens_are_counted_or_estimated(reply: Reply, tokens: Tokens) -> None:
    counter = Counter()

    FakeChat([reply]).model().ask(ASKED, {"callbacks": [counter]})

    assert counter.tokens == tokens


def test_stalled_reply_ends_with_an_error() -> None:
    for_ever = threading.Event()
    chat = FakeChat([["The Summit ", for_ever, "is late."]])

    with pytest.raises(ModelError, match="sent nothing for"):
        chat.model(ReplyLimits(stall=0.05)).ask(ASKED)
    for_ever.set()


def test_endless_reply_is_cut_off() -> None:
    chat = FakeChat(["x" * 50_000])

    assert 1000 <= len(chat.model(ReplyLimits(characters=1000)).ask(ASKED)) < 1100


@pytest.mark.parametrize("refused", ["Unsupported value: 'temperature'", "unknown field stream_options"])
def test_refused_option_is_left_out(refused: str) -> None:
    chat = FakeChat([[Refused(400, refused)], "Yes [1]."])

    assert chat.model().ask(ASKED) == "Yes [1]."
    assert ["temperature" in options for options in chat.options] == [True, False]


def two(first: FakeChat, second: FakeChat, clock: Callable[[], float] = time.monotonic) -> ChatModel:
    """Return the first model with the second as its fallback."""

    def make(name: str, **options: Any) -> BaseChatModel:
        return (first if name == "fake:first" else second).make(name, **options)

    return ChatModel("fake:first", "fake:second", make=make, clock=clock)


# Down for a while


@pytest.mark.parametrize("down", [Refused(503), ConnectionError("refused"), TimeoutError("late")])
def test_circuit_breaker_opens_after_three_failures(down: Exception) -> None:
    now = [0.0]
    chat = FakeChat([[down]])
    model = ChatModel("fake:model", make=chat.make, clock=lambda: now[0])
    for _ in range(3):
        with pytest.raises(ModelError, match="failed"):
            model.ask(ASKED)

    now[0] = 18.0
    with pytest.raises(ModelError, match="does not answer; it is asked again in 42 seconds"):
        model.ask(ASKED)
    now[0] = 60.0
    with pytest.raises(ModelError, match="failed"):
        model.ask(ASKED)
    with pytest.raises(ModelError, match="again in 60 seconds"):
        model.ask(ASKED)
    assert len(chat.asked) == 4

    now[0], chat.replies = 120.0, ["Yes."]
    assert [model.ask(ASKED) for _ in range(4)] == ["Yes."] * 4


@pytest.mark.parametrize("refused", [Refused(401), Refused(429), ValueError("odd")])
def test_client_error_does_not_open_the_circuit_breaker(refused: Exception) -> None:
    chat = FakeChat([[refused]])
    model = chat.model()
    for _ in range(5):
        with pytest.raises(ModelError, match="failed"):
            model.ask(ASKED)
    assert len(chat.asked) == 5


def test_timeouts_open_the_circuit_breaker() -> None:
    for_ever = threading.Event()
    chat = FakeChat([[for_ever]])
    model = chat.model(ReplyLimits(total=0.2))
    for _ in range(3):
        with pytest.raises(ModelError, match="sent nothing"):
            model.ask(ASKED)
    with pytest.raises(ModelError, match="does not answer"):
        model.ask(ASKED)
    for_ever.set()


@pytest.mark.parametrize(
    ("fails", "kind"),
    [
        (Refused(503), "down"),
        (Refused(429), "rate limit"),
        (Refused(401), "error"),
        (threading.Event(), "timeout"),
    ],
)
def test_failure_is_reported_with_its_kind(fails: Any, kind: str) -> None:
    reported: list[tuple[str, str]] = []
    model = ChatModel(
        "fake:model",
        limits=ReplyLimits(total=0.02 if kind == "timeout" else 20.0),
        make=FakeChat([[fails]]).make,
        on_failure=lambda *what: reported.append(what),
    )
    with pytest.raises(ModelError):
        model.ask(ASKED)
    if isinstance(fails, threading.Event):
        fails.set()

    assert reported == [("fake:model", kind)]


def test_fallback_is_asked_at_once_while_the_breaker_is_open() -> None:
    first, second = FakeChat([[Refused(503)]]), FakeChat(["Yes."])
    model = two(first, second)

    assert [model.ask(ASKED) for _ in range(5)] == ["Yes."] * 5
    assert (len(first.asked), len(second.asked)) == (3, 5)


def test_reply_that_has_begun_is_not_followed_by_one_of_the_fallback() -> None:
    second = FakeChat(["Yes."])
    pieces = two(FakeChat([["It is ", Refused(503)]]), second).stream(ASKED)

    assert next(pieces) == "It is "
    with pytest.raises(ModelError, match="failed"):
        next(pieces)
    assert second.asked == []


def test_provider_without_streaming_gives_its_text_at_once() -> None:
    whole = FakeListChatModel(responses=["Yes [1]."])

    assert ChatModel("fake:model", make=lambda name, **options: _Whole(inner=whole)).ask(ASKED) == "Yes [1]."


class _Whole(BaseChatModel):
    """A provider's chat model without a method for streaming."""

    inner: FakeListChatModel

    @property
    def _llm_type(self) -> str:
        return "whole"

    def _generate(self, *arguments: Any, **options: Any) -> ChatResult:
        return self.inner._generate(*arguments, **options)


def test_setting_gives_each_request_more_time(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    chat = FakeChat(["1 yes"])
    monkeypatch.setattr("bot.models.chat.make_chat", chat.make)
    settings = Settings(data_dir=tmp_path, model="openai:m", model_seconds=90, _env_file=None)
    judge = build(settings).shared.judge

    assert judge is not None
    assert judge.verdicts([JudgeRequest("It is in May.", (), before="", as_of=date(2024, 5, 1))]) == [True]
    assert chat.options[0]["timeout"] == 2 * ReplyLimits().attempt


def test_patience_multiplies_the_limits_of_a_request() -> None:
    # Without it, no reply can come in time.
    model = ChatModel("fake:model", make=FakeChat(["Yes."]).make, patience=1e8)

    assert model.ask(ASKED, limits=ReplyLimits(total=1e-6)) == "Yes."


@pytest.mark.parametrize(
    ("name", "missing", "command"),
    [
        (
            "mistralai:small",
            "the langchain-mistralai package",
            "'itubot[mistral]'",
        ),
        ("google_genai:flash", "the langchain-google-genai package", "'itubot[google]'"),
        ("azure_openai:four", "the langchain-openai package", "'itubot[azure]'"),
        ("bedrock:nova", "the langchain-aws package", "langchain-aws"),
        ("unheard:of", "no module", "langchain-unheard"),
    ],
)
def test_missing_package_of_a_provider_is_named(name: str, missing: str, command: str) -> None:
    def make(name: str, **options: object) -> BaseChatModel:
        raise ImportError(missing)

    with pytest.raises(ModelError) as error:
        ChatModel(name, make=make).ask(ASKED)
    assert str(error.value).endswith(f"pip install {command}")


def test_every_named_extra_exists() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]

    assert set(EXTRAS.values()) <= declared.keys()


def test_unknown_provider_is_named() -> None:
    with pytest.raises(ModelError, match="knows no provider 'openia'"):
        ChatModel("openia:gpt").ask(ASKED)


def test_missing_key_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)

    with pytest.raises(ModelError, match="is its key in the environment"):
        ChatModel("openai:gpt").ask(ASKED)
