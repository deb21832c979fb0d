"""Reads what people write with a model: whether a message asks the assistant something, and what a question asks.

A question is parsed by structured output: into a question without context, in English, and a register query. The model
names a period in words; the program computes its days. The model's question is checked against the conversation: if it
lost a part, or has words that nobody used, the rules' question is used. Of a translation, language and figures are
checked.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, Field

from bot.errors import ModelError
from bot.llm.chat_model import ChatModel, ReplyLimits
from bot.llm.prompt import conversation, escaped
from bot.question import Turn, asked_by_turn, asked_for, figure_words, name_terms, understand_other
from bot.question.lexicon import MONTHS, language_name
from bot.question.typed_text import question_language
from bot.register.questions import RegisterQuery, Relation, find_period
from bot.register.questions.query import PATTERNS, word_lists_in
from prompts import chat_prompt, render
from store.records import Kind
from store.terms import content_words, stem, words

if TYPE_CHECKING:
    from langchain_core.runnables import RunnableConfig


# The reply is one word, and whoever asked waits for an answer after it.
ADDRESSEE_LIMITS = ReplyLimits(total=8.0, stall=6.0, characters=200)
_YES = re.compile(r"\W*yes\b(?!.*\bno\b)", re.IGNORECASE | re.DOTALL)


class AddresseeJudge:
    """A chat model that knows the conversation. Safe between threads."""

    def __init__(self, model: ChatModel) -> None:
        self._model = model

    def asks_assistant(self, message: str, history: Sequence[Turn]) -> bool:
        """Return True if the model says so; any other word than yes is a no. Raises ModelError."""
        messages = chat_prompt("addressee", "addressee_asked").format_messages(
            conversation=conversation(history) or "none", message=escaped(message)
        )
        return _YES.match(self._model.ask(messages)) is not None


_CLAIM = re.compile(r"^\W*(\d{1,3})\W+(.+)$", re.M)
_NO_CLAIM = re.compile(r"\W*no claim\W*", re.I)
# The most sentences of one request.
_SENTENCES = 20


class DraftReader:
    """A chat model that finds the claims of a draft. Safe between threads."""

    def __init__(self, model: ChatModel) -> None:
        self._model = model

    def claims(self, sentences: Sequence[str], config: RunnableConfig | None = None) -> list[str | None]:
        """Return each sentence as it is understood alone, "" for one without a claim, None if nothing was said of it.

        Raises ModelError.
        """
        found: list[str | None] = []
        for first in range(0, len(sentences), _SENTENCES):
            part = sentences[first : first + _SENTENCES]
            messages = chat_prompt("claims", "claims_asked").format_messages(
                before=escaped(" ".join(sentences[max(0, first - 3) : first])) or "nothing",
                sentences="\n".join(
                    f"Sentence {n}: {' '.join(escaped(s).split())}" for n, s in enumerate(part, start=1)
                ),
            )
            said = {int(n): text.strip() for n, text in _CLAIM.findall(self._model.ask(messages, config))}
            found += [
                "" if _NO_CLAIM.fullmatch(text) else text or None
                for n in range(1, len(part) + 1)
                for text in [said.get(n, "")]
            ]
        return found


_LOG = logging.getLogger(__name__)

# Short: the rules can parse the question without the model.
PARSE_LIMITS = ReplyLimits(total=6.0, stall=6.0)
_MOST_CHARS = 300
# The least share of the turn's other content words, without names and figures, in the rewritten question.
_LEAST_SHARED = 0.5
_DIGITS = re.compile(r"\d+")
_MONTHS = frozenset(stem(month.casefold()) for month in MONTHS)


class AskedQuestion(BaseModel):
    """What a message asks."""

    question: str = Field(description="The last message as one question that stands alone.")
    about: Literal["dates", "documents", "changes", "talk"]
    wants: Literal["list", "when", "status", "next", "past", "off"] = "list"
    topics: list[str] = Field(default_factory=list, description="The named event, or two side by side.")
    period: str = Field("", description="The days it speaks of, in one of the forms given.")
    before: str = Field("", description="The named event before which something is asked for.")
    after: str = Field("", description="The named event after which something is asked for.")
    kinds: list[Kind] = Field(default_factory=list)
    place: str = Field("", description="The place that it asks about.")


@dataclass(frozen=True, slots=True)
class ParsedQuestion:
    """A question as the model parsed it.

    `question` is "" if the rules' one is to be used; `query` is None unless it is about dates.
    """

    question: str
    about: Literal["dates", "documents", "changes", "talk"]
    query: RegisterQuery | None = None


_RELATIONS: dict[str, Relation] = {
    "list": "list",
    "when": "one",
    "status": "one",
    "next": "next",
    "past": "past",
    "off": "off",
}


class QuestionParser:
    """Parses questions with a model. Safe between threads."""

    def __init__(self, model: ChatModel) -> None:
        self._model = model

    def parse(
        self,
        turn: str,
        history: Sequence[Turn],
        as_of: date,
        config: RunnableConfig | None = None,
        language: str = "en",
    ) -> ParsedQuestion | None:
        """Return the parsed question; None if the model fails, names a period without days or translates badly."""
        is_english = language == "en"
        translated = "" if is_english else render("question_translated", language=language_name(language))
        messages = chat_prompt("question", "question_asked").format_messages(
            as_of=f"{as_of:%A, %-d %B %Y}",
            conversation=conversation(history) or "none",
            question=escaped(turn),
            translated=f"\n  {translated}" if translated else "",
        )
        try:
            reply = self._model.fill(messages, AskedQuestion, config)
        except ModelError as error:
            _LOG.warning("the question is read without the model: %s", error)
            return None
        question = " ".join(reply.question.split())
        if not is_english and not _is_translation(question, turn, language):
            return None
        query, asked = None, turn if is_english else question
        if reply.about == "dates" and not PATTERNS["not_dates"].search(asked) and not _two_dates(reply):
            query = _query(reply, asked, as_of)
            if query is None:
                return None
        is_kept = not is_english or faithful(question, turn, history)
        return ParsedQuestion(question if is_kept else "", reply.about, query)


def _two_dates(reply: AskedQuestion) -> bool:
    # "When was it released, and when was it shown?" is answered by sentences.
    return reply.wants == "when" and len(reply.topics) > 1


def _query(reply: AskedQuestion, turn: str, as_of: date) -> RegisterQuery | None:
    period = find_period(reply.period, as_of)[0] if reply.period.strip() else None
    if reply.period.strip() and period is None:
        return None
    topics = tuple(topic for topic in reply.topics[:2] if topic.strip())
    relation = _RELATIONS[reply.wants]
    if relation == "one" and not topics:
        relation = "list"
    return RegisterQuery(
        relation=relation,
        period=period,
        kinds=frozenset(() if topics else reply.kinds),
        place=reply.place.strip(),
        topics=topics,
        before=reply.before.strip(),
        after=reply.after.strip(),
        asks_if_over=reply.wants == "past" or "over" in word_lists_in(turn),
        documents_first=reply.wants == "when" and len(topics) == 1 and not (reply.before or reply.after),
    )


def faithful(written: str, turn: str, history: Sequence[Turn]) -> bool:
    """Whether a rewritten question keeps what its turn asks for, and adds only words of the conversation."""
    if not written or len(written) > max(_MOST_CHARS, 2 * len(turn)):
        return False
    if not set(asked_by_turn(turn)) <= set(asked_for(written)):
        return False
    typed, rewritten = _content(turn), _content(written)
    required = typed & (name_terms(turn) | _MONTHS) | {stem(word) for word in figure_words(words(turn))}
    others = typed - required
    if not required <= rewritten or len(others & rewritten) < _LEAST_SHARED * len(others):
        return False
    added = rewritten - typed
    return bool(added) and added <= {term for t in history for term in _content(t.text)}


def _is_translation(written: str, turn: str, language: str) -> bool:
    """Whether a question is in English, and has each figure of the turn that it translates."""
    figures = set(_DIGITS.findall(" ".join(understand_other(turn, language).figures)))
    return 0 < len(written) <= max(_MOST_CHARS, 2 * len(turn)) and (
        question_language(written) == "en" and figures <= set(_DIGITS.findall(written))
    )


def _content(text: str) -> set[str]:
    # Single digits are figures, but no content words.
    return {stem(word) for word in (*content_words(text), *figure_words(words(text)))}
