"""An answer written by a model: each statement is checked, judged, and delivered while the model still writes.

A thread reads the reply, checks each statement's facts and asks for the verdict (bot.llm.statements). The caller's
thread takes the statements in order, waits for the verdicts, and delivers what stands. A statement that fails is
replaced by the nearest sentence of its passage, or dropped.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from bot.answer import Removed, SentenceCallback
from bot.editions import Said, earlier
from bot.errors import ModelBusy, ModelError
from bot.grounding import Grounded, Grounder, Passage, Similarity, Statement, Violation
from bot.llm.chat_model import ChatModel
from bot.llm.delivery import Delivery, Sentence
from bot.llm.injection import is_suspected
from bot.llm.judge import Hearing, Judge, Question
from bot.llm.prompt import AnswerPrompt, Sources, answer_prompt
from bot.llm.statements import CheckedStatement, CheckedStatements
from bot.llm.usage import answering
from bot.subjects import opens_with_pronoun
from store.errors import StoreError
from store.records import Citation, Document, Hit

if TYPE_CHECKING:
    from langchain_core.runnables import RunnableConfig

_log = logging.getLogger(__name__)

_PROMPT_TOKENS = 3000
# An answer is no longer than this, and of a reply no more than so many statements are read.
_SENTENCES, _STATEMENTS = 6, 24
# Seconds to wait for a verdict; then the hard checks decide alone.
_PATIENCE = 15.0

_JUDGED_NO = Violation("judge", "the judge does not find it in the passage")
_NO_NOUN = Violation("pronoun", "it opens with a pronoun for a sentence that is not there")


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be answered, from what; `order` are the sentences that would answer without a model."""

    sources: Sources
    order: Sequence[Said]


@dataclass(frozen=True, slots=True)
class Draft:
    """What the model's reply came to.

    `text` has markers, which `citations` resolve; it is "" where nothing of the model's stands. `refused`: the model
    found no answer in the passages. `failure` says why the reply is missing or ends early. `judged` is False where a
    statement was delivered on hard checks alone, None where nothing was delivered; `unheard` where the judge was
    asked and gave no verdict. `check_ms` are the milliseconds of the hard checks.
    """

    text: str = ""
    citations: tuple[Citation, ...] = ()
    removed: tuple[Removed, ...] = ()
    refused: bool = False
    failure: str | None = None
    judged: bool | None = None
    unheard: bool = False
    check_ms: float = 0.0


class Writer:
    """Writes answers with a model, and a judge where there is one. Safe between threads."""

    def __init__(
        self,
        model: ChatModel,
        judge: Judge | None,
        today: Callable[[], date],
        similarity: Similarity,
        prompt_tokens: int = _PROMPT_TOKENS,
    ) -> None:
        self._model = model
        self._judge = judge
        self._today = today
        self._similarity = similarity
        self._prompt_tokens = prompt_tokens

    @property
    def name(self) -> str:
        """The model's, for the answer's `model`."""
        return self._model.name

    def write(
        self,
        task: Task,
        receive: SentenceCallback | None = None,
        config: RunnableConfig | None = None,
    ) -> Draft:
        """Return what the model wrote and the passages support; `receive` gets its sentences as they are delivered."""
        prompt = answer_prompt(task.sources, self._today(), self._prompt_tokens)
        hearing = Hearing(self._judge, config)
        writing = _Writing(task, prompt, self._similarity, hearing, receive)
        try:
            return writing.run(self._model, config)
        finally:
            writing.stop()
            hearing.close()


