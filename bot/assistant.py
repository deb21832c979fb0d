"""The path from a question to an answer: understand, route, retrieve, write, ground, answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, partial

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document as LangchainDocument
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import RunnableConfig, RunnableLambda
from pydantic import ConfigDict

from bot import locales
from bot.answers import Answer, Basis, Progress, ProgressCallback, SentenceCallback, remarks
from bot.answers.composing import (
    RegisterReply,
    complete,
    join_answers,
    register_answer,
    split_question,
    with_corrections,
    with_corrigenda,
    with_differences,
)
from bot.answers.extractive import extractive_answer, nearest_passages, refusal, select
from bot.answers.outline import (
    compared,
    document_outline,
    document_question,
    lone_topic,
    side_by_side,
    topic_outline,
)
from bot.changes import Changes, change_question
from bot.changes.wording import changes_answer
from bot.llm import PromptMaterial, QuestionParser, Writer
from bot.llm.prompt import about_time
from bot.llm.reading import ParsedQuestion
from bot.llm.usage import Usage
from bot.locales import closest, in_language
from bot.question import (
    Question,
    Turn,
    contextualize,
    expand_shorthand,
    understand,
    understand_other,
    understand_wholly,
)
from bot.question.lexicon import other_languages, relations
from bot.question.small_talk import BEYOND_DOUBT, LEAST_COSINE, SmallTalk
from bot.question.typed_text import corrected, language_of, misspellings, question_language
from bot.register import RegisterEntry
from bot.register.questions import (
    EntrySearch,
    RegisterQuery,
    answer_query,
    asks_about_time,
    find_period,
    read_query,
)
from bot.telemetry.questions import StageTimer
from bot.telemetry.spans import span
from store.catalog import Snapshot
from store.records import Document, Hit
from store.search import Search, SearchResult, SearchView
from store.terms import stem

# A term is rare, and so part of a topic, if at most this share of the sections have it.
_RARE_SHARE = 0.2
# Least cosine of a section that is about a text. Of 23 topics of channels in six languages that the bundled report is
# about, 19 have one, and none of 21 others, whose best is .37.
_LEAST_ABOUT = 0.4


# A question with more terms has several subjects, which only a model can tell apart.
_LONG = 25


class Assistant:
    """Answers questions from the store. Safe between threads."""

    def __init__(
        self,
        search: Search,
        small_talk: SmallTalk,
        register: Callable[[date, Snapshot], Sequence[RegisterEntry]],
        today: Callable[[], date],
        writer: Writer | None = None,
        changes: Callable[[str | None], Changes] | None = None,
        parser: QuestionParser | None = None,
    ) -> None:
        self._search = search
        self._small_talk = small_talk
        self._register = register
        self._today = today
        self._writer = writer
        self._changes = changes
        self._parser = parser
        self._entry_search = EntrySearch(())

    def warm_up(self) -> None:
        """Load the embedding model and open the index."""
        self._small_talk.prepare()
        self._search.warm_up()

    def find(self, question: str, english: str = "") -> SearchResult:
        """Return the sections and sentences that the search finds for a question without context.

        `english` is the translation of one in another language, if there is one.
        """
        language = question_language(expand_shorthand(question))
        is_other = language in other_languages()
        with self._search.view() as view:
            understood = understand_other(question, language, english) if is_other else understand(question)
            return SectionRetriever(view=view).retrieve(understood)

    def about(self, text: str) -> list[Hit]:
        """Return the sections that are about a text, such as the topic of a channel, best first; [] if none is."""
        return [hit for hit in self.find(text).hits if hit.cosine >= _LEAST_ABOUT]

    def answer(
        self,
        question: str,
        *,
        history: Sequence[Turn] = (),
        as_of: date | None = None,
        on_sentence: SentenceCallback | None = None,
        on_progress: ProgressCallback | None = None,
        language: str | None = None,
    ) -> Answer:
        """Return the answer to `question`; `history` are the earlier turns of the conversation, oldest first.

        It is in `language`, by default in that of the question, or where this is unsure in the one in use.

        `on_sentence` is called, in this thread, with each sentence of a model's answer as soon as it is judged: joined
        by spaces, these sentences are the beginning of the answer's text, even if the model fails later. It is not
        called for answers without a model, nor for questions of several parts. `on_progress` is called likewise, once
        the documents are searched and then for each sentence that is decided on. Retrieval, model and judge are one
        langchain run, "question". Raises StoreError if there is nothing to answer from, and what the callbacks raise.
        """
        timer, usage = StageTimer(), Usage()
        day = as_of or self._today()
        spoken = closest(language or language_of(question, otherwise=locales.language()))

        def run(question: str, config: RunnableConfig) -> Answer:
            with in_language(spoken), self._search.view() as view:
                basis = Basis.of(view.documents)
                draft = Answer(
                    question, question, text="", answered=False, as_of=day, basis=basis, language=spoken
                )
                request = _Request(
                    as_of=day,
                    history=history,
                    view=view,
                    on_sentence=on_sentence,
                    on_progress=on_progress,
                    config=config,
                    timer=timer,
                    search_of=self._entries,
                )
                reply = self._answer_all(draft, request)
                if view.has_versions(reply.citations):
                    entries = request.entries.entries
                    reply = with_differences(reply, entries, request.documents)
                if reply.citations:
                    reply = with_corrigenda(reply, request.documents, request.texts_of)
                return reply

        reply = RunnableLambda(run, name="question").invoke(question, {"callbacks": [usage]})
        model = usage.model if usage.model and reply.model != "extractive" else reply.model
        return replace(reply, model=model, tokens=usage.tokens, timings_ms=timer.milliseconds())

    def _answer_all(self, draft: Answer, request: _Request) -> Answer:
        """Correct the question's spelling, put it into its context, answer each of its parts, and join the answers."""
        language = question_language(expand_shorthand(draft.question))
        if language == "en" and draft.language != "en" and understand_wholly(draft.question, draft.language):
            # One word, such as "santé", is in the language in use.
            language = draft.language
        if language != "en":
            return self._answer_other(draft, language, request)
        misspelled: dict[str, str] = {}
        if self._writer is None:  # A model reads what is typed.
            misspelled = request.misspellings(draft.question)
            request = replace(request, history=[request.corrected(turn) for turn in request.history])
        question = contextualize(corrected(draft.question, misspelled), request.history, request.is_rare)
        draft = replace(draft, standalone_question=question.text)
        if self._writer is None and len(question.terms) > _LONG:
            selection = select(question, request.search(question))
            return nearest_passages(draft, selection).noted(remarks.too_long())
        parts = split_question(question, request.is_rare)
        if len(parts) > 1 and self._writer is None and document_question(question, request.documents):
            parts = [question]
        if len(parts) == 1:
            answer = self._answer_part(draft, question, request)
        else:
            replies = []
            request = replace(request, on_sentence=None, on_progress=None)
            for part in parts:
                part_draft = replace(draft, standalone_question=part.text)
                replies.append((part.turn, self._answer_part(part_draft, part, request)))
                request = replace(request, history=(*request.history, Turn("user", part.turn)))
            answer = join_answers(draft, replies)
        return answer.noted(remarks.spelling(misspelled)) if misspelled and answer.searched else answer

    def _answer_part(self, draft: Answer, question: Question, request: _Request) -> Answer:
        """Answer one question in English."""
        plain_talk = not question.turn_asks
        if plain_talk and (talk := self._small_talk.reply(request.view.encode(question.turn))):
            return _small_talk(draft, talk)
        return self._answer_read(draft, self._read(question, request), request)

    def _answer_read(self, draft: Answer, reading: _Reading, request: _Request) -> Answer:
        """Answer a question: as small talk, from the changes, from the register, or else from the passages."""
        question, query = reading.question, reading.query
        if reading.by_model:
            # While the model read the question, the documents may have changed: a copy reads them again.
            request = replace(request)
            draft = replace(draft, standalone_question=question.standalone, basis=Basis.of(request.documents))
        if reading.about == "talk":
            vector = request.view.encode(question.turn, question.language)
            if talk := self._small_talk.reply(vector, LEAST_COSINE, question.language):
                return _small_talk(draft, talk)
        if self._changes is not None and (change := change_question(question.standalone, request.documents)):
            changes = self._changes(change.name)
            request.timer.lap("compose")
            return changes_answer(draft, changes, dates_only=change.dates_only)
        if outline := request.outline_of_documents(draft, question):
            return outline
        by_date = query is not None and len(query.topics) > 1
        if self._writer is None and not by_date and (sides := compared(question, request.is_rare)):
            selections = [(side, select(named := understand(side), request.search(named))) for side in sides]
            return side_by_side(draft, selections, partial(refusal, draft))
        from_register = None
        if query is not None:
            lines = answer_query(query, request.entries, request.as_of, draft.basis.newest_date)
            request.timer.lap("compose")
            if lines:
                from_register = RegisterReply(query, lines, register_answer(draft, lines, request.documents))
                # Its lines are not joined to sentences in another language.
                is_whole = question.language != "en" or from_register.answers(question)
                if not query.documents_first and is_whole:
                    return from_register.answer
        return self._from_search(draft, reading, from_register, request)

    def _from_search(
        self,
        draft: Answer,
        reading: _Reading,
        from_register: RegisterReply | None,
        request: _Request,
    ) -> Answer:
        """Answer from the passages that the search finds, and from the register what they lack.

        If the documents could answer too, the register's answer is used only when they do not.
        """
        question = reading.question
        found = request.search(question)
        draft = replace(draft, basis=replace(draft.basis, full_text_only=found.full_text_only))
        # Taken before the model writes: afterwards the view shows a newer state.
        corrected = from_register is not None or request.view.has_corrections(found.events)
        entries = request.entries.entries if corrected else ()
        reply = None
        if from_register is None or from_register.query.documents_first:
            if self._writer is None and question.language == "en":
                reply = request.outline(draft, question, found)
            if reply is None:
                if not reading.by_model and (talk := self._talk_after_search(question, found, request)):
                    return _small_talk(draft, talk)
                reply = self._from_passages(draft, question, found, request)
        if reply is None or question.language == "en":
            by_model = reply is not None and reply.model != draft.model
            reply = complete(draft, question, reply, from_register, None if by_model else found)
        # Lines of the register state their corrections themselves.
        quotes = reply.answered and not reply.computed
        return with_corrections(reply, entries) if quotes else reply

    def _read(self, question: Question, request: _Request) -> _Reading:
        """Read a question by rules; the model, if there is one, reads those that are follow-ups or about time."""
        turn = question.turn
        query = read_query(question, request.as_of, lambda: request.entries, request.is_known)
        is_follow_up = bool(question.context or (request.history and question.points_back))
        if self._parser is None or not (is_follow_up or query or asks_about_time(turn, request.as_of)):
            return _Reading(question, query)
        parsed = request.parse(self._parser, turn)
        if parsed is None:
            return _Reading(question, query)
        standalone = understand(parsed.question) if parsed.question else question
        if parsed.query and query:
            parsed = replace(parsed, query=replace(parsed.query, asks_if_on=query.asks_if_on))
        # A question about changes may also be about postponed dates, so the query read by the rules is kept.
        return _Reading(standalone, query if parsed.about == "changes" else parsed.query, parsed.about)

    def _from_passages(
        self, draft: Answer, question: Question, found: SearchResult, request: _Request
    ) -> Answer:
        """Return the model's grounded answer if there is one, else the documents' own sentences."""
        selection = select(question, found)
        if self._writer is not None and found.hits:
            entries = request.entries.entries if about_time(question) else ()
            material = PromptMaterial(
                question,
                found.hits,
                selection.weights,
                as_of=draft.as_of,
                language=draft.language,
                entries=entries,
                sentences=selection.sentences,
            )
            titles = dict.fromkeys(hit.document.title or hit.document.source for hit in found.hits)
            report = partial(request.report, tuple(titles))
            report()
            request.view.release()
            written = self._writer.write(material, request.on_sentence, request.config, report)
            request.timer.lap("compose")
            request.timer.move("compose", "verify", written.check_ms)
            draft = replace(draft, removed=written.removed)
            if written.refused:
                return replace(refusal(draft, selection), model=self._writer.name)
            if written.text:
                return written.as_answer(draft, self._writer.name)
            draft = replace(draft, note=remarks.without_model(written.failure))
        sentences = extractive_answer if question.language == "en" else nearest_passages
        reply = sentences(draft, selection)
        request.timer.lap("compose")
        return reply

    def _answer_other(self, draft: Answer, language: str, request: _Request) -> Answer:
        """Answer a question in another language; a model, if there is one, reads it."""
        vector = request.view.encode(draft.question, language)
        if language not in other_languages():
            # "Danke!" is small talk.
            if talk := self._small_talk.reply(vector, language=language):
                return _small_talk(draft, talk)
            parsed = request.parse(self._parser, draft.question, language) if self._parser else None
            if parsed is None:
                return replace(draft, text=remarks.language(language), reason="language")
            # Not in its own: what a model writes in a language without a pack cannot be checked.
            reading = _Reading(understand(parsed.question), parsed.query, parsed.about)
            answer = self._answer_read(draft, reading, request)
            return answer.noted(remarks.not_in_its_language()) if answer.searched else answer
        query = None
        if self._parser is None:
            if asked := understand_wholly(draft.question, language):
                outline = request.outline_of_documents(draft, asked)
                if outline := outline or request.outline(draft, asked, request.search(asked)):
                    return outline
            entries, is_known = lambda: request.entries, request.is_known
            query = list_query(draft.question, language, request.as_of, entries, is_known)
        reading = _Reading(understand_other(draft.question, language), query)
        if self._parser is not None and not self._small_talk.reply(vector, language=language):
            parsed = request.parse(self._parser, draft.question, language)
            if parsed is not None:
                translated = understand_other(draft.question, language, parsed.question)
                # Of one event the model that writes is told the dates, and writes in the language of the question.
                is_list = parsed.query is not None and parsed.query.relation != "one"
                reading = _Reading(translated, parsed.query if is_list else None, parsed.about)
        return self._answer_read(draft, reading, request)

    def _talk_after_search(self, question: Question, found: SearchResult, request: _Request) -> str | None:
        """Return the small-talk reply if the question resembles a small-talk example more than any sentence found."""
        if question.context and question.points_back:
            return None
        best = max((sentence.cosine for sentence in found.sentences), default=0.0)
        if question.language != "en":
            return self._small_talk.reply(found.question_vector, max(BEYOND_DOUBT, best), question.language)
        turn = request.view.encode(question.turn)
        if question.context:
            # No sentence of the documents resembles a follow-up question, so the comparison would mean nothing.
            return self._small_talk.reply(turn)
        plain = self._small_talk.reply(turn)
        talk = self._small_talk.reply(found.question_vector, max(LEAST_COSINE, best))
        if plain != talk and question.turn_asks:
            # One that names a period, or what the documents have a short name for, needs a plain match.
            period, _ = find_period(expand_shorthand(question.turn), request.as_of)
            return talk if period is None and not found.names else plain
        return talk

    def _entries(self, as_of: date, snapshot: Snapshot) -> EntrySearch:
        """Return the register as of a day; it is indexed once, which takes a second for 10,000 entries."""
        search, entries = self._entry_search, self._register(as_of, snapshot)
        if search.entries is not entries:
            search = self._entry_search = EntrySearch(entries)
        return search


