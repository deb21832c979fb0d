"""The one path from a question to an answer."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from langchain_core.runnables import RunnableConfig, RunnableLambda

from bot import evidence, extractive, notices
from bot.answer import Answer, Basis, Confidence, SentenceCallback
from bot.candidates import candidates, weigh
from bot.change_answers import changes_answer
from bot.change_questions import change_question
from bot.changes import Changes
from bot.citing import cite
from bot.conversation import Turn
from bot.editions import Said, in_force, newest_first
from bot.joining import Joining
from bot.language import foreign_language
from bot.lexicon import aliases, relations
from bot.llm.follow_ups import Rewriter
from bot.llm.prompt import Sources, about_time
from bot.llm.usage import Usage
from bot.llm.writer import Draft, Task, Writer
from bot.overview import overview
from bot.parts import bare, taken_apart
from bot.question import Question, asked_for, spoken_words, understand
from bot.register import RegisterEntry
from bot.register.answers import answer_query
from bot.register.query import RegisterQuery, following, read_query
from bot.register.search import EntrySearch
from bot.register.shorthand import spelled
from bot.register_answers import register_answer, with_corrections
from bot.retriever import SectionRetriever
from bot.small_talk import SmallTalk
from bot.standalone import StandAlone, stand_alone
from bot.subjects import with_subject
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
        rewriter: Rewriter | None = None,
    ) -> None:
        self._search = search
        self._retriever = SectionRetriever(search=search)
        self._small_talk = small_talk
        self._register = register
        self._today = today
        self._writer = writer
        self._changes = changes
        self._rewriter = rewriter

    def warm_up(self) -> None:
        """Load the model and open the index: what the first question would wait for."""
        self._small_talk.prepare()
        self._search.warm_up()

    def answer(
        self,
        question: str,
        *,
        history: Sequence[Turn] = (),
        as_of: date | None = None,
        said: SentenceCallback | None = None,
    ) -> Answer:
        """Return the answer to `question`; `history` is what was said before it, oldest first.

        `said` is called, in this thread, with each sentence of a model's answer as soon as it is judged: joined
        by spaces they are how the answer's text begins, whatever becomes of the model. It is not called where the
        answer is not the model's; where a question has parts, also with those that are not. Retrieval, model and
        judge are one langchain run, "question". Raises StoreError where there is nothing to answer from, and what
        `said` raises.
        """
        clock, usage = _Clock(), Usage()
        day = as_of or self._today()

        def run(question: str, config: RunnableConfig) -> Answer:
            under = _Run(day, clock, said, config)
            asked = self._standing_alone(question, history, under)
            return self._in_parts(question, asked, under) or self._reply(question, asked, under)

        traced = RunnableLambda(run, name="question")
        reply = traced.invoke(question, {"callbacks": [usage]})
        model = usage.model if usage.model and reply.model != "extractive" else reply.model
        return replace(reply, model=model, tokens=usage.tokens, timings_ms=clock.finished())

    def find(self, question: str) -> Found:
        """Return what the search brings for a stand-alone question."""
        return self._retriever.retrieve(understand(StandAlone(question), aliases()))

    def _standing_alone(self, question: str, history: Sequence[Turn], run: _Run) -> StandAlone:
        """Return the question as it stands alone, by rule or by the model."""
        if not history:
            return StandAlone(question)
        asked = stand_alone(question, history, self._is_rare)
        alone = not (asked.context or asked.points_back)
        if self._rewriter is None or alone or self._query(asked, run) or foreign_language(question):
            return asked
        if self._small_talk.plain_reply(question):
            return asked
        text = self._rewriter.rewrite(question, history, run.config)
        run.clock.lap("rewrite")
        return StandAlone(text) if text else asked

    def _in_parts(self, question: str, asked: StandAlone, run: _Run) -> Answer | None:
        """Return the answers to the parts of a question in one; None where it has none, or is better left whole."""
        parts = taken_apart(asked, self._is_rare)
        if not parts or foreign_language(question) is not None:
            return None
        if self._query(asked, run) and any(part.context and not self._query(part, run) for part in parts[1:]):
            # "What is due this month, and what comes after?" is the register's.
            return None
        joining = Joining(run.said if self._writer else None)
        for part in parts:
            reply = self._reply(question, part, replace(run, said=joining.hear))
            joining.add(bare(part.turn), reply)
        return joining.whole(Answer(question, asked.text, "", False, run.day, reply.basis))

    def _reply(self, question: str, asked: StandAlone, run: _Run) -> Answer:
        """Return the answer to one question; what is no question to the paragraphs pays for no search."""
        documents = self._search.documents()
        draft = Answer(question, asked.text, "", False, run.day, basis(documents))
        language = foreign_language(spelled(question))
        if not asked_for(asked.turn):
            talk = self._small_talk.plain_reply(asked.turn)
            if talk is not None:
                return replace(draft, standalone_question=question, text=talk, reason="small talk")
        if self._changes is not None:
            change = change_question(asked.text, documents)
            if change is not None:
                reply = changes_answer(draft, self._changes(change.name), dates_only=change.dates_only)
                run.clock.lap("compose")
                return reply
        query = self._query(asked, run) if language is None else None
        dated: Answer | None = None
        if query is not None:
            told = answer_query(query, self._entries(run.day), run.day, draft.basis.newest_date)
            dated = register_answer(draft, told, documents) if told else None
            run.clock.lap("compose")
            if dated is not None and not query.stated:
                return dated
        understood = understand(asked, aliases())
        found = self._retriever.retrieve(understood, run.config)
        run.clock.lap("retrieve")
        talk = self._talk(asked, language, found)
        if talk is not None:
            return replace(draft, standalone_question=question, text=talk, reason="small talk")
        if language is not None:
            return replace(draft, text=notices.language(language), reason="language")
        reply = self._from_passages(draft, understood, found, run)
        if dated is not None and not reply.answered:
            return dated
        return with_corrections(reply, self._register(run.day)) if reply.answered else reply

    def _entries(self, day: date) -> EntrySearch:
        return EntrySearch(self._register(day))

    def _query(self, asked: StandAlone, run: _Run) -> RegisterQuery | None:
        """Return what is asked of the register by rule; what goes on from a question is asked of its topic."""
        entries = self._entries(run.day)
        query = read_query(asked.turn, run.day, entries, self._stands)
        if not asked.context:
            return query
        return following(
            query, asked, read_query(asked.context, run.day, entries, self._stands), run.day, entries
        )

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
            written = self._writer.write(Task(sources, order), run.said, run.config)
            run.clock.lap("compose")
            run.clock.move("compose", "verify", written.check_ms)
            draft = replace(draft, removed=written.removed)
            if written.refused:
                return replace(refusal(draft, question, ranked), model=self._writer.name)
            if written.text:
                return _by_model(draft, written, self._writer.name)
            draft = replace(draft, note=notices.without_model(written.failure))
        supporting = [scored.candidate for scored in chosen]
        features = evidence.features(question, found, weights, supporting) if chosen else None
        sure = evidence.probability(features) if features else 0.0
        if sure < evidence.REFUSE_BELOW:
            reply = refusal(draft, question, ranked)
        else:
            topic = overview(question, weights, in_force(ranked))
            if topic:
                order = [
                    *(Said.of(s.candidate, draft.as_of) for s in topic),
                    *(s for s in order if s.earlier),
                ]
            reply = _quoted(draft, order, sure)
        run.clock.lap("compose")
        return reply

    def _talk(self, asked: StandAlone, language: str | None, found: Found) -> str | None:
        if asked.context and asked.points_back:
            return None
        if asked.context or language is not None:
            # What goes on from a question, or is in another language, is like no sentence of the documents anyway.
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


def _quoted(draft: Answer, order: Sequence[Said], sure: float) -> Answer:
    """Return the answer in the documents' own sentences; `sure` is the probability that they answer."""
    text, citations = cite(
        [
            (s.preface + with_subject(s.candidate, first=n == 0 or s.earlier), s.candidate)
            for n, s in enumerate(order)
        ]
    )
    confidence: Confidence = "high" if sure >= evidence.LOW_BELOW else "low"
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


@dataclass(frozen=True, slots=True)
class _Run:
    """What belongs to one question: its day, its clock, who hears the sentences, and the traced run."""

    day: date
    clock: _Clock
    said: SentenceCallback | None
    config: RunnableConfig
