"""Which document wins: where two say something on the same point, the newer one is given and the older one named."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bot.answers.candidates import Candidate
from bot.answers.ranking import Scored
from bot.register.date_format import day
from store.records import Document, Hit
from store.terms import terms

# What another document says on the point is at least so good an answer as the best one …
_AS_GOOD = 0.6
# … and stands in the paragraph that corresponds: the one nearest in its terms, under the same heading or another; …
_SAME_HEADING = 0.2
_OTHER_HEADING = 0.5
# … or, wherever it stands, shares so much of the shorter sentence's terms with it.
_SAME_SENTENCE = 0.6
# What it counts beside the score that a sentence has the words of the best one.
_NEAR = 0.5
# Two sentences so alike that a word that differs is what changed.
_ALIKE = 0.6
_MOST_OLDER = 2
_FACT = re.compile(r"\d[\d.,]*|\b[A-Z][\w’'-]+")


@dataclass(frozen=True, slots=True)
class DatedStatement:
    """A sentence of an answer; `earlier` where a newer document says otherwise, `over` where what it foretells has
    passed.
    """

    candidate: Candidate
    superseded: bool = False
    past: bool = False

    @classmethod
    def of(cls, candidate: Candidate, as_of: date) -> DatedStatement:
        """Return a sentence that no newer document contradicts, as it is given on a day."""
        return cls(candidate, past=candidate.until is not None and candidate.until < as_of)

    @property
    def preface(self) -> str:
        """The words in brackets that go before the sentence."""
        if self.superseded:
            return superseded_preface(self.candidate.hit.document)
        return "[Now past:] " if self.past else ""


def superseded_preface(document: Document) -> str:
    """Return the words in brackets that go before what an older document says."""
    name = document.symbol or document.title
    return f"[Earlier, {name}{f' of {day(document.date)}' if document.date else ''}:] "


def newest_first(chosen: Sequence[Scored], ranked: Sequence[Scored], as_of: date) -> list[DatedStatement]:
    """Return the sentences of the answer, with what other documents say on the point of the first one.

    `ranked` is everything found, best first; the answer is given as of a day. An older sentence that says the same
    is left out.
    """
    if not chosen:
        return []
    newest, *older = _versions(chosen[0], ranked)
    if not older:
        return [DatedStatement.of(s.candidate, as_of) for s in chosen]
    differing = [s for s in older if _differs(newest.candidate, s.candidate)][:_MOST_OLDER]
    kept = [
        s
        for s in chosen[1:]
        if s.candidate.hit.document.id == newest.candidate.hit.document.id and s.candidate != newest.candidate
    ]
    return [
        *(DatedStatement.of(s.candidate, as_of) for s in (newest, *kept)),
        *(DatedStatement(s.candidate, superseded=True) for s in differing),
    ]


def without_superseded(ranked: Sequence[Scored]) -> list[Scored]:
    """Return the sentences, without the documents of which a newer one speaks on the point of the first sentence."""
    if not ranked:
        return []
    superseded = {s.candidate.hit.document.id for s in _versions(ranked[0], ranked)[1:]}
    return [s for s in ranked if s.candidate.hit.document.id not in superseded]


def _versions(best: Scored, ranked: Sequence[Scored]) -> list[Scored]:
    """Return what each document says on the point of the best sentence, the newest first."""
    corresponding = _corresponding(best.candidate.hit, [s.candidate.hit for s in ranked])
    versions = {best.candidate.hit.document.id: best}
    for other in sorted(
        ranked, key=lambda s: -s.score - _NEAR * _overlap(best.candidate.text, s.candidate.text)
    ):
        document = other.candidate.hit.document
        if document.id not in versions and _same_point(best, other, corresponding.get(document.id)):
            versions[document.id] = other
    return sorted(versions.values(), key=lambda s: _age(s.candidate.hit.document))


def _age(document: Document) -> int:
    # An undated document is taken for the oldest.
    return -(document.date or date.min).toordinal()


def _corresponding(best: Hit, hits: Sequence[Hit]) -> dict[str, str]:
    """Return document id -> id of its section that corresponds to the best hit's, of the documents that have one."""
    nearest: dict[str, tuple[float, str]] = {}
    heading = set(terms(best.section.heading))
    for hit in {hit.section.id: hit for hit in hits}.values():
        same = set(terms(hit.section.heading)) == heading
        near = _overlap(best.section.text, hit.section.text)
        if near >= (_SAME_HEADING if same else _OTHER_HEADING):
            found = (near + same, hit.section.id)
            nearest[hit.document.id] = max(nearest.get(hit.document.id, found), found)
    return {document: section for document, (_, section) in nearest.items()}


def _same_point(best: Scored, other: Scored, corresponding: str | None) -> bool:
    one, two = best.candidate, other.candidate
    if other.score < _AS_GOOD * best.score or (one.shaped and not two.shaped):
        return False
    return two.hit.section.id == corresponding or _overlap(one.text, two.text) >= _SAME_SENTENCE


def _overlap(one: str, two: str) -> float:
    first, second = set(terms(one)), set(terms(two))
    return len(first & second) / max(1, min(len(first), len(second)))


def _differs(newest: Candidate, older: Candidate) -> bool:
    """Whether either says a number or a name that the other one's section does not, or other words in like ones."""
    for one, other in ((newest, older), (older, newest)):
        known = set(_FACT.findall(other.hit.section.text))
        if any(fact not in known for fact in _FACT.findall(one.text)):
            return True
    new, old = set(terms(newest.text)), set(terms(older.text))
    return new != old and len(new & old) >= _ALIKE * len(new | old)
