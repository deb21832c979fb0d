"""Answers written by a model: each statement is checked, judged and delivered while the model still writes.

One thread reads the reply, checks the facts of each statement and requests the judge's verdict. The caller's thread
takes the statements in order, waits for the verdicts and delivers what passes. A statement that fails is replaced by
the nearest sentence of its passage, or dropped.
"""

from __future__ import annotations

import logging
import re
import threading
import time
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import TYPE_CHECKING

from bot.answers import Answer, Removed, SentenceCallback, StreamedSentence, remarks
from bot.answers.citations import citation, opens_with_pronoun, with_subject
from bot.answers.extractive import past_note, superseded_preface
from bot.answers.ranking import RankedSentence
from bot.cancellation import Cancelled
from bot.errors import ModelBusy, ModelError
from bot.grounding import CitedPassage, Grounded, Grounder, Similarity, Statement, Violation
from bot.llm.chat_model import ChatModel, TextPieces, in_background
from bot.llm.judge import VERDICT_SECONDS, ConcurrentJudge, Judge, JudgeRequest
from bot.llm.prompt import PromptMaterial, answer_prompt, is_suspected
from bot.llm.reply import ReplyParser, is_no_answer, unanswered_part
from bot.llm.usage import answering
from bot.telemetry.spans import span
from store.records import Citation, Hit
from store.terms import words

if TYPE_CHECKING:
    from langchain_core.runnables import RunnableConfig

_LOG = logging.getLogger(__name__)
_PROMPT_TOKENS = 3000
# The most sentences of an answer, and the most statements that are read of a reply.
_MOST_SENTENCES = 6
_MOST_STATEMENTS = 24

# Requests a verdict on a text that cites passages (places) and follows another text; None without a judge.
_AskJudge = Callable[[str, Sequence[int], str], Future[bool] | None]
# Gets how many of the model's sentences were decided on, replaced by the documents' own words, and left out.
OnCheck = Callable[[int, int, int], None]

_JUDGED_NO = Violation("judge", "the judge does not find it in the passage")
_NOT_JUDGED = Violation("judge", "no judge has compared it with the passage, which is in another language")
_REFERS_TO_REMOVED = Violation("pronoun", "it begins with a pronoun, and the sentence before it was left out")


@dataclass(frozen=True, slots=True)
class WrittenAnswer:
    """The result of a model's reply."""

    text: str = ""
    """Sentences with markers; "" if none of the model's statements passed."""
    citations: tuple[Citation, ...] = ()
    removed: tuple[Removed, ...] = ()
    refused: bool = False
    """Whether the model found no answer in the passages."""
    unanswered: tuple[str, ...] = ()
    """The part of the question that the model found no answer to, in the question's words."""
    failure: str | None = None
    """Why the reply is missing or ends early."""
    judged: bool | None = None
    """False if a statement was delivered on hard checks alone; None if nothing was delivered."""
    without_verdict: bool = False
    """Whether the judge was asked and gave no verdict."""
    check_ms: float = 0.0
    """Milliseconds of the hard checks."""

    def as_answer(self, draft: Answer, model: str) -> Answer:
        """Return the draft with this text, by the model of this name."""
        doubtful = self.without_verdict or any(removed.replaced_by for removed in self.removed)
        return replace(
            draft,
            text=self.text,
            answered=True,
            confidence="low" if doubtful else "high",
            citations=self.citations,
            judged=self.judged,
            note=remarks.ends_early(self.failure) if self.failure else None,
            unanswered=self.unanswered,
            model=model,
        )


class Writer:
    """Writes answers with a model, and a judge where there is one. Safe between threads."""

    def __init__(
        self,
        model: ChatModel,
        judge: Judge | None,
        today: Callable[[], date],
        similarity: Callable[[str, str, str], float],
    ) -> None:
        """`similarity` returns the cosine of two texts by the model for a language."""
        self._model = model
        self._judge = judge
        self._today = today
        self._similarity = similarity

    @property
    def name(self) -> str:
        """The model's name, for the answer's `model`."""
        return self._model.name

    def write(
        self,
        material: PromptMaterial,
        on_sentence: SentenceCallback | None = None,
        config: RunnableConfig | None = None,
        on_check: OnCheck | None = None,
    ) -> WrittenAnswer:
        """Return what the model wrote and the passages support.

        `on_sentence` gets each sentence as it is delivered, `on_check` the numbers after each that is decided on.
        """
        prompt = answer_prompt(material, self._today(), _PROMPT_TOKENS)
        language = material.language
        fitting = self._judge if language == "en" or (self._judge and self._judge.any_language) else None
        judge = ConcurrentJudge(fitting, config)
        writing = _Writing(
            material,
            prompt.hits,
            similarity=lambda one, other: self._similarity(one, other, language),
            judge=judge,
            verdict_seconds=VERDICT_SECONDS * self._model.patience,
            on_sentence=on_sentence,
            on_check=on_check,
        )
        try:
            return writing.run(self._model.stream(prompt.messages, answering(config)))
        finally:
            judge.close()


