"""An answer written by a model, of which only what the paragraphs support is delivered.

Whether there is an answer at all has been decided before, by the evidence. Where the model fails, is too slow, or
nothing of what it wrote stands, the extractive answer is what there is. A sentence is delivered as soon as it and
those before it answer the question; from then on the answer is the model's, and ends with what it got to.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from bot.answer import Removed, Tokens
from bot.candidates import Candidate
from bot.delivery import Delivery, Said
from bot.errors import ModelError
from bot.material import Sources, material
from bot.model import Counted, Limits, Texts
from bot.model_text import Reader, is_no_answer
from bot.passages import Passage
from bot.shapes import holds
from bot.verification import Entails, Kept, Similarity, Verifier, Written
from prompts import render
from store.records import Citation, Hit
from store.terms import terms

_log = logging.getLogger(__name__)

_PROMPT_TOKENS = 3000
# A model's answer is no longer than this; more is not asked for.
_SENTENCES = 6
# What a model's sentences hold of the question's terms, against the best sentence of the documents.
_AS_GOOD = 0.6
# Above this probability the documents say it, even where the model finds no answer.
_SURE = 0.9


class Model(Protocol):
    """What a writer needs of a model."""

    @property
    def name(self) -> str: ...

    def stream(
        self,
        instructions: str,
        request: str,
        *,
        counted: Counted | None = None,
        limits: Limits | None = None,
    ) -> Texts: ...


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be answered, from what; `chosen` are the sentences of the extractive answer in their order.

    `sure` is the probability that the documents say it.
    """

    sources: Sources
    chosen: Sequence[Candidate]
    sure: float


@dataclass(frozen=True, slots=True)
class Draft:
    """What came of it: `text` with markers and its citations, or "" where the extractive answer has to do.

    `note` says why it has to, or why the text ends early. `refused`: the model found no answer in the passages, and
    nothing speaks strongly against that. `verify_ms` are the milliseconds that went into holding its sentences against
    the passages.
    """

    text: str = ""
    citations: tuple[Citation, ...] = ()
    removed: tuple[Removed, ...] = ()
    refused: bool = False
    note: str | None = None
    tokens: Tokens | None = None
    verify_ms: float = 0.0


class Writer:
    """Writes answers with a model. Safe between threads."""

    def __init__(
        self,
        model: Model,
        today: Callable[[], date],
        similarity: Similarity | None = None,
        prompt_tokens: int = _PROMPT_TOKENS,
        entails: Entails | None = None,
        link_hosts: Collection[str] = (),
    ) -> None:
        self._link_hosts = link_hosts
        self._entails = entails
        self._model = model
        self._today = today
        self._similarity = similarity
        self._prompt_tokens = prompt_tokens

    @property
    def name(self) -> str:
        """The model's, for the answer's `model`."""
        return self._model.name

    def write(self, task: Task, said: Said | None = None) -> Draft:
        """Return what the model wrote and the passages support; `said` gets its sentences as they are delivered."""
        given = material(task.sources, self._today(), self._prompt_tokens)
        hits = given.hits
        verifier = Verifier(
            [Passage(h.section, h.document) for h in hits], self._similarity, self._entails, self._link_hosts
        )
        delivery = Delivery(hits, lambda kept: answers(task, hits, kept), said)
        removed: list[Removed] = []
        counts: list[Tokens] = []
        no_answer = False
        failure: ModelError | None = None
        spent = 0.0
        # Closed where the reading stops early: then the tokens so far are counted, and no more are asked for.
        try:
            with closing(self._sentences(given.request, counts.append)) as sentences:
                for sentence in sentences:
                    no_answer = is_no_answer(sentence.text)
                    if no_answer:
                        break
                    began = time.perf_counter()
                    checked = verifier.check(sentence)
                    spent += 1000 * (time.perf_counter() - began)
                    if isinstance(checked, Removed):
                        removed.append(checked)
                    else:
                        delivery.take(checked)
                    if len(delivery.kept) == _SENTENCES or len(delivery.kept) + len(removed) > 4 * _SENTENCES:
                        break
        except ModelError as error:
            failure = error
        if not delivery.begun and failure is None:
            removed += [Removed(k.text, "it does not answer what was asked") for k in delivery.kept]
        found_none = no_answer and not removed and not delivery.begun
        refused = found_none and task.sure < _SURE
        note = None if refused else _note(failure, begun=delivery.begun, found_none=found_none)
        if note:
            _log.warning("%s: %s", self.name, note)
        return Draft(
            text=delivery.text,
            citations=delivery.citations,
            removed=tuple(removed),
            refused=refused,
            note=note,
            tokens=Tokens.total(counts),
            verify_ms=spent,
        )

    def _sentences(self, request: str, counted: Counted) -> Generator[Written, None, None]:
        reader = Reader()
        with closing(self._model.stream(render("answer"), request, counted=counted)) as pieces:
            for piece in pieces:
                yield from reader.feed(piece)
        yield from reader.end()


def _note(failure: ModelError | None, *, begun: bool, found_none: bool) -> str | None:
    """Return what is to be said about an answer that is not the model's, or not all of it."""
    if failure is not None and begun:
        return f"The answer ends early: {failure}."
    if begun:
        return None
    if failure is not None:
        why = str(failure)
    elif found_none:
        why = "the language model found no answer here"
    else:
        why = "nothing that the language model wrote is both supported and to the point"
    return f"The documents' own sentences, because {why}."


def answers(task: Task, hits: Sequence[Hit], kept: Sequence[Kept]) -> bool:
    """Whether the sentences answer as well as the documents' own: the kind of thing asked for, and its words."""
    if not task.chosen:
        return True
    best = task.chosen[0]
    newest = max(str(hits[n].document.date or "") for k in kept for n in k.cites)
    if newest < str(best.hit.document.date or ""):
        # The documents' own answer begins with what the newest of them says.
        return False
    texts = [k.text for k in kept]
    shaped = all(
        any(holds(ask, text, task.sources.question) for text in texts) for ask in task.sources.question.asks
    )
    if best.shaped and not shaped:
        return False
    headings = " ".join(hits[n].section.heading for k in kept for n in k.cites)
    held = set(terms(f"{headings} {' '.join(texts)}"))
    return task.sources.weights.coverage(held, task.sources.question.terms) >= _AS_GOOD * best.coverage
