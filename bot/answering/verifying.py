"""The check of what a model writes: its hard facts stand in the cited items, and a judge says that they say it.

Missing facts are found as in drafts, briefs and single statements (`bot.facts.checks`). The judge is asked while the
model still writes, and is optional.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from concurrent.futures import Future
from contextvars import copy_context
from datetime import date
from functools import partial
from typing import TYPE_CHECKING

from bot.answering.items import Item
from bot.errors import ModelError
from bot.facts.checks import Violation, violations
from bot.facts.names import other_forms
from bot.facts.stated import CitedPassage, PassageFacts, read_facts
from bot.models.judge import Judge, JudgeRequest
from store.records import Hit

if TYPE_CHECKING:
    from langchain_core.runnables import RunnableConfig

NOTHING_CITED = Violation("citation", "it cites nothing that was found")
JUDGED_NO = Violation("judge", "the judge does not find it in what it cites")
NOT_JUDGED = Violation("judge", "no judge has compared it with the passage, which is in another language")


# Verdicts of one answer that are requested at the same time.
_IN_FLIGHT = 3


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
        self._judge = judge if judge is not None and judge.reads(language) else None
        self._config = config
        self._slots = threading.Semaphore(_IN_FLIGHT)
        self._asks_no_more = False
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

    def violation(self, text: str, items: Sequence[Item]) -> Violation | None:
        """Return the first hard fact of a statement that its items do not have; None if they have all."""
        hits = _evidence(items)
        if not hits:
            return NOTHING_CITED
        key = tuple(hit.section.text + hit.section.number for hit in hits)
        if key not in self._facts:
            passages = [CitedPassage(hit.section, hit.document) for hit in hits]
            self._facts[key] = read_facts(passages, self._forms, self._days, self._language)
        return next(iter(violations(text, self._facts[key])), None)

    def ask(self, text: str, items: Sequence[Item], before: str) -> Future[bool] | None:
        """Request the judge's verdict on a statement, which follows another one; None without a judge.

        The result raises ModelError after a failure, or what the judge raises.
        """
        if self._judge is None:
            return None
        request = JudgeRequest(text, _evidence(items), before=before, as_of=self._as_of)
        verdict: Future[bool] = Future()
        # A daemon: a pool's threads would delay the end of the program. In this context, for langchain's tracers.
        ask = partial(copy_context().run, self._ask, self._judge, request, verdict)
        threading.Thread(target=ask, name="judge", daemon=True).start()
        return verdict

    def close(self) -> None:
        """Request no more verdicts; pending requests are left to their time limits."""
        self._asks_no_more = True

    def _ask(self, judge: Judge, request: JudgeRequest, verdict: Future[bool]) -> None:
        with self._slots:
            try:
                if self._asks_no_more:
                    raise ModelError("the judge is asked no more")
                verdict.set_result(judge.verdicts([request], self._config)[0])
            except Exception as error:
                # One that is down, or limits the rate, costs the answer one time limit.
                self._asks_no_more = True
                verdict.set_exception(error)


def _evidence(items: Sequence[Item]) -> tuple[Hit, ...]:
    return tuple(hit for item in items for hit in item.evidence)