def list_query(
    text: str,
    language: str,
    as_of: date,
    entries: Callable[[], EntrySearch],
    in_documents: Callable[[str], bool],
) -> RegisterQuery | None:
    """Return the query of a question in another language that asks for a list, and has no word but of that.

    `entries` and `in_documents` are those of `read_query`.
    """
    asked = understand_wholly(text, language)
    query = read_query(asked, as_of, entries, in_documents) if asked else None
    return query if query and not query.topics and query.relation != "one" else None


class SectionRetriever(BaseRetriever):
    """The search as a langchain retriever, so that traces show it.

    Returns the best sections for a question, best first; `metadata` has their place and score.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    view: SearchView

    def retrieve(self, question: Question, config: RunnableConfig | None = None) -> SearchResult:
        """Return the result of the search, in one traced run. Raises StoreError."""
        found: list[SearchResult] = []
        self.invoke(question.text, config, understood=question, receive=found.append)
        return found[0]

    def _get_relevant_documents(
        self,
        query: str,
        *,
        run_manager: CallbackManagerForRetrieverRun,
        understood: Question | None = None,
        receive: Callable[[SearchResult], None] | None = None,
    ) -> list[LangchainDocument]:
        question = understood or understand(query)
        with span("retrieval"):
            found = self.view.search(
                question.turn if question.english else query,
                question.sought,
                language=question.language,
                english=question.english,
            )
        if receive is not None:
            receive(found)
        return [
            LangchainDocument(
                id=hit.section.id,
                page_content=hit.section.text,
                metadata={
                    "source": hit.document.source,
                    "document": hit.document.title,
                    "symbol": hit.document.symbol,
                    "date": hit.document.date.isoformat() if hit.document.date else None,
                    "section": hit.section.number,
                    "heading": hit.section.heading,
                    "page": hit.section.page,
                    "score": hit.score,
                },
            )
            for hit in found.hits
        ]


def _small_talk(draft: Answer, text: str) -> Answer:
    return replace(draft, standalone_question=draft.question, text=text, reason="small talk")


@dataclass(frozen=True, slots=True)
class _Reading:
    """A question as it is answered: with its context, and with its query if the register is asked."""

    question: Question
    query: RegisterQuery | None
    about: str | None = None
    """What the model says that it is about; None if rules read it."""

    @property
    def by_model(self) -> bool:
        """Whether the model read it."""
        return self.about is not None


@dataclass(frozen=True)
class _Request:
    """One question's as-of date, conversation and view of the store, its langchain run and its timer."""

    as_of: date
    history: Sequence[Turn]
    view: SearchView
    on_sentence: SentenceCallback | None
    on_progress: ProgressCallback | None
    config: RunnableConfig
    timer: StageTimer
    search_of: Callable[[date, Snapshot], EntrySearch]

    def report(self, read: tuple[str, ...], checked: int = 0, replaced: int = 0, left_out: int = 0) -> None:
        """Report how far the answer is, to whoever wants to know; `read` are the titles of the passages' documents."""
        if self.on_progress is not None:
            self.on_progress(Progress(len(self.documents), checked, replaced, left_out, read))

    def parse(self, parser: QuestionParser, turn: str, language: str = "en") -> ParsedQuestion | None:
        """Return what a model reads in a turn; meanwhile the view is released, as that takes seconds."""
        self.view.release()
        parsed = parser.parse(turn, self.history, self.as_of, self.config, language)
        self.timer.lap("read")
        return parsed

    @cached_property
    def documents(self) -> Sequence[Document]:
        """The live documents."""
        return self.view.documents

    def search(self, question: Question) -> SearchResult:
        """Return the sections found for a question."""
        found = SectionRetriever(view=self.view).retrieve(question, self.config)
        self.timer.lap("retrieve")
        return found

    def outline(self, draft: Answer, question: Question, found: SearchResult) -> Answer | None:
        """Return what the documents have on a topic, if a question names one alone, or None."""
        topic = lone_topic(question, found)
        return topic_outline(draft, select(topic, found), self.entries, self.documents) if topic else None

    def outline_of_documents(self, draft: Answer, question: Question) -> Answer | None:
        """Return what is known of documents and their headings, if a question asks for that, or None."""
        asked = document_question(question, self.documents)
        return document_outline(draft, asked, self.view.snapshot.sections_of) if asked else None

    def texts_of(self, document_id: str) -> list[str]:
        """Return the texts of a document's paragraphs."""
        return [section.text for section in self.view.snapshot.sections_of(document_id)]

    @cached_property
    def entries(self) -> EntrySearch:
        """The register as of the day, built on first use: small talk does not need it."""
        return self.search_of(self.as_of, self.view.snapshot)

    def is_known(self, word: str) -> bool:
        """Whether a document has a word in any form."""
        return self.view.frequency(stem(word))[0] > 0

    def misspellings(self, text: str) -> dict[str, str]:
        """Return the misspelled words of a text, with what they are read as."""
        self.view.read_frequencies(text)
        return misspellings(text, self.is_known, self.view.frequencies)

    def corrected(self, turn: Turn) -> Turn:
        """Return a turn of the user with its misspelled words corrected; the assistant's are as they are."""
        if turn.speaker != "user":
            return turn
        return replace(turn, text=corrected(turn.text, self.misspellings(turn.text)))

    def is_rare(self, term: str) -> bool:
        """Whether few sections have a term."""
        frequency, sections = self.view.frequency(term)
        if frequency == 0:
            # A word unknown to the documents counts as rare, unless it is a relation word.
            return term not in relations()
        return frequency <= max(1, _RARE_SHARE * sections)
