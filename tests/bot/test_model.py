"""A chat model that is slow, fails, or stops in the middle."""

from __future__ import annotations

import threading

import pytest

from bot.errors import ModelError
from bot.model import LanguageModel, Limits, make_chat, text_of
from tests.bot.fake_chat import FakeChat, Refused


def _all(model: LanguageModel) -> str:
    return "".join(model.stream("Be brief.", "When?"))


def test_the_text_comes_in_pieces() -> None:
    chat = FakeChat(["It is on 22 September [1]."])

    pieces = list(chat.model().stream("Be brief.", "When?"))

    assert "".join(pieces) == "It is on 22 September [1]."
    assert len(pieces) > 1
    assert chat.asked == [("Be brief.", "When?")]


def test_a_passing_failure_is_asked_again() -> None:
    chat = FakeChat([[Refused(503)], [ConnectionError("reset")], "Yes [1]."])

    assert _all(chat.model()) == "Yes [1]."
    assert len(chat.asked) == 3


def test_it_is_not_asked_for_ever() -> None:
    chat = FakeChat([[Refused(503)]])

    with pytest.raises(ModelError, match="Refused 503"):
        _all(chat.model())
    assert len(chat.asked) == 3


def test_what_cannot_succeed_is_not_asked_again() -> None:
    chat = FakeChat([[Refused(401)]])

    with pytest.raises(ModelError) as error:
        _all(chat.model())
    assert error.value.permanent
    assert len(chat.asked) == 1


def test_the_message_does_not_repeat_what_the_provider_said() -> None:
    chat = FakeChat([[Refused(401, "Incorrect API key provided: sk-secret")]])

    with pytest.raises(ModelError) as error:
        _all(chat.model())
    assert "secret" not in str(error.value)


def test_after_the_first_piece_it_is_not_asked_again() -> None:
    chat = FakeChat([["The Summit ", ConnectionError("cut")], "Never asked."])

    with pytest.raises(ModelError):
        _all(chat.model())
    assert len(chat.asked) == 1


def test_a_model_that_stalls_is_given_up() -> None:
    for_ever = threading.Event()
    chat = FakeChat([["The Summit ", for_ever, "is late."]])

    with pytest.raises(ModelError, match="did not go on"):
        _all(chat.model(Limits(stall=0.05, pause=0.0)))
    for_ever.set()


def test_all_attempts_share_one_limit_of_time() -> None:
    for_ever = threading.Event()
    chat = FakeChat([[for_ever]])

    with pytest.raises(ModelError):
        _all(chat.model(Limits(total=0.1, stall=10.0, pause=0.2)))
    for_ever.set()
    assert len(chat.asked) == 1


def test_of_an_endless_text_the_rest_is_not_read() -> None:
    chat = FakeChat(["x" * 50_000])

    assert 1000 <= len(_all(chat.model(Limits(characters=1000)))) < 1100


def test_a_model_that_refuses_a_temperature_is_asked_without() -> None:
    chat = FakeChat([[Refused(400, "Unsupported value: 'temperature'")], "Yes [1]."])

    assert _all(chat.model()) == "Yes [1]."
    assert ["temperature" in options for options in chat.options] == [True, False]


def test_a_provider_without_its_package_says_what_to_install() -> None:
    def make(name: str, **options: object) -> FakeChat:
        raise ImportError("langchain_mistralai")

    with pytest.raises(ModelError, match=r"pip install 'itubot\[mistralai\]'"):
        _all(LanguageModel("mistralai:small", Limits(pause=0.0), make))


def test_the_provider_is_named_in_front_of_the_model(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("langchain_openai", reason="the extra openai is not installed")
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")

    assert type(make_chat("openai:some-model")).__name__ == "ChatOpenAI"


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("a", "a"),
        ([{"type": "text", "text": "a"}, "b"], "ab"),
        ([{"type": "reasoning", "text": "hidden"}, {"type": "text", "text": "a"}], "a"),
        (None, ""),
    ],
)
def test_the_text_is_taken_from_any_kind_of_content(content: object, text: str) -> None:
    assert text_of(content) == text
