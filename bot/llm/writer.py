"""An answer written by a model: each statement is checked, judged, and delivered while the model still writes.

A thread reads the reply, checks each statement's facts and asks for the verdict (bot.llm.statements). The caller's
thread takes the statements in order, waits for the verdicts, and delivers what stands. A statement that fails is
replaced by the nearest sentence of its passage, or dropped.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Literal

from bot.answers import Answer, Removed, SentenceCallback, notices
from bot.answers.citations import opens_with_pronoun, with_subject
from bot.answers.newest import DatedStatement, earlier
from bot.errors import ModelBusy, ModelError
from bot.grounding import Grounded, Grounder, Passage, Similarity, Statement, Violation
from bot.llm.chat_model import ChatModel
from bot.llm.delivery import Delivery, Sentence
from bot.llm.injection import is_suspected
from bot.llm.judge import ConcurrentJudge, Judge, JudgeRequest
from bot.llm.prompt import AnswerPrompt, Sources, answer_prompt
from bot.llm.statements import CheckedStatement, CheckedStatements
from bot.llm.usage import answering
from store.records import Citation

if TYPE_CHECKING:
    from langchain_core.runnables import RunnableConfig

_log = logging.getLogger(__name__)

_PROMPT_TOKENS = 3000
# An answer is no longer than this, and of a reply no more than so many statements are read.
_SENTENCES, _STATEMENTS = 6, 24
# Seconds to wait for a verdict; then the hard checks decide alone.
_PATIENCE = 15.0

_JUDGED_NO = Violation("judge", "the judge does not find it in the passage")
_REFERS_TO_REMOVED = Violation("pronoun", "it begins with a pronoun, and the sentence before it was left out")


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be answered, from what; `order` are the sentences that would answer without a model."""

    sources: Sources
    order: Sequence[DatedStatement]


