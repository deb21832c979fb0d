"""What is asked, read by a chat model's structured output: the question standing alone, and what of the register.

The model names a period in words, and the program works out its days. What it says is held against the conversation:
a question that lost something of its own, or says what nobody said, is not used, and the rules decide.
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
from bot.llm.chat_model import ChatModel, Limits
from bot.llm.prompt import harmless
from bot.question import Turn, asked_anew, asked_for, figure_words, name_terms
from bot.register.date_format import MONTHS, day
from bot.register.questions import RegisterQuery, Relation, find_period
from bot.register.questions.vocabulary import NOT_DATES, says
from prompts import chat_prompt
from store.records import Kind
from store.terms import content_words, stem

if TYPE_CHECKING:
    from langchain_core.runnables import RunnableConfig

_log = logging.getLogger(__name__)

# The rules are there at once: a model gets little more than the time in which it is worth waiting for.
PARSE_LIMITS = Limits(total=6.0, stall=6.0)
# Turns that a follow-up may refer to, and characters of each.
_TURNS = 6
_TURN = 500
_LONGEST = 300
# Of the turn's content words that are no names and no figures, so many have to stay.
_KEPT = 0.5
_MARKER = re.compile(r"\s*\[\d+\]")
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
    """What a model read: the question, "" where the rules' one is to be taken; `query` where it is about dates."""

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
    """Reads questions with a model. Safe between threads."""

    def __init__(self, model: ChatModel) -> None:
        self._model = model

    def parse(
        self, turn: str, history: Sequence[Turn], as_of: date, config: RunnableConfig | None = None
    ) -> ParsedQuestion | None:
        """Return what is asked; None where the model fails, or says a period that has no days."""
        messages = chat_prompt("question", "question_asked").format_messages(
            as_of=f"{as_of:%A}, {day(as_of)}",
            conversation=_told(history) or "none",
            question=harmless(turn),
        )
        try:
            said = self._model.fill(messages, AskedQuestion, config)
        except ModelError as error:
            _log.warning("the question is read without the model: %s", error)
            return None
        question = " ".join(said.question.split())
        query = None
        if said.about == "dates" and not NOT_DATES.search(turn) and not _two_dates(said):
            query = _query(said, turn, as_of)
            if query is None:
                return None
        return ParsedQuestion(question if faithful(question, turn, history) else "", said.about, query)


def _two_dates(said: AskedQuestion) -> bool:
    # "When was it released, and when was it shown?" is told by sentences.
    return said.wants == "when" and len(said.topics) > 1


def _query(said: AskedQuestion, turn: str, as_of: date) -> RegisterQuery | None:
    period = find_period(said.period, as_of)[0] if said.period.strip() else None
    if said.period.strip() and period is None:
        return None
    topics = tuple(topic for topic in said.topics[:2] if topic.strip())
    relation = _RELATIONS[said.wants]
    if relation == "one" and not topics:
        relation = "list"
    return RegisterQuery(
        relation=relation,
        period=period,
        kinds=frozenset(() if topics else said.kinds),
        place=said.place.strip(),
        topics=topics,
        before=said.before.strip(),
        after=said.after.strip(),
        over=said.wants == "past" or says(turn, "over"),
        stated=said.wants == "when" and len(topics) == 1 and not (said.before or said.after),
    )


def faithful(written: str, turn: str, history: Sequence[Turn]) -> bool:
    """Whether a rewritten question wants and names what its turn does, and adds words of the conversation only."""
    if not written or len(written) > max(_LONGEST, 2 * len(turn)):
        return False
    if not set(asked_anew(turn)) <= set(asked_for(written)):
        return False
    own, rewritten = _content(turn), _content(written)
    kept = own & (name_terms(turn) | _MONTHS) | {stem(word) for word in figure_words(turn)}
    others = own - kept
    if not kept <= rewritten or len(others & rewritten) < _KEPT * len(others):
        return False
    added = rewritten - own
    return bool(added) and added <= {term for t in history for term in _content(t.text)}


def _content(text: str) -> set[str]:
    # Figures may be single digits, which are no words to search for.
    return {stem(word) for word in (*content_words(text), *figure_words(text))}


def _told(history: Sequence[Turn]) -> str:
    lines = []
    for turn in history[-_TURNS:]:
        text = " ".join(_MARKER.sub("", turn.text).split())[:_TURN]
        lines.append(harmless(f"{turn.speaker}: {text}"))
    return "\n".join(lines)
