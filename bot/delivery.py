"""A model's verified sentences on their way into an answer: held back until they answer, numbered as they go out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot.answer import Delivered
from bot.citing import citation
from bot.verification import Kept
from store.records import Citation, Hit

Said = Callable[[Delivered], None]


class Delivery:
    """Takes sentences as they are verified; `said` gets them, in order, once those so far are `enough`.

    What is enough has to stay so when more is added. What is delivered stays as it is: `text` only grows.
    """

    def __init__(
        self, hits: Sequence[Hit], enough: Callable[[Sequence[Kept]], bool], said: Said | None = None
    ) -> None:
        self._enough = enough
        self._said = said
        self._numbering = Numbering(hits)
        self.kept: list[Kept] = []
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

    def take(self, sentence: Kept) -> None:
        """Deliver a sentence, or hold it back until there is enough; one that was there before is dropped."""
        if sentence.text in [k.text for k in self.kept]:
            return
        self.kept.append(sentence)
        if self.begun or self._enough(self.kept):
            for waiting in self.kept[len(self._sentences) :]:
                self._deliver(waiting)

    def _deliver(self, sentence: Kept) -> None:
        markers = self._numbering.markers(sentence)
        stop = "" if sentence.text.rstrip("\"'”’)")[-1:] in ".!?…" else "."
        text = f"{sentence.text}{stop} {''.join(f'[{n}]' for n in markers)}"
        self._sentences.append(text)
        if self._said is not None:
            meant = tuple(c for c in self._numbering.citations() if c.marker in markers)
            self._said(Delivered(text, meant))


class Numbering:
    """Numbers what sentences rest on, from 1; stretches of a section that touch share a number."""

    def __init__(self, hits: Sequence[Hit]) -> None:
        self._hits = hits
        self._runs: list[tuple[int, int, int]] = []  # place of the hit, start, end

    def markers(self, sentence: Kept) -> list[int]:
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
