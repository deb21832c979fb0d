"""One question sees one state of the store, whatever other processes publish while it is answered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import BaseMessage
from sqlalchemy import event

from bot.assistant import Assistant
from bot.llm import ChatModel, QuestionParser, Writer
from bot.question import Turn
from bot.wiring import Services, build
from store.vectors import Vector
from tests.bot.llm.fake_chat import FakeChat, Reply
from tests.model_server import NAME, serving
from tests.servers import settings_of
from tests.small_store import REPORT, HashingEmbedder, open_store

DAY = date(2025, 3, 1)
CHANGED = REPORT.replace("eighty-four", "ninety-two").replace("from 7 to 11 July", "from 1 to 2 September")
PARTNERS = "How many partners does the Schools Alliance have?"
FORUM = "When is the Forum on Broadband held?"


class Interrupted(HashingEmbedder):
    """Lets something happen whenever a question is encoded, which is in the middle of its answer."""

    def __init__(self) -> None:
        super().__init__()
        self.meanwhile: Callable[[], object] = lambda: None

    def encode_question(self, text: str, language: str = "en") -> Vector:
        self.meanwhile()
        return super().encode_question(text)


class Watched(FakeChat):
    """Notes what `look` returns whenever the model is asked."""

    look: Callable[[], Any]

    def next(self, messages: list[BaseMessage]) -> Reply:
        self.seen = self.look()
        return super().next(messages)


def ingest(folder: Path, text: str) -> None:
    """Ingest the report as another process does."""
    paper = folder / "report.txt"
    paper.write_text(text, "utf-8")
    other = open_store(folder / "data")
    other.ingest(paper)
    other.close()


@pytest.fixture
def embedder() -> Interrupted:
    return Interrupted()


@pytest.fixture
def services(tmp_path: Path, embedder: Interrupted) -> Services:
    """Services over the report."""
    ingest(tmp_path, REPORT)
    return build(settings_of(tmp_path / "data"), embedder)


@pytest.mark.parametrize(
    ("question", "before", "after"),
    [(PARTNERS, "eighty-four", "ninety-two"), (FORUM, "7 to 11 July", "1 to 2 September")],
)
def test_what_is_published_meanwhile_is_in_the_next_answer_and_not_in_this_one(
    tmp_path: Path, services: Services, embedder: Interrupted, question: str, before: str, after: str
) -> None:
    def publish() -> None:
        embedder.meanwhile = lambda: None
        ingest(tmp_path, CHANGED)

    embedder.meanwhile = publish
    during = services.assistant.answer(question, as_of=DAY)
    later = services.assistant.answer(question, as_of=DAY)

    assert (before in during.text, after in during.text) == (True, False), during.text
    assert (before in later.text, after in later.text) == (False, True), later.text


def test_question_reads_in_one_transaction(services: Services) -> None:
    begun: list[object] = []
    event.listen(services.catalog.engine, "begin", begun.append)
    reply = services.assistant.answer(
        "And of the Alliance, which partners?", history=[Turn("user", PARTNERS)], as_of=DAY
    )
    assert reply.citations
    assert len(begun) == 1


def test_no_transaction_is_open_while_a_model_writes(services: Services) -> None:
    chat = Watched(["The Schools Alliance has eighty-four partners [1]."])
    pool: Any = services.catalog.engine.pool
    chat.look = pool.checkedout
    writer = Writer(chat.model(), None, lambda: DAY, lambda one, other, _: float(one == other))
    talk = services.shared.small_talk
    assistant = Assistant(services.search, talk, services.register, lambda: DAY, writer)
    assert assistant.answer(PARTNERS).model == "fake:model"
    assert chat.seen == 0


def test_what_is_published_while_a_model_reads_the_question_is_in_its_answer(
    tmp_path: Path, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    def parse(_: object) -> dict[str, str]:
        ingest(tmp_path, CHANGED)
        return {"question": PARTNERS, "about": "documents"}

    with serving(parse) as server:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        parser = QuestionParser(ChatModel(NAME))
        talk = services.shared.small_talk
        assistant = Assistant(services.search, talk, services.register, lambda: DAY, parser=parser)
        reply = assistant.answer("how many has it?", history=[Turn("user", PARTNERS)])

    assert "ninety-two" in reply.text