@dataclass(frozen=True, slots=True)
class WrittenAnswer:
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

    def as_answer(self, draft: Answer, model: str) -> Answer:
        """Return the draft with the text of the model of this name."""
        doubtful = self.unheard or any(removed.replaced_by for removed in self.removed)
        return replace(
            draft,
            text=self.text,
            answered=True,
            confidence="low" if doubtful else "high",
            citations=self.citations,
            judged=self.judged,
            note=notices.ends_early(self.failure) if self.failure else None,
            model=model,
        )


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
    ) -> WrittenAnswer:
        """Return what the model wrote and the passages support; `receive` gets its sentences as they are delivered."""
        prompt = answer_prompt(task.sources, self._today(), self._prompt_tokens)
        hearing = ConcurrentJudge(self._judge, config)
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
        hearing: ConcurrentJudge,
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

    def run(self, model: ChatModel, config: RunnableConfig | None) -> WrittenAnswer:
        """Read the model's reply to its end, or as far as it is needed, and return the draft."""
        failure: str | None = None
        reply = model.stream(self._prompt.messages, answering(config))
        try:
            for count, item in enumerate(self._statements.read(reply), start=1):
                self._take(item)
                if len(self._delivery.taken) >= _SENTENCES or count >= _STATEMENTS:
                    break
        except ModelError as error:
            failure = str(error)
        self.stop()
        self._hear_waiting()
        self._open_with_newest()
        return self._draft(failure)

    def stop(self) -> None:
        """Read no more of the reply."""
        self._statements.stop()

    def _ask_judge(self, text: str, cites: Sequence[int], before: str) -> Future[bool] | None:
        return self._hearing.ask(self._question(text, cites, before))

    def _question(self, text: str, cites: Sequence[int], before: str) -> JudgeRequest:
        return JudgeRequest(
            text, tuple(self._prompt.hits[n] for n in cites), before, self._task.sources.as_of
        )

    def _take(self, item: CheckedStatement) -> None:
        if self._waiting:
            # An earlier statement still waits, so this one waits too.
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
        if verdict is not None and self._refers_to_removed(item) and self._delivery.last:
            # It was judged after a sentence that the reader does not have before it.
            verdict = self._ask_judge(item.statement.text, item.cites, self._delivery.last)
        if verdict is None:
            return None
        try:
            return verdict.result(timeout=_PATIENCE)
        except ModelBusy:
            raise
        except Exception as error:
            # A cross-encoder may fail in ways of its own.
            self._no_verdict(error)
            return None

    def _decide(self, item: CheckedStatement, verdict: bool | None, *, again: bool = True) -> None:
        """Deliver a statement, or replace it; `again`: one that refers to a removed statement was judged again."""
        if isinstance(item.result, Violation):
            self._fail(item.statement, item.result)
        elif verdict is False:
            self._fail(item.statement, _JUDGED_NO)
        elif self._refers_to_removed(item) and not (again and verdict and self._delivery.last):
            self._fail(item.statement, _REFERS_TO_REMOVED)
        else:
            self._hard_only = self._hard_only or verdict is None
            self._gap = False
            self._delivery.take(Sentence(item.result, own=True))

    def _refers_to_removed(self, item: CheckedStatement) -> bool:
        """Whether a statement points back to one that was replaced or dropped."""
        return self._gap and opens_with_pronoun(item.statement.text)

    def _no_verdict(self, error: Exception) -> None:
        _log.warning("no verdict of the judge: %s", str(error) or "it took too long")
        self._unheard = True

    def _fail(self, statement: Statement, violation: Violation) -> None:
        replacement = self._grounder.replacement(statement, [s.grounded.text for s in self._delivery.taken])
        if replacement is not None and (
            is_suspected(replacement.text) or opens_with_pronoun(replacement.text)
        ):
            replacement = None
        self._gap = True
        replaced_by = replacement.text if replacement else None
        self._removed.append(Removed(statement.text, violation.reason, violation.check, replaced_by))
        if replacement is not None:
            self._delivery.take(Sentence(replacement, own=False))

    def _hear_waiting(self) -> None:
        """Decide on the statements that a rate limit has delayed; ask for their verdicts in one request."""
        waiting, self._waiting = self._waiting[: _SENTENCES - len(self._delivery.taken)], []
        verdicts = {place: self._verdict_now(item) for place, item in enumerate(waiting)}
        places = [place for place, verdict in verdicts.items() if verdict == "delayed"]
        if places:
            befores = [self._delivery.last, *(item.statement.text for item in waiting)]
            questions = [
                self._question(waiting[place].statement.text, waiting[place].cites, befores[place])
                for place in places
            ]
            try:
                heard: Sequence[bool | None] = self._hearing.ask_together(questions)
            except Exception as error:
                self._no_verdict(error)
                heard = [None] * len(places)
            verdicts |= dict(zip(places, heard, strict=True))
        for place, item in enumerate(waiting):
            verdict = verdicts[place]
            self._decide(item, None if verdict == "delayed" else verdict, again=False)

    def _verdict_now(self, item: CheckedStatement) -> bool | Literal["delayed"] | None:
        try:
            return self._verdict(item)
        except ModelBusy:
            return "delayed"

    def _enough(self, sentences: Sequence[Sentence]) -> bool:
        """Whether the answer may begin: a statement of the model's stands, and one of a document that is new enough."""
        newest = self._newest()
        return any(s.own for s in sentences) and (
            newest is None or any(not self._is_older(s, newest) for s in sentences)
        )

    def _newest(self) -> DatedStatement | None:
        """Return the newest statement on the point, where documents differ on it and the prompt holds it."""
        order = self._task.order
        differs = any(said.earlier for said in order)
        return order[0] if differs and self._place(order[0]) is not None else None

    def _place(self, said: DatedStatement) -> int | None:
        """Return the place of the passage that holds a sentence of the documents."""
        section = said.candidate.hit.section.id
        return next((n for n, hit in enumerate(self._prompt.hits) if hit.section.id == section), None)

    def _is_older(self, sentence: Sentence, newest: DatedStatement) -> bool:
        documents = [self._prompt.hits[n].document for n in sentence.grounded.cites]
        day = newest.candidate.hit.document.date or date.min
        return all((document.date or date.min) < day for document in documents)

    def _open_with_newest(self) -> None:
        newest = self._newest()
        place = self._place(newest) if newest else None
        taken = self._delivery.taken
        if newest is None or place is None or self._delivery.begun or not any(s.own for s in taken):
            return
        candidate = newest.candidate
        text = with_subject(candidate)
        first = Grounded(text, (place,), ((candidate.start, candidate.end),))
        others = [replace(s, preface=earlier(self._prompt.hits[s.grounded.cites[0]].document)) for s in taken]
        self._delivery.open_with(Sentence(first, own=False, preface=newest.preface), others)

    def _draft(self, failure: str | None) -> WrittenAnswer:
        delivery = self._delivery
        removed = self._removed
        if not delivery.begun:
            # What was to replace them was held back for good.
            removed = [replace(one, replaced_by=None) for one in removed]
        return WrittenAnswer(
            text=delivery.text,
            citations=delivery.citations,
            removed=tuple(removed),
            refused=self._statements.no_answer and not delivery.begun,
            failure=failure,
            judged=not self._hard_only if delivery.begun else None,
            unheard=self._unheard,
            check_ms=1000 * self._statements.check_seconds,
        )
