"""What the steps of one answer share: the view of the store, the conversation, and what they read from both."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from langchain_core.runnables import RunnableConfig

from bot.answers import Progress, ProgressCallback, SentenceCallback
from bot.question import Turn
from bot.question.lexicon import relations
from bot.question.spelling import corrected, misspellings
from bot.register.questions import EntrySearch
from bot.telemetry.questions import StageTimer
from store.catalog import Snapshot
from store.records import Document
from store.search import SearchView
from store.terms import stem

# A term is rare, and so part of a topic, if at most this share of the sections have it.
_RARE_SHARE = 0.2


@dataclass(frozen=True)
class Request:
    """One question's as-of date, conversation and view of the store, its langchain run and its timer."""

    as_of: date
    history: Sequence[Turn]
    view: SearchView
    on_sentence: SentenceCallback | None
    on_progress: ProgressCallback | None
    config: RunnableConfig
    timer: StageTimer
    search_of: Callable[[date, Snapshot], EntrySearch]

    def refreshed(self) -> Request:
        """Return the request without the documents and entries that were read."""
        return replace(self)

    def report(self, checked: int = 0, replaced: int = 0, left_out: int = 0) -> None:
        """Report how far the answer is, to whoever wants to know."""
        if self.on_progress is not None:
            self.on_progress(Progress(len(self.documents), checked, replaced, left_out))

    @cached_property
    def documents(self) -> Sequence[Document]:
        """The live documents."""
        return self.view.documents

    @cached_property
    def entries(self) -> EntrySearch:
        """The register as of the day, built on first use: small talk does not need it."""
        return self.search_of(self.as_of, self.view.snapshot)

    def is_known(self, word: str) -> bool:
        """Return whether a document has a word in any form."""
        return self.view.frequency(stem(word))[0] > 0

    def misspellings(self, text: str) -> dict[str, str]:
        """Return the misspelled words of a text, with what they are read as."""
        return misspellings(text, self.is_known, self.view.frequencies)

    def corrected(self, turn: Turn) -> Turn:
        """Return a turn of the user with its misspelled words corrected; the assistant's are as they are."""
        if turn.speaker != "user":
            return turn
        return replace(turn, text=corrected(turn.text, self.misspellings(turn.text)))

    def is_rare(self, term: str) -> bool:
        """Return whether few sections have a term."""
        frequency, sections = self.view.frequency(term)
        if frequency == 0:
            # A word unknown to the documents counts as rare, unless it is a relation word.
            return term not in relations()
        return frequency <= max(1, _RARE_SHARE * sections)
