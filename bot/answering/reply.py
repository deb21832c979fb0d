"""What the path hands to an answerer and gets back, and how lines with their quotes become a text with markers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Literal, Protocol

from bot.answering.answer import ProgressCallback, Reply, SentenceCallback, StreamedSentence
from bot.answering.citations import citation
from bot.answering.items import Item, nearest_sentence
from bot.answering.question import Turn
from store.records import Citation, Hit

if TYPE_CHECKING:
    from langchain_core.runnables import RunnableConfig

    from bot.answering.tools import Tools

_MARKER = re.compile(r"\[(\d+)\]")
_ENDS = ".!?…。！？؟:：;；"
_CLOSING = "\"'”’)»』」*"


@dataclass(frozen=True, slots=True)
class Request:
    """One turn of a conversation, and how the answer is wanted."""

    turn: str
    as_of: date
    language: str = "en"
    """The code of the language to answer in."""
    spoken: str = "en"
    """The code of the language of the turn, "und" for one that is not known."""
    history: Sequence[Turn] = ()
    """The turns before it, the oldest first."""
    on_sentence: SentenceCallback | None = None
    on_progress: ProgressCallback | None = None
    config: RunnableConfig | None = None
    documents: int = 0
    """The number of documents that the asker may see."""
    lap: Callable[[str], None] = field(default=lambda stage: None, compare=False)
    """Is told the name of each stage at its end."""

    @property
    def question_before(self) -> str:
        """The last turn of the person before this one, "" if there is none."""
        return next((turn.text for turn in reversed(self.history) if turn.speaker == "user"), "")

    @property
    def in_context(self) -> str:
        """The turn with the question before it, which a search of a follow-up needs."""
        return f"{self.question_before} {self.turn}".strip()


class Answerer(Protocol):
    """Answers turns from the look-ups: a language model does it, or there is none. Safe between threads."""

    @property
    def name(self) -> str:
        """Return "extractive", or the name of the model."""
        ...

    def answer(self, request: Request, tools: Tools) -> Reply:
        """Return the reply; one that is not answered and has no reason found nothing that stands. Raises StoreError."""
        ...

    def warm_up(self) -> None:
        """Load what the first question would wait for."""
        ...


@dataclass(frozen=True, slots=True)
class Quote:
    """The part `start` to `end` of a paragraph."""

    hit: Hit
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence, or one point of a list, with what it cites; a heading cites nothing."""

    text: str
    cites: tuple[Quote | Citation, ...] = ()
    opens: Literal["", "line", "point"] = ""
    """Whether it begins a line, or a point of a list."""
    is_best: bool = False


_GAPS = {"": " ", "point": "\n", "line": "\n\n"}


class Composer:
    """Joins lines to a text. Each paragraph has one marker, whose quote grows from the first to the last quoted part.

    What was added stays as it is: the text only grows.
    """

    def __init__(self, on_sentence: SentenceCallback | None = None) -> None:
        self._on_sentence = on_sentence
        self._cited: dict[str, Quote | Citation] = {}
        self.text = ""
        self.best: tuple[int, int] | None = None

    @property
    def citations(self) -> tuple[Citation, ...]:
        """The citations that the markers refer to, in order."""
        return tuple(
            replace(each, marker=n)
            if isinstance(each, Citation)
            else citation(n, each.hit.document, each.hit.section, each.start, each.end)
            for n, each in enumerate(self._cited.values(), start=1)
        )

    def add(self, line: Line) -> None:
        """Add a line; `on_sentence` gets what it adds to the text."""
        markers = list(dict.fromkeys(map(self._marker, line.cites)))

        # What looks like a marker in a quoted sentence refers to no paragraph.
        said = _MARKER.sub(r"(\1)", line.text.strip())
        if markers and said.rstrip(_CLOSING)[-1:] not in _ENDS:
            said += "."
        # What is no point of a list begins a paragraph, which reads better after an empty line.
        gap = _GAPS[line.opens] if self.text else ""
        begin = len(self.text) + len(gap) + (2 if line.opens == "point" else 0)
        if line.is_best:
            self.best = begin, begin + len(said)
        point = "• " if line.opens == "point" else ""
        added = f"{gap}{point}{said}" + (f" {''.join(f'[{n}]' for n in markers)}" if markers else "")
        self.text += added

        if self._on_sentence is not None:
            cited = tuple(each for each in self.citations if each.marker in markers)
            self._on_sentence(StreamedSentence(added, cited))

    def _marker(self, cited: Quote | Citation) -> int:
        """Return the number of what is cited, from 1."""
        key = (
            cited.hit.section.id
            if isinstance(cited, Quote)
            else cited.section_id or f"{cited.source} {cited.section} {cited.quote}"
        )
        known = self._cited.get(key)
        if known is None:
            self._cited[key] = cited
        elif isinstance(known, Quote) and isinstance(cited, Quote):
            self._cited[key] = replace(
                known, start=min(known.start, cited.start), end=max(known.end, cited.end)
            )
        return list(self._cited).index(key) + 1


def composed(lines: Iterable[Line], reply: Reply) -> Reply:
    """Return a reply with the text and the citations of some lines."""
    composer = Composer()
    for line in lines:
        composer.add(line)
    return replace(reply, text=composer.text, citations=composer.citations, answered=True, best=composer.best)


def cites_of(item: Item, statement: str) -> tuple[Quote | Citation, ...]:
    """Return what a statement cites of an item: of a paragraph its nearest sentence, else the item's own citations."""
    if item.kind != "paragraph":
        return item.citations
    return tuple(Quote(hit, *nearest_sentence(statement, hit.section.text)) for hit in item.hits)