class _Writing:
    """One answer in progress."""

    def __init__(
        self,
        material: PromptMaterial,
        hits: Sequence[Hit],
        similarity: Similarity,
        judge: ConcurrentJudge,
        verdict_seconds: float,
        on_sentence: SentenceCallback | None,
        on_check: OnCheck | None,
    ) -> None:
        self._as_of = material.as_of
        self._hits = hits
        self._judge = judge
        self._verdict_seconds = verdict_seconds
        self._newest = _newest(material.sentences, hits)
        self._language = material.language
        self._grounder = Grounder(
            [CitedPassage(h.section, h.document) for h in hits], similarity, [self._as_of], self._language
        )
        self._delivery = _SentenceDelivery(hits, self._enough, on_sentence)
        self._on_check = on_check
        self._checked = 0
        self._delayed: list[_CheckedStatement] = []
        self._previous_removed = False
        self._removed: list[Removed] = []
        self._hard_only = self._without_verdict = False
        self._no_answer: _NoAnswer | None = None
        self._asked = frozenset(words(material.question.text))
        self._seconds = 0.0

    def run(self, reply: TextPieces) -> WrittenAnswer:
        """Read the reply to its end, or as far as it is needed, and return the answer."""
        failure: str | None = None
        try:
            check = partial(_checked_statements, reply, self._grounder, self._ask_judge)
            with closing(in_background(check, "reply")) as statements:
                for count, item in enumerate(statements, start=1):
                    if isinstance(item, _NoAnswer):
                        self._no_answer = item
                        break
                    self._take(item)
                    if len(self._delivery.accepted) >= _MOST_SENTENCES or count >= _MOST_STATEMENTS:
                        break
        except ModelError as error:
            failure = str(error)
        self._decide_delayed()
        self._open_with_newest()
        return self._result(failure)

    def _ask_judge(self, text: str, cites: Sequence[int], before: str) -> Future[bool] | None:
        return self._judge.ask(self._request(text, cites, before))

    def _request(self, text: str, cites: Sequence[int], before: str) -> JudgeRequest:
        return JudgeRequest(text, tuple(self._hits[n] for n in cites), before=before, as_of=self._as_of)

    def _take(self, item: _CheckedStatement) -> None:
        """Decide on a statement, or delay it if the judge's rate is limited; statements keep their order."""
        self._seconds += item.seconds
        if self._delayed:
            self._delayed.append(item)
            return
        try:
            verdict = self._verdict(item)
        except ModelBusy:
            self._delayed.append(item)
            return
        self._decide(item, verdict)

    def _verdict(self, item: _CheckedStatement) -> bool | None:
        """Return the judge's verdict; None if none is needed or none comes in time. Raises ModelBusy."""
        verdict = item.verdict
        if verdict is not None and self._refers_to_removed(item) and self._delivery.last:
            # It was judged as following a sentence that was removed since.
            verdict = self._ask_judge(item.statement.text, item.cites, self._delivery.last)
        if verdict is None:
            return None
        try:
            return verdict.result(timeout=self._verdict_seconds)
        except ModelBusy:
            raise
        except Exception as error:
            # A cross-encoder has exceptions of its own.
            self._no_verdict(error)
            return None

    def _decide(self, item: _CheckedStatement, verdict: bool | None, *, again: bool = True) -> None:
        """Deliver or replace a statement; `again`: the verdict was renewed after the sentence before was removed."""
        if isinstance(item.result, Violation):
            self._replace(item.statement, item.result)
        elif verdict is False:
            self._replace(item.statement, _JUDGED_NO)
        elif verdict is None and self._language != "en":
            self._replace(item.statement, _NOT_JUDGED)
        elif self._refers_to_removed(item) and not (again and verdict and self._delivery.last):
            self._replace(item.statement, _REFERS_TO_REMOVED)
        else:
            self._hard_only = self._hard_only or verdict is None
            self._previous_removed = False
            self._delivery.accept(item.result)
        self._checked += 1
        if self._on_check is not None:
            replaced = sum(removed.replaced_by is not None for removed in self._removed)
            self._on_check(self._checked, replaced, len(self._removed) - replaced)

    def _refers_to_removed(self, item: _CheckedStatement) -> bool:
        return self._previous_removed and opens_with_pronoun(item.statement.text)

    def _no_verdict(self, error: Exception) -> None:
        _LOG.warning("no verdict of the judge: %s", str(error) or "it took too long")
        self._without_verdict = True

    def _replace(self, statement: Statement, violation: Violation) -> None:
        """Replace a statement by the nearest sentence of its passages, or drop it; in another language, drop it."""
        self._previous_removed = True
        used = [s.text for s in self._delivery.accepted]
        nearest = self._grounder.replacement(statement, used) if self._language == "en" else None
        if nearest is not None and (is_suspected(nearest.text) or opens_with_pronoun(nearest.text)):
            nearest = None
        replaced_by = nearest.text if nearest else None
        self._removed.append(
            Removed(statement.text, violation.reason, check=violation.check, replaced_by=replaced_by)
        )
        if nearest is not None:
            self._delivery.accept(nearest)

    def _decide_delayed(self) -> None:
        """Decide on the statements that a rate limit has delayed, with one request for their verdicts."""
        delayed, self._delayed = self._delayed[: _MOST_SENTENCES - len(self._delivery.accepted)], []
        verdicts: dict[int, bool | None] = {}
        for place, item in enumerate(delayed):
            try:
                verdicts[place] = self._verdict(item)
            except ModelBusy:
                continue
        missing = [place for place in range(len(delayed)) if place not in verdicts]
        if missing:
            befores = [self._delivery.last, *(item.statement.text for item in delayed)]
            requests = [
                self._request(delayed[n].statement.text, delayed[n].cites, befores[n]) for n in missing
            ]
            try:
                verdicts |= dict(zip(missing, self._judge.ask_together(requests), strict=True))
            except Exception as error:
                self._no_verdict(error)
        for place, item in enumerate(delayed):
            self._decide(item, verdicts.get(place), again=False)

    def _enough(self, sentences: Sequence[Grounded]) -> bool:
        """Whether the answer may begin: with a statement of the model's, and one of a document new enough."""
        if not any(s.by_model for s in sentences):
            return False
        if self._newest is None:
            return True
        day = self._newest[0].hit.document.date or date.min
        documents = [self._hits[n].document for s in sentences for n in s.cites]
        return any((document.date or date.min) >= day for document in documents)

    def _open_with_newest(self) -> None:
        """Open the answer with the newest document's sentence if only older ones were accepted."""
        accepted = self._delivery.accepted
        if self._newest is None or self._delivery.begun or not any(s.by_model for s in accepted):
            return
        newest, place = self._newest
        past = past_note([newest], self._as_of)
        first = Grounded(
            with_subject(newest),
            (place,),
            ((newest.start, newest.end),),
            by_model=False,
            preface=f"[{past}] " if past else "",
        )
        others = [replace(s, preface=superseded_preface(self._hits[s.cites[0]].document)) for s in accepted]
        self._delivery.open_with(first, others)

    def _result(self, failure: str | None) -> WrittenAnswer:
        delivery, removed = self._delivery, self._removed
        if not delivery.begun:
            # Nothing was delivered, so no replacement was either.
            removed = [replace(sentence, replaced_by=None) for sentence in removed]
        # Nobody has checked words of the model's own.
        part = self._no_answer.part if self._no_answer else ""
        return WrittenAnswer(
            text=delivery.text,
            citations=delivery.citations,
            removed=tuple(removed),
            refused=self._no_answer is not None and not delivery.begun,
            unanswered=(part,) if part and self._asked.issuperset(words(part)) else (),
            failure=failure,
            judged=not self._hard_only if delivery.begun else None,
            without_verdict=self._without_verdict,
            check_ms=1000 * self._seconds,
        )


