"""Which document wins: where two say something on the same point, the newer one is given and the older one named."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bot.candidates import Candidate
from bot.extractive import Scored
from bot.wording import day
from store.records import Document
from store.terms import terms

# What another document says on the point is at least so good an answer as the best one, …
_AS_GOOD = 0.7
# … and shares so much of the shorter sentence's terms with it, under the same heading or under another.
_SAME_HEADING = 0.25
_OTHER_HEADING = 0.6
_MOST_OLDER = 2
_FACT = re.compile(r"\d[\d.,]*|\b[A-Z][\w’'-]+")


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence of an answer; `earlier` where a newer document says otherwise."""

    candidate: Candidate
    earlier: bool = False

    @property
    def preface(self) -> str:
        """The words in brackets that go before the sentence of an older document."""
        document = self.candidate.hit.document
        if not self.earlier:
            return ""
        name = document.symbol or document.title
        return f"[Earlier, {name}{f' of {day(document.date)}' if document.date else ''}:] "


def newest_first(chosen: Sequence[Scored], ranked: Sequence[Scored]) -> list[Said]:
    """Return the sentences of the answer, with what other documents say on the point of the first one.

    `ranked` is everything found, best first. An older sentence that says the same is left out.
    """
    if not chosen:
        return []
    best = chosen[0]
    versions = {best.candidate.hit.document.id: best}
    for other in ranked:
        document = other.candidate.hit.document
        if document.id not in versions and _same_point(best, other):
            versions[document.id] = other
    if len(versions) == 1:
        return [Said(s.candidate) for s in chosen]
    newest, *older = sorted(versions.values(), key=lambda s: _age(s.candidate.hit.document))
    differing = [s for s in older if _differs(newest.candidate, s.candidate)][:_MOST_OLDER]
    kept = [
        s
        for s in chosen[1:]
        if s.candidate.hit.document.id == newest.candidate.hit.document.id and s.candidate != newest.candidate
    ]
    return [
        *(Said(s.candidate) for s in (newest, *kept)),
        *(Said(s.candidate, earlier=True) for s in differing),
    ]


def _age(document: Document) -> int:
    # An undated document is taken for the oldest.
    return -(document.date or date.min).toordinal()


def _same_point(best: Scored, other: Scored) -> bool:
    one, two = best.candidate, other.candidate
    if other.score < _AS_GOOD * best.score or (one.shaped and not two.shaped):
        return False
    same_heading = set(terms(one.hit.section.heading)) == set(terms(two.hit.section.heading))
    return _overlap(one.text, two.text) >= (_SAME_HEADING if same_heading else _OTHER_HEADING)


def _overlap(one: str, two: str) -> float:
    first, second = set(terms(one)), set(terms(two))
    return len(first & second) / max(1, min(len(first), len(second)))


def _differs(newest: Candidate, older: Candidate) -> bool:
    """Whether the older sentence holds a number or a name that the newer section does not."""
    known = set(_FACT.findall(newest.hit.section.text))
    return any(fact not in known for fact in _FACT.findall(older.text))
