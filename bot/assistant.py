"""The one path from a question to an answer."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from langchain_core.runnables import RunnableConfig, RunnableLambda

from bot.answers import Answer, Basis, Confidence, SentenceCallback, extractive, notices
from bot.answers.candidates import candidates, weigh
from bot.answers.citations import cite
from bot.answers.from_register import register_answer, with_corrections
from bot.answers.joining import joined
from bot.answers.newest import DatedStatement, in_force, newest_first
from bot.answers.overview import overview
from bot.answers.parts import split_question
from bot.answers.retriever import SectionRetriever
from bot.answers.subjects import with_subject
from bot.changes.answers import changes_answer
from bot.changes.comparison import Changes
from bot.changes.questions import change_question
from bot.llm.prompt import Sources, about_time
from bot.llm.question_parser import ParsedQuestion, QuestionParser
from bot.llm.usage import Usage
from bot.llm.writer import Draft, Task, Writer
from bot.question import (
    ContextualQuestion,
    Question,
    Turn,
    asked_for,
    contextualize,
    spoken_words,
    understand,
)
from bot.question.language import foreign_language
from bot.question.lexicon import aliases, relations
from bot.question.small_talk import LEAST, SmallTalk
from bot.register import RegisterEntry
from bot.register.questions.answers import answer_query
from bot.register.questions.period import find_period
from bot.register.questions.query import RegisterQuery, following, read_query, speaks_of_time
from bot.register.questions.search import EntrySearch
from bot.register.questions.shorthand import spelled
from store.records import Document
from store.search import Found, Search
from store.terms import stem

# A term that at most this share of the sections hold makes a topic.
_RARE_SHARE = 0.2


class Assistant:
    """Answers questions from the store. Safe between threads."""

    def __init__(
        self,
        search: Search,
        small_talk: SmallTalk,
        register: Callable[[date], list[RegisterEntry]],
        today: Callable[[], date],
        writer: Writer | None = None,
        changes: Callable[[str | None], Changes] | None = None,
        reader: QuestionParser | None = None,
    ) -> None:
        self._search = search
        self._retriever = SectionRetriever(search=search)
        self._small_talk = small_talk
        self._register = register
        self._today = today
        self._writer = writer
        self._changes = changes
        self._reader = reader

    def reading(
        self,
        search: Search,
        register: Callable[[date], list[RegisterEntry]],
        changes: Callable[[str | None], Changes] | None,
    ) -> Assistant:
        """Return the same assistant on other documents: those that other audiences see."""
        return Assistant(search, self._small_talk, register, self._today, self._writer, changes, self._reader)

    def warm_up(self) -> None:
        """Load the model and open the index."""
        self._small_talk.prepare()
        self._search.warm_up()

    def answer(
        self,
        question: str,
        *,
        history: Sequence[Turn] = (),
        as_of: date | None = None,
        on_sentence: SentenceCallback | None = None,
    ) -> Answer:
        """Return the answer to `question`; `history` is what was said before it, oldest first.

        `on_sentence` is called, in this thread, with each sentence of a model's answer as soon as it is judged: joined
        by spaces they are how the answer's text begins, whatever becomes of the model. It is not called where the
        answer is not the model's, nor where a question has parts. Retrieval, model and
        judge are one langchain run, "question". Raises StoreError where there is nothing to answer from, and what
        `on_sentence` raises.
        """
        clock, usage = _Clock(), Usage()
        day = as_of or self._today()

        def run(question: str, config: RunnableConfig) -> Answer:
            documents = self._search.documents()
            draft = Answer(question, question, "", False, day, basis(documents))
            return self._reply(
                draft, history, documents, _Run(day, clock, on_sentence, config, self._register)
            )

        traced = RunnableLambda(run, name="question")
        reply = traced.invoke(question, {"callbacks": [usage]})
        model = usage.model if usage.model and reply.model != "extractive" else reply.model
        return replace(reply, model=model, tokens=usage.tokens, timings_ms=clock.finished())

    def find(self, question: str) -> Found:
        """Return what the search brings for a stand-alone question."""
        return self._retriever.retrieve(understand(ContextualQuestion(question), aliases()))

    def _reply(
        self, draft: Answer, history: Sequence[Turn], documents: Sequence[Document], run: _Run
    ) -> Answer:
        """Return the answer: of each part of the question by itself, and put together."""
        asked = contextualize(draft.question, history, self._is_rare)
        language = foreign_language(spelled(draft.question))
        draft = replace(draft, standalone_question=asked.text)
        if language is not None:
            return self._in_another_language(draft, asked, language, run)
        parts = split_question(asked, self._is_rare)
        if len(parts) == 1:
            return self._part(draft, asked, history, documents, run)
        replies = []
        for part in parts:
            own = replace(draft, standalone_question=part.text)
            replies.append(
                (part.turn, self._part(own, part, history, documents, replace(run, on_sentence=None)))
            )
            history = (*history, Turn("user", part.turn))
        return joined(draft, replies)

    def _part(
        self,
        draft: Answer,
        asked: ContextualQuestion,
        history: Sequence[Turn],
        documents: Sequence[Document],
        run: _Run,
    ) -> Answer:
        """Return the answer to one question; what is no question to the paragraphs pays for no search."""
        if not asked_for(asked.turn) and (talk := self._small_talk.plain_reply(asked.turn)):
            return _talk(draft, talk)
        query = self._query(asked, run)
        reading = self._read(asked, history, query, run)
        if reading is not None:
            asked = ContextualQuestion(reading.question) if reading.question else asked
            draft = replace(draft, standalone_question=asked.text)
            # What changed in a document may be what it says was moved: the rules know both.
            query = query if reading.about == "changes" else reading.query
            if reading.about == "talk" and (talk := self._small_talk.plain_reply(asked.turn, LEAST)):
                return _talk(draft, talk)
        if self._changes is not None and (change := change_question(asked.text, documents)):
            changes = self._changes(change.name)
            run.clock.lap("compose")
            return changes_answer(draft, changes, dates_only=change.dates_only)
        dated = self._from_register(draft, query, documents, run) if query is not None else None
        if dated is not None and query is not None and not query.stated:
            return dated
        understood = understand(asked, aliases())
        found = self._retriever.retrieve(understood, run.config)
        run.clock.lap("retrieve")
        if reading is None and (talk := self._talk_in(asked, found, run)):
            return _talk(draft, talk)
        reply = self._from_passages(draft, understood, found, run)
        if not reply.answered:
            return dated or reply
        return with_corrections(reply, self._register(run.day))

    def _in_another_language(
        self, draft: Answer, asked: ContextualQuestion, language: str, run: _Run
    ) -> Answer:
        talk = self._small_talk.plain_reply(draft.question)
        if talk is not None and not (asked.context and asked.points_back):
            return _talk(draft, talk)
        return replace(draft, text=notices.language(language), reason="language")

    def _query(self, asked: ContextualQuestion, run: _Run) -> RegisterQuery | None:
        """Return what is asked of the register by rule; what goes on from a question is asked of its topic."""
        entries = run.entries
        query = read_query(asked.turn, run.day, entries, self._stands)
        if not asked.context:
            return query
        before = read_query(asked.context, run.day, entries, self._stands)
        return following(query, asked, before, run.day, entries)

    def _read(
        self, asked: ContextualQuestion, history: Sequence[Turn], query: RegisterQuery | None, run: _Run
    ) -> ParsedQuestion | None:
        """Return what a model reads, of a question that goes on from another or speaks of time; else None."""
        goes_on = bool(asked.context or (history and asked.points_back))
        if self._reader is None or not (goes_on or query or speaks_of_time(asked.turn, run.day)):
            return None
        reading = self._reader.read(asked.turn, history, run.day, run.config)
        run.clock.lap("read")
        return reading

    def _from_register(
        self, draft: Answer, query: RegisterQuery, documents: Sequence[Document], run: _Run
    ) -> Answer | None:
        told = answer_query(query, run.entries, run.day, draft.basis.newest_date)
        run.clock.lap("compose")
        return register_answer(draft, told, documents) if told else None

    def _stands(self, word: str) -> bool:
        return self._search.frequency(stem(word))[0] > 0

    def _from_passages(self, draft: Answer, question: Question, found: Found, run: _Run) -> Answer:
        """Return the model's answer where one stands, else the documents' own sentences."""
        weights = weigh(question, found)
        possible = candidates(question, found, weights)
        chosen = extractive.choose(question, possible)
        ranked = extractive.rank(possible)
        order = newest_first(chosen, ranked, draft.as_of)
        if self._writer is not None and found.hits:
            entries = self._register(draft.as_of) if about_time(question) else ()
            sources = Sources(question, found.hits, weights, draft.as_of, entries)
            written = self._writer.write(Task(sources, order), run.on_sentence, run.config)
            run.clock.lap("compose")
            run.clock.move("compose", "verify", written.check_ms)
            draft = replace(draft, removed=written.removed)
            if written.refused:
                return replace(refusal(draft, question, ranked), model=self._writer.name)
            if written.text:
                return _by_model(draft, written, self._writer.name)
            draft = replace(draft, note=notices.without_model(written.failure))
        supporting = [scored.candidate for scored in chosen]
        features = answerability.features(question, found, weights, supporting) if chosen else None
        sure = answerability.probability(features) if features else 0.0
        if sure < answerability.REFUSE_BELOW:
            reply = refusal(draft, question, ranked)
        else:
            topic = overview(question, weights, in_force(ranked))
            if topic:
                order = [
                    *(DatedStatement.of(s.candidate, draft.as_of) for s in topic),
                    *(s for s in order if s.earlier),
                ]
            reply = _quoted(draft, order, sure)
        run.clock.lap("compose")
        return reply

    def _talk_in(self, asked: ContextualQuestion, found: Found, run: _Run) -> str | None:
        if asked.context:
            # What goes on from a question is like no sentence of the documents anyway.
            return None if asked.points_back else self._small_talk.plain_reply(asked.turn)
        if asked_for(asked.turn) and find_period(spelled(asked.turn), run.day)[0] is not None:
            # Nobody who asks what is on says goodbye.
            return self._small_talk.plain_reply(asked.turn)
        return self._small_talk.reply(
            found.question_vector, max((s.cosine for s in found.sentences), default=0.0)
        )

    def _is_rare(self, term: str) -> bool:
        frequency, sections = self._search.frequency(term)
        if frequency == 0:
            # What the documents do not know is a topic too, another one; words that ask and relate are none.
            return term not in relations()
        return frequency <= max(1, _RARE_SHARE * sections)


def _by_model(draft: Answer, written: Draft, name: str) -> Answer:
    """Return the answer that a model wrote."""
    doubtful = written.unheard or any(removed.replaced_by for removed in written.removed)
    return replace(
        draft,
        text=written.text,
        answered=True,
        confidence="low" if doubtful else "high",
        citations=written.citations,
        judged=written.judged,
        note=notices.ends_early(written.failure) if written.failure else None,
        model=name,
    )


def _talk(draft: Answer, text: str) -> Answer:
    return replace(draft, standalone_question=draft.question, text=text, reason="small talk")


def _quoted(draft: Answer, order: Sequence[DatedStatement], sure: float) -> Answer:
    """Return the answer in the documents' own sentences; `sure` is the probability that they answer."""
    text, citations = cite(
        [
            (s.preface + with_subject(s.candidate, first=n == 0 or s.earlier), s.candidate)
            for n, s in enumerate(order)
        ]
    )
    confidence: Confidence = "high" if sure >= answerability.LOW_BELOW else "low"
    return replace(draft, text=text, answered=True, confidence=confidence, citations=citations)