def _newest(sentences: Sequence[RankedSentence], hits: Sequence[Hit]) -> tuple[RankedSentence, int] | None:
    """Return the newest sentence and the index of its passage, if documents differ and the prompt has it."""
    if not any(sentence.superseded for sentence in sentences):
        return None
    section = sentences[0].hit.section.id
    place = next((n for n, hit in enumerate(hits) if hit.section.id == section), None)
    return None if place is None else (sentences[0], place)


class _SentenceDelivery:
    """Accepts sentences in order, and delivers them as soon as the accepted ones are `enough`.

    `enough` must stay true when sentences are added. Delivered text does not change: `text` only grows.
    """

    def __init__(
        self,
        hits: Sequence[Hit],
        enough: Callable[[Sequence[Grounded]], bool],
        on_sentence: SentenceCallback | None = None,
    ) -> None:
        self._hits = hits
        self._enough = enough
        self._on_sentence = on_sentence
        self.accepted: list[Grounded] = []
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
        return self.accepted[-1].text if self.accepted else ""

    @property
    def citations(self) -> tuple[Citation, ...]:
        """The citations that the markers of `text` refer to."""
        return tuple(
            citation(n, self._hits[place].document, self._hits[place].section, start, end)
            for n, (place, start, end) in enumerate(self._quotes, start=1)
        )

    def accept(self, sentence: Grounded) -> None:
        """Deliver a sentence, or hold it back until there are enough; drop one that was accepted before."""
        if sentence.text in [s.text for s in self.accepted]:
            return
        self.accepted.append(sentence)
        if self.begun or self._enough(self.accepted):
            self._deliver(self.accepted[len(self._delivered) :])

    def open_with(self, first: Grounded, others: Sequence[Grounded]) -> None:
        """Deliver a sentence, and after it others in place of those held back."""
        self.accepted = [first, *(s for s in others if s.text != first.text)]
        self._deliver(self.accepted)

    def _deliver(self, sentences: Sequence[Grounded]) -> None:
        for sentence in sentences:
            # What looks like a marker in a quoted sentence refers to no passage.
            text = re.sub(r"\[(\d+)\]", r"(\1)", sentence.text)
            quotes = zip(sentence.cites, sentence.spans, strict=True)
            markers = [self._marker(place, start, end) for place, (start, end) in quotes]
            stop = "" if text.rstrip("\"'”’)»』」")[-1:] in ".!?…。！？؟" else "."
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


