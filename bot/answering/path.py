"""The path from a turn to its answer: look up, let the answerer answer, and say what the answer is based on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from bot import locales
from bot.answering import remarks
from bot.answering.answer import Answer, Basis, ProgressCallback, Reply, SentenceCallback
from bot.answering.notes import notes_on
from bot.answering.question import Turn
from bot.answering.reply import Answerer, Request
from bot.answering.tools import Tools
from bot.languages import language_of, question_language
from bot.locales import closest, in_language, joined
from bot.register import RegisterEntry
from bot.telemetry.questions import StageTimer
from store.catalog import Snapshot
from store.records import Hit
from store.search import Search, SearchResult, SearchView

if TYPE_CHECKING:
    from bot.answering.plain import PlainAnswerer
    from bot.changes import Changes

# Least cosine of a paragraph that is about a text. Of 23 topics of channels in six languages that the bundled report is
# about, 19 have one, and none of 21 others, whose best is .37.
_LEAST_ABOUT = 0.4

RegisterOf = Callable[[date, Snapshot], Sequence[RegisterEntry]]


class Assistant:
    """Answers turns from the store, for one audience. Safe between threads."""

    def __init__(
        self,
        search: Search,
        answerer: Answerer,
        plain: PlainAnswerer,
        register: RegisterOf,
        changes: Callable[[str | None], Changes],
        today: Callable[[], date],
    ) -> None:
        """`plain` answers where `answerer` fails; without a language model they are the same."""
        self._search = search
        self._answerer = answerer
        self._plain = plain
        self._register = register
        self._changes = changes
        self._today = today

    def warm_up(self) -> None:
        """Load the embedding model and open the index."""
        self._plain.warm_up()
        self._answerer.warm_up()
        self._search.warm_up()

    def tools(self, view: SearchView, as_of: date | None = None) -> Tools:
        """Return the look-ups over a view as of a day, by default today."""
        day = as_of or self._today()
        return Tools(view, lambda seen: self._register(day, seen.snapshot), self._changes, day)

    def view(self) -> SearchView:
        """Return a view of the store: `with assistant.view() as view`."""
        return self._search.view()

    def find(self, text: str) -> SearchResult:
        """Return what a search finds for a text, with its scores. Raises StoreError."""
        with self._search.view() as view:
            return view.search(text, language=question_language(text))

    def about(self, text: str) -> list[Hit]:
        """Return the paragraphs that are about a text, such as the topic of a channel, best first; [] if none is."""
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

        `on_sentence` is called, in this thread, with each sentence of a model's answer as soon as it is checked: one
        after the other, these are the beginning of the answer's text, even if the model fails later. It is not called
        without a model. `on_progress` is called likewise, once the documents are searched, for each look-up, and for
        each sentence that is decided on. Raises StoreError if there is nothing to answer from, and what the callbacks
        raise.
        """
        timer = StageTimer()
        day = as_of or self._today()
        spoken = question_language(question)
        wanted = language or language_of(question, locales.language(), spoken)

        with in_language(wanted), self._search.view() as view:
            tools = self.tools(view, day)
            request = Request(
                question,
                as_of=day,
                language=wanted,
                spoken=spoken,
                history=history,
                on_sentence=on_sentence,
                on_progress=on_progress,
                documents=len(view.documents),
                lap=timer.lap,
            )
            basis = Basis.of(view.documents)
            reply = self._answerer.answer(request, tools)
            if not reply.answered and reply.reason is None and self._answerer is not self._plain:
                # Nothing that a model wrote stands.
                first = reply
                reply = self._plain.answer(request, tools)
                note = joined(first.note or "", reply.note or "")
                reply = replace(reply, note=note, removed=first.removed, tokens=first.tokens)
            answer = _answer(request, reply, basis)
            if answer.citations:
                answer = answer.noted(*notes_on(answer.citations, tools))
        return replace(answer, timings_ms=timer.milliseconds())


def _answer(request: Request, reply: Reply, basis: Basis) -> Answer:
    """Return the answer with a reply; a refusal names how many documents were searched."""
    basis = replace(basis, full_text_only=reply.full_text_only)
    text = reply.text
    if not reply.answered and reply.reason == "no evidence":
        text = joined(remarks.no_answer(basis), text)
    found: dict[str, Any] = {each.name: getattr(reply, each.name) for each in fields(reply)}
    found["standalone_question"] = reply.standalone_question or request.turn
    return Answer(
        **found | {"text": text, "note": reply.note or None},
        question=request.turn,
        as_of=request.as_of,
        basis=basis,
        language=closest(request.language),
    )
