"""An assistant that cites a real library, for tests that use every surface."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from typing import Any

from bot.answering.answer import Answer, StreamedSentence
from store.audiences import PUBLIC, Audience
from store.records import EVERYBODY
from tests.bot.slack.conftest import Assistant
from tests.bot.slack.features.library.real_library import RealLibrary, citations_of
from tests.bot.slack.features.questions.streaming_assistant import SENTENCES
from tests.bot.slack.refusing_assistant import refusal

# A question that is not answered, one whose answer does not come, and one that is answered sentence by sentence.
UNKNOWN = "Who pays?"
HELD = "What is held?"
STREAMED = "What is streamed?"


class KnowingAssistant(Assistant):
    """Cites two paragraphs of a document, one that was sent in Slack if there is one."""

    def __init__(self, library: RealLibrary) -> None:
        # Set once STREAMED is answered further than its first sentence, and HELD at all.
        self.goes_on, self._end = threading.Event(), threading.Event()
        super().__init__()
        self._library = library

    def go_on(self) -> None:
        super().go_on()
        self.goes_on.set()
        self._end.set()

    def hold(self) -> None:
        """Let it wait."""
        self.goes_on.clear()
        self._end.clear()

    def seen_by(self, audience: Audience) -> _Of:
        """Return the assistant of a channel."""
        return _Of(self, audience)

    def answer(self, question: str, *, audience: Audience = EVERYBODY, **options: Any) -> Answer:
        reply = super().answer(question, **options)
        if UNKNOWN in question:
            return refusal(reply)
        if question == HELD:
            assert self._end.wait(60)
        catalog = self._library.store.catalog.seen_by(PUBLIC | {audience})
        document = max(catalog.documents(), key=lambda document: document.original is not None)
        reply = replace(reply, citations=citations_of(catalog, document))
        if question != STREAMED:
            return reply
        for sentence in SENTENCES:
            options["on_sentence"](StreamedSentence(sentence, reply.citations))
            assert self.goes_on.wait(60)
        return replace(reply, text=" ".join(SENTENCES), model="fake:model")


@dataclass(frozen=True)
class _Of:
    """Answers from what one audience may read."""

    assistant: KnowingAssistant
    audience: Audience

    def warm_up(self) -> None:
        self.assistant.warm_up()

    def answer(self, question: str, **options: Any) -> Answer:
        return self.assistant.answer(question, audience=self.audience, **options)
