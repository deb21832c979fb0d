"""Grounded sentences on their way into an answer: held back until there are enough, numbered as they go out."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.answers import SentenceCallback, StreamedSentence
from bot.answers.citations import citation
from bot.grounding import Grounded
from store.records import Citation, Hit


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence for the answer; `own` where it is as the model wrote it, `preface` stands before it in brackets."""

    grounded: Grounded
    own: bool
    preface: str = ""


class Delivery:
    """Takes sentences in order; `receive` gets them once those so far are `enough`.

    `enough` must stay true when sentences are added. What is delivered stays as it is: `text` only grows.
    """

    def __init__(
        self,
        hits: Sequence[Hit],
        enough: Callable[[Sequence[Sentence]], bool],
        receive: SentenceCallback | None = None,
    ) -> None:
        self._enough = enough
        self._receive = receive
        self._numbering = Numbering(hits)
        self.taken: list[Sentence] = []
        self._sentences: list[str] = []

    @property
    def begun(self) -> bool:
        """Whether anything was delivered: then the answer is the model's."""
        return bool(self._sentences)

    @property
    def text(self) -> str:
        """What was delivered, with its markers."""
        return " ".join(self._sentences)

    @property
    def citations(self) -> tuple[Citation, ...]:
        """What the markers of `text` mean."""
        return self._numbering.citations()

    @property
    def last(self) -> str:
        """The sentence taken last, or ""."""
        return self.taken[-1].grounded.text if self.taken else ""

    def take(self, sentence: Sentence) -> None:
        """Deliver a sentence, or hold it back until there is enough; one that was taken before is dropped."""
        if sentence.grounded.text in [s.grounded.text for s in self.taken]:
            return
        self.taken.append(sentence)
        if self.begun or self._enough(self.taken):
            self._deliver(self.taken[len(self._sentences) :])

    def open_with(self, first: Sentence, others: Sequence[Sentence]) -> None:
        """Deliver a sentence, and after it others in place of those held back."""
        self.taken = [first, *(s for s in others if s.grounded.text != first.grounded.text)]
        self._deliver(self.taken)

    def _deliver(self, sentences: Sequence[Sentence]) -> None:
        for sentence in sentences:
            # What looks like a marker in a quoted sentence leads to no passage.
            text = re.sub(r"\[(\d+)\]", r"(\1)", sentence.grounded.text)
            markers = self._numbering.markers(sentence.grounded)
            stop = "" if text.rstrip("\"'”’)")[-1:] in ".!?…" else "."
            written = f"{sentence.preface}{text}{stop} {''.join(f'[{n}]' for n in markers)}"
            self._sentences.append(written)
            if self._receive is not None:
                meant = tuple(c for c in self._numbering.citations() if c.marker in markers)
                self._receive(StreamedSentence(written, meant))


class Numbering:
    """Numbers what sentences rest on, from 1; stretches of a section that touch share a number."""

    def __init__(self, hits: Sequence[Hit]) -> None:
        self._hits = hits
        self._runs: list[tuple[int, int, int]] = []  # place of the hit, start, end

    def markers(self, sentence: Grounded) -> list[int]:
        """Return the numbers of the stretches that a sentence rests on."""
        return [
            self._number(place, start, end)
            for place, (start, end) in zip(sentence.cites, sentence.spans, strict=True)
        ]

    def citations(self) -> tuple[Citation, ...]:
        """Return what the numbers given so far mean."""
        return tuple(
            citation(n, self._hits[place].document, self._hits[place].section, start, end)
            for n, (place, start, end) in enumerate(self._runs, start=1)
        )

    def _number(self, place: int, start: int, end: int) -> int:
        for n, run in enumerate(self._runs):
            if self._touch(run, place, start, end):
                self._runs[n] = (place, min(run[1], start), max(run[2], end))
                return n + 1
        self._runs.append((place, start, end))
        return len(self._runs)

    def _touch(self, run: tuple[int, int, int], place: int, start: int, end: int) -> bool:
        if run[0] != place:
            return False
        text = self._hits[place].section.text
        return not text[min(run[2], end) : max(run[1], start)].strip()