@dataclass(frozen=True, slots=True)
class _CheckedStatement:
    """A statement after the hard checks, which took `seconds`.

    `verdict` is the judge's, to come; None if the checks failed or there is no judge.
    """

    statement: Statement
    result: Grounded | Violation
    verdict: Future[bool] | None
    seconds: float

    @property
    def cites(self) -> tuple[int, ...]:
        """The places of the passages that have its facts."""
        return self.result.cites if isinstance(self.result, Grounded) else ()


@dataclass(frozen=True, slots=True)
class _NoAnswer:
    """The model's statement that the passages do not answer the question, or a part of it, in the model's words."""

    part: str = ""


def _checked_statements(
    reply: TextPieces, grounder: Grounder, ask_judge: _AskJudge, stopped: threading.Event
) -> Generator[_CheckedStatement | _NoAnswer, None, None]:
    """Yield the statements of a reply until `stopped`; nothing follows a _NoAnswer. Raises ModelError and Cancelled."""
    before = ""
    try:
        for statement in _statements(reply, stopped):
            part = unanswered_part(statement.text)
            if part or is_no_answer(statement.text):
                yield _NoAnswer(part)
                return
            began = time.perf_counter()
            with span("checks"):
                result = grounder.ground(statement)
            seconds = time.perf_counter() - began
            verdict = (
                ask_judge(statement.text, result.cites, before) if isinstance(result, Grounded) else None
            )
            before = statement.text
            yield _CheckedStatement(statement, result, verdict=verdict, seconds=seconds)
    except (ModelError, Cancelled):
        raise
    except Exception as error:
        # A fault here must not cost the answer: the documents' own sentences remain.
        _LOG.exception("the reply could not be read")
        raise ModelError(f"the reply could not be read ({type(error).__name__})") from error


def _statements(reply: TextPieces, stopped: threading.Event) -> Generator[Statement, None, None]:
    parser = ReplyParser()
    with closing(reply) as pieces:
        for piece in pieces:
            if stopped.is_set():
                return
            yield from parser.feed(piece)
    yield from parser.end()
