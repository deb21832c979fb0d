"""The judge: a model that decides whether passages support a statement."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal, Protocol, get_args

from bot.models.chat import ChatModel, ReplyLimits
from bot.models.quoting import one_line, prompt_day, quoted_passage
from prompts import chat_prompt, render
from store.records import Hit

if TYPE_CHECKING:
    from langchain_core.runnables import RunnableConfig

# Seconds that an answer waits for a verdict; then the hard checks alone decide.
VERDICT_SECONDS = 15.0
# A judgement is one line, and the user waits for it.
_LIMITS = ReplyLimits(total=12.0, stall=6.0, characters=4_000)
_VERDICT = re.compile(r"^\W*(?:statement\s+)?(\d{1,3})\W+(\w+(?: said)?)", re.I | re.M)

# How passages relate to a statement.
Ruling = Literal["supported", "contradicted", "not said"]


@dataclass(frozen=True, slots=True)
class JudgeRequest:
    """A request to decide whether `hits` support `text`, which follows `before`, as of a day."""

    text: str
    hits: tuple[Hit, ...]
    before: str
    as_of: date


class Judge(Protocol):
    """Decides whether passages support statements."""

    def reads(self, language: str) -> bool:
        """Whether it can judge statements in a language, which may be another one than that of their passages."""
        ...

    def verdicts(self, requests: Sequence[JudgeRequest], config: RunnableConfig | None = None) -> list[bool]:
        """Whether the passages of each request support it. Raises ModelError or StoreError."""
        ...

    def rulings(self, requests: Sequence[JudgeRequest], config: RunnableConfig | None = None) -> list[Ruling]:
        """Return how the passages of each request relate to it. Raises ModelError or StoreError."""
        ...


class ModelJudge:
    """A chat model as judge. Safe between threads."""

    # About how many it reads for a sentence of a draft. Three documents with three paragraphs each took some 2,000 in
    # the marked drafts; a fourth may come.
    tokens_a_sentence = 2_500

    def __init__(self, model: ChatModel) -> None:
        self._model = model

    def reads(self, language: str) -> bool:
        """Return True: a chat model reads any language."""
        return True

    def verdicts(self, requests: Sequence[JudgeRequest], config: RunnableConfig | None = None) -> list[bool]:
        """Return a verdict for each statement, in one request. Raises ModelError."""
        words = self._words("judge", "yes or no", requests, config)
        return [word == "yes" for word in words]

    def rulings(self, requests: Sequence[JudgeRequest], config: RunnableConfig | None = None) -> list[Ruling]:
        """Return a ruling on each statement, in one request. Raises ModelError."""
        words = self._words("rulings", "supported, contradicted or not said", requests, config)
        return [next((r for r in get_args(Ruling) if r == word), "not said") for word in words]

    def _words(
        self, prompt: str, words: str, requests: Sequence[JudgeRequest], config: RunnableConfig | None
    ) -> list[str]:
        messages = chat_prompt(prompt, "statements").format_messages(
            as_of=prompt_day(requests[0].as_of),
            statements="\n\n".join(
                _statement_prompt(n, request) for n, request in enumerate(requests, start=1)
            ),
            words=words,
        )
        return read_words(self._model.ask(messages, config, _LIMITS), len(requests))


class EntailmentJudge:
    """A cross-encoder for natural language inference as judge; it takes a premise and a hypothesis."""

    def __init__(self, compare: Callable[[str, str], str]) -> None:
        """`compare` returns "entailment", "contradiction" or another label for a premise and a hypothesis."""
        self._compare = compare

    def reads(self, language: str) -> bool:
        """Whether it is English, which alone a cross-encoder may know."""
        return language == "en"

    def verdicts(self, requests: Sequence[JudgeRequest], config: RunnableConfig | None = None) -> list[bool]:
        """Whether the passages entail each statement. Raises StoreError."""
        return [ruling == "supported" for ruling in self.rulings(requests)]

    def rulings(self, requests: Sequence[JudgeRequest], config: RunnableConfig | None = None) -> list[Ruling]:
        """Return a ruling on each statement, read alone. Raises StoreError."""
        ruling: dict[str, Ruling] = {"entailment": "supported", "contradiction": "contradicted"}
        labels = [
            self._compare(
                "\n".join(f"{hit.section.heading}\n{hit.section.text}".strip() for hit in request.hits),
                request.text,
            )
            for request in requests
        ]
        return [ruling.get(label, "not said") for label in labels]


def read_words(reply: str, count: int) -> list[str]:
    """Return the words about statements 1 to `count` from lines "1 yes", in small letters.

    Missing, unreadable and contradictory ones are ""; those about other statements are ignored.
    """
    words: dict[int, set[str]] = {}
    for number, word in _VERDICT.findall(reply):
        words.setdefault(int(number), set()).add(word.casefold())
    return ["".join(words[n]) if len(words.get(n, ())) == 1 else "" for n in range(1, count + 1)]


def _statement_prompt(number: int, request: JudgeRequest) -> str:
    return render(
        "statement",
        number=number,
        passages="\n\n".join(quoted_passage(n, hit) for n, hit in enumerate(request.hits, start=1)),
        # In one line each: a text must not look like another statement.
        before=one_line(request.before) or "nothing",
        text=one_line(request.text),
    )