def basis(documents: Sequence[Document]) -> Basis:
    """Return what an answer from these documents stands on."""
    dated = [d for d in documents if d.date is not None]
    newest = max(dated, key=lambda d: str(d.date), default=None)
    return Basis(len(documents), newest.title if newest else None, newest.date if newest else None)


def refusal(draft: Answer, question: Question, ranked: Sequence[extractive.Scored]) -> Answer:
    """Return the notice that the documents do not say it, with the best sentences of the nearest sections."""
    return replace(
        draft,
        text=notices.not_said(spoken_words(question.subject), draft.basis),
        reason="no evidence",
        nearest=extractive.nearest(ranked),
    )


class _Clock:
    """Milliseconds by stage."""

    def __init__(self) -> None:
        self._began = self._lap = time.perf_counter()
        self._stages = {"retrieve": 0.0, "compose": 0.0, "verify": 0.0}

    def lap(self, stage: str) -> None:
        now = time.perf_counter()
        self._stages[stage] = self._stages.get(stage, 0.0) + 1000 * (now - self._lap)
        self._lap = now

    def move(self, stage: str, part: str, spent: float) -> None:
        """Count `spent` milliseconds of a stage to another one."""
        self._stages[stage] -= spent
        self._stages[part] += spent

    def finished(self) -> dict[str, float]:
        total = 1000 * (time.perf_counter() - self._began)
        return {name: round(value, 1) for name, value in {**self._stages, "total": total}.items()}


@dataclass(frozen=True)
class _Run:
    """What belongs to one question: its day, its clock, who hears the sentences, the traced run and the register."""

    day: date
    clock: _Clock
    on_sentence: SentenceCallback | None
    config: RunnableConfig
    register: Callable[[date], list[RegisterEntry]]

    @cached_property
    def entries(self) -> EntrySearch:
        """The register as of the day, to be searched; a greeting does not wait for it."""
        return EntrySearch(self.register(self.day))
