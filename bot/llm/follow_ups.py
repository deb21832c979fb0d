"""A follow-up question put so that it stands alone, by a model, within bounds that are checked.

The model may only put in what the conversation has words for: a rewritten question that lost something of its own, or
says what nobody said, is not used, and the rules of `standalone` decide.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from bot.conversation import Turn
from bot.errors import ModelError
from bot.llm.chat_model import ChatModel, Limits
from bot.llm.prompt import harmless
from bot.question import asked_for, figure_words, name_terms
from bot.wording import MONTHS
from prompts import chat_prompt
from store.terms import content_words, stem

if TYPE_CHECKING:
    from langchain_core.runnables import RunnableConfig

_log = logging.getLogger(__name__)

# The rules are there at once: a model gets little more than the time in which it is worth waiting for.
_LIMITS = Limits(total=6.0, stall=6.0, characters=600)
# Turns that a follow-up may refer to, and characters of each.
_TURNS = 6
_TURN = 500
_LONGEST = 300
# Of the turn's content words that are no names and no figures, so many have to stay.
_KEPT = 0.5
_LABEL = re.compile(
    r"^(?:(?:the )?(?:stand-?alone |rewritten |last )*question(?:, standing alone)?\s*:\s*)", re.I
)
_QUOTES = "\"'“”‘’`* "
_MARKER = re.compile(r"\s*\[\d+\]")
_ABOUT = re.compile(r"\b(?:what|how) about\b", re.I)
_MONTHS = frozenset(stem(month.casefold()) for month in MONTHS)


class Rewriter:
    """Rewrites follow-ups with a model. Safe between threads."""

    def __init__(self, model: ChatModel, limits: Limits = _LIMITS) -> None:
        self._model = model
        self._limits = limits

    def rewrite(self, turn: str, history: Sequence[Turn], config: RunnableConfig | None = None) -> str:
        """Return the question standing alone, "" where the model gave none that can be trusted."""
        messages = chat_prompt("rewrite", "conversation").format_messages(
            conversation=_told(history), question=harmless(turn)
        )
        try:
            written = _bare(self._model.ask(messages, config, self._limits))
        except ModelError as error:
            _log.warning("the follow-up is read without the model: %s", error)
            return ""
        return written if faithful(written, turn, history) else ""


def faithful(written: str, turn: str, history: Sequence[Turn]) -> bool:
    """Whether a rewritten question wants and names what its turn does, and adds words of the conversation only."""
    if not written or "\n" in written or len(written) > max(_LONGEST, 2 * len(turn)):
        return False
    wanted = asked_for(_ABOUT.sub("", turn))
    if not set(wanted) <= set(asked_for(written)):
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


def _bare(text: str) -> str:
    return _LABEL.sub("", text.strip()).strip(_QUOTES)
