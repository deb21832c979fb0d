"""The check of what a model writes: its hard facts stand in the cited items, and a judge says that they say it.

Missing facts are found as in drafts, briefs and single statements (`bot.facts.checks`). The judge is asked while the
model still writes, and is optional.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from concurrent.futures import Future
from datetime import date
from typing import TYPE_CHECKING

from bot.answering.items import Item
from bot.facts.checks import Violation, violations
from bot.facts.names import Forms, other_forms
from bot.facts.stated import CitedPassage, PassageFacts, read_facts
from bot.models.judge import ConcurrentJudge, Judge, JudgeRequest
from store.records import Hit

if TYPE_CHECKING:
    from langchain_core.runnables import RunnableConfig

NOTHING_CITED = Violation("citation", "it cites nothing that was found")
JUDGED_NO = Violation("judge", "the judge does not find it in what it cites")
NOT_JUDGED = Violation("judge", "no judge has compared it with the passage, which is in another language")


def _facts_of(hits: Sequence[Hit], forms: Forms, days: Collection[date], language: str) -> PassageFacts:
    """Return the hard facts of some paragraphs for statements in a language."""
    return read_facts([CitedPassage(hit.section, hit.document) for hit in hits], forms, days, language)


class Verifier:
    """Holds the statements of one answer against the items that they cite; `close` ends it."""

    def __init__(
        self,
        judge: Judge | None,
        as_of: date,
        language: str,
        config: RunnableConfig | None = None,
        days: Iterable[date] = (),
    ) -> None:
        # A cross-encoder may know English alone.
        fitting = judge if judge is not None and (language == "en" or judge.any_language) else None
        self._judge = ConcurrentJudge(fitting, config)
        self._as_of = as_of
        self._days = (as_of, *days)
        self._language = language
        self._forms: dict[str, set[str]] = {}
        # Parsing takes some milliseconds, and the statements of an answer cite the same items.
        self._facts: dict[tuple[str, ...], PassageFacts] = {}

    def learn(self, items: Iterable[Item]) -> None:
        """Learn the other forms of names that items introduce, as in "Global Digital Compact (GDC)"."""
        for name, forms in other_forms(hit.section.text for item in items for hit in item.hits).items():
            self._forms.setdefault(name, set()).update(forms)
        self._facts.clear()

    def violation(self, text: str, items: Sequence[Item]) -> Violation | None:
        """Return the first hard fact of a statement that its items do not have; None if they have all."""
        hits = _evidence(items)
        if not hits:
            return NOTHING_CITED
        key = tuple(hit.section.text + hit.section.number for hit in hits)
        if key not in self._facts:
            self._facts[key] = _facts_of(hits, self._forms, self._days, self._language)
        return next(iter(violations(text, self._facts[key])), None)

    def ask(self, text: str, items: Sequence[Item], before: str) -> Future[bool] | None:
        """Request the judge's verdict on a statement, which follows another one; None without a judge."""
        return self._judge.ask(JudgeRequest(text, _evidence(items), before=before, as_of=self._as_of))

    def close(self) -> None:
        """Request no more verdicts."""
        self._judge.close()


def _evidence(items: Sequence[Item]) -> tuple[Hit, ...]:
    return tuple(hit for item in items for hit in item.evidence)