class _Writing:
    """One answer being written."""

    def __init__(
        self,
        task: Task,
        prompt: AnswerPrompt,
        similarity: Similarity,
        hearing: Hearing,
        receive: SentenceCallback | None,
    ) -> None:
        self._task = task
        self._prompt = prompt
        self._hearing = hearing
        as_of = task.sources.as_of
        self._grounder = Grounder([Passage(h.section, h.document) for h in prompt.hits], similarity, [as_of])
        self._delivery = Delivery(prompt.hits, self._enough, receive)
        self._statements = CheckedStatements(self._grounder, self._ask_judge)
        self._waiting: list[CheckedStatement] = []
        self._gap = False
        self._removed: list[Removed] = []
        self._hard_only = self._unheard = False

    def run(self, model: ChatModel, config: RunnableConfig | None) -> Draft:
        """Read the model's reply to its end, or as far as it is needed, and return the draft."""
        failure: ModelError | None = None
        reply = model.stream(self._prompt.messages, answering(config))
        try:
            for count, item in enumerate(self._statements.read(reply), start=1):
                self._take(item)
                if len(self._delivery.taken) >= _SENTENCES or count >= _STATEMENTS:
                    break
        except ModelError as error:
            failure = error
        self.stop()
        self._hear_waiting()
        self._open_with_newest()
        return self._draft(failure)

    def stop(self) -> None:
        """Read no more of the reply."""
        self._statements.stop()

    def _ask_judge(self, text: str, cites: Sequence[int], before: str) -> Future[bool] | None:
        return self._hearing.ask(self._question(text, cites, before))

    def _question(self, text: str, cites: Sequence[int], before: str) -> Question:
        return Question(text, tuple(self._prompt.hits[n] for n in cites), before, self._task.sources.as_of)

    def _take(self, item: CheckedStatement) -> None:
        if self._waiting:
            # One before it waits for the judge: the order is kept.
            self._waiting.append(item)
            return
        try:
            verdict = self._verdict(item)
        except ModelBusy:
            self._waiting.append(item)
            return
        self._decide(item, verdict)

    def _verdict(self, item: CheckedStatement) -> bool | None:
        """Return the judge's verdict, None where none is needed or none comes in time. Raises ModelBusy."""
        verdict = item.verdict
        if verdict is not None and self._lost_noun(item) and self._delivery.last:
            # It was judged after a sentence that the reader does not have before it.
            verdict = self._ask_judge(item.statement.text, item.cites, self._delivery.last)
        if verdict is None:
            return None
        try:
            return verdict.result(timeout=_PATIENCE)
        except ModelBusy:
            raise
        except (FutureTimeout, ModelError, StoreError) as error:
            self._no_verdict(error)
            return None

    def _decide(self, item: CheckedStatement, verdict: bool | None, *, again: bool = True) -> None:
        """Deliver a statement, or replace it; `again`: one with a lost noun was judged again."""
        if isinstance(item.result, Violation):
            self._fail(item.statement, item.result)
        elif verdict is False:
            self._fail(item.statement, _JUDGED_NO)
        elif self._lost_noun(item) and not (again and verdict and self._delivery.last):
            self._fail(item.statement, _NO_NOUN)
        else:
            self._hard_only = self._hard_only or verdict is None
            self._gap = False
            self._delivery.take(Sentence(item.result, own=True))

    def _lost_noun(self, item: CheckedStatement) -> bool:
        """Whether a statement points back to one that was replaced or dropped."""
        return self._gap and opens_with_pronoun(item.statement.text)

    def _no_verdict(self, error: Exception) -> None:
        _log.warning("no verdict of the judge: %s", error or "it took too long")
        self._unheard = True

    def _fail(self, statement: Statement, violation: Violation) -> None:
        replacement = self._grounder.replacement(statement, [s.grounded.text for s in self._delivery.taken])
        if replacement is not None and is_suspected(replacement.text):
            replacement = None
        self._gap = True
        replaced_by = replacement.text if replacement else None
        self._removed.append(Removed(statement.text, violation.reason, violation.check, replaced_by))
        if replacement is not None:
            self._delivery.take(Sentence(replacement, own=False))

    def _hear_waiting(self) -> None:
        """Ask for all verdicts that a rate limit has delayed, in one request."""
        waiting, self._waiting = self._waiting, []
        asked = [item for item in waiting if item.verdict is not None]
        if not asked:
            return
        befores = [self._delivery.last, *(item.statement.text for item in asked)]
        questions = [
            self._question(item.statement.text, item.cites, before)
            for item, before in zip(asked, befores, strict=False)
        ]
        verdicts: list[bool | None] = [None] * len(asked)
        try:
            verdicts = [*self._hearing.ask_together(questions)]
        except (ModelError, StoreError) as error:
            self._no_verdict(error)
        for item in waiting:
            if len(self._delivery.taken) >= _SENTENCES:
                break
            self._decide(item, verdicts.pop(0) if item.verdict is not None else None, again=False)

    def _enough(self, sentences: Sequence[Sentence]) -> bool:
        """Whether the answer may begin: a statement of the model's stands, and the newest document has spoken."""
        newest = self._newest()
        return any(s.own for s in sentences) and (
            newest is None or any(self._is_of(s, newest.candidate.hit) for s in sentences)
        )

    def _newest(self) -> Said | None:
        """Return the newest statement on the point, where documents differ on it."""
        order = self._task.order
        return order[0] if any(said.earlier for said in order) else None

    def _document(self, sentence: Sentence) -> Document:
        return self._prompt.hits[sentence.grounded.cites[0]].document

    def _is_of(self, sentence: Sentence, hit: Hit) -> bool:
        return any(self._prompt.hits[n].document.id == hit.document.id for n in sentence.grounded.cites)

    def _open_with_newest(self) -> None:
        newest = self._newest()
        if self._delivery.begun or newest is None or not any(s.own for s in self._delivery.taken):
            return
        candidate = newest.candidate
        places = [n for n, hit in enumerate(self._prompt.hits) if hit.section.id == candidate.hit.section.id]
        if places:
            grounded = Grounded(candidate.text, (places[0],), ((candidate.start, candidate.end),))
            self._delivery.open_with(
                Sentence(grounded, own=False, preface=newest.preface),
                [replace(s, preface=earlier(self._document(s))) for s in self._delivery.taken],
            )

    def _draft(self, failure: ModelError | None) -> Draft:
        delivery = self._delivery
        removed = self._removed
        if not delivery.begun:
            # What was to replace them was held back for good.
            removed = [replace(one, replaced_by=None) for one in removed]
        return Draft(
            text=delivery.text,
            citations=delivery.citations,
            removed=tuple(removed),
            refused=self._statements.no_answer and not delivery.begun,
            failure=str(failure) if failure else None,
            judged=not self._hard_only if delivery.begun else None,
            unheard=self._unheard,
            check_ms=1000 * self._statements.check_seconds,
        )
