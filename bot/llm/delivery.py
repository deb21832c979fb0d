"""The text of an answer as it grows: grounded sentences, held back until there are enough, then numbered."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.answers import SentenceCallback, StreamedSentence
from bot.answers.citations import citation
from bot.grounding import Grounded
from store.records import Citation, Hit


@dataclass(frozen=True, slots=True)
class AnswerSentence:
    """A sentence for the answer; `by_model`: the model wrote it. `preface` precedes it in brackets."""

    grounded: Grounded
    by_model: bool
    preface: str = ""


class Delivery:
    """Accepts sentences in order, and delivers them as soon as the accepted ones are `enough`.

    `enough` must stay true when sentences are added. Delivered text does not change: `text` only grows.
    """

    def __init__(
        self,
        hits: Sequence[Hit],
        enough: Callable[[Sequence[AnswerSentence]], bool],
        on_sentence: SentenceCallback | None = None,
    ) -> None:
        self._hits = hits
        self._enough = enough
        self._on_sentence = on_sentence
        self.accepted: list[AnswerSentence] = []
        self._delivered: list[str] = []
        self._quotes: list[tuple[int, int, int]] = []  # place of the hit, start, end; by marker, from 1

    @property
    def begun(self) -> bool:
        """Whether anything was delivered: then the answer is the model's."""
        return bool(self._delivered)

    @property
    def text(self) -> str:
        """The delivered sentences, with their markers."""
        return " ".join(self._delivered)

    @property
    def last(self) -> str:
        """The sentence accepted last, or ""."""
        return self.accepted[-1].grounded.text if self.accepted else ""

    @property
    def citations(self) -> tuple[Citation, ...]:
        """The citations that the markers of `text` refer to."""
        return tuple(
            citation(n, self._hits[place].document, self._hits[place].section, start, end)
            for n, (place, start, end) in enumerate(self._quotes, start=1)
        )

    def accept(self, sentence: AnswerSentence) -> None:
        """Deliver a sentence, or hold it back until there are enough; drop one that was accepted before."""
        if sentence.grounded.text in [s.grounded.text for s in self.accepted]:
            return
        self.accepted.append(sentence)
        if self.begun or self._enough(self.accepted):
            self._deliver(self.accepted[len(self._delivered) :])

    def open_with(self, first: AnswerSentence, others: Sequence[AnswerSentence]) -> None:
        """Deliver a sentence, and after it others in place of those held back."""
        self.accepted = [first, *(s for s in others if s.grounded.text != first.grounded.text)]
        self._deliver(self.accepted)

    def _deliver(self, sentences: Sequence[AnswerSentence]) -> None:
        for sentence in sentences:
            # What looks like a marker in a quoted sentence refers to no passage.
            text = re.sub(r"\[(\d+)\]", r"(\1)", sentence.grounded.text)
            quotes = zip(sentence.grounded.cites, sentence.grounded.spans, strict=True)
            markers = [self._marker(place, start, end) for place, (start, end) in quotes]
            stop = "" if text.rstrip("\"'”’)")[-1:] in ".!?…" else "."
            written = f"{sentence.preface}{text}{stop} {''.join(f'[{n}]' for n in markers)}"
            self._delivered.append(written)
            if self._on_sentence is not None:
                cited = tuple(c for c in self.citations if c.marker in markers)
                self._on_sentence(StreamedSentence(written, cited))

    def _marker(self, place: int, start: int, end: int) -> int:
        """Return the marker of a quote, from 1; quotes of a section that touch share one."""
        text = self._hits[place].section.text
        for n, (other, first, last) in enumerate(self._quotes):
            if other == place and not text[min(last, end) : max(first, start)].strip():
                self._quotes[n] = (place, min(first, start), max(last, end))
                return n + 1
        self._quotes.append((place, start, end))
        return len(self._quotes)
