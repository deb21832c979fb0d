"""Precedence of newer documents: if two differ on a point, the newer one answers and the older one is named."""

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

# The least score of another document's sentence on the same point, as a share of the best score.
_AS_GOOD = 0.6
# The least overlap of paragraphs that correspond, under the same heading and under another one.
_SAME_HEADING = 0.2
_OTHER_HEADING = 0.5
# The least overlap of two sentences on the same point in other paragraphs.
_SAME_SENTENCE = 0.6
# The weight of the overlap with the best sentence, beside the score.
_OVERLAP_WEIGHT = 0.5
# The least share of common terms at which a different word is a change, and not another point.
_ALIKE = 0.6
_MOST_OLDER = 2
_FACT = re.compile(r"\d[\d.,]*|\b[A-Z][\w’'-]+")


@dataclass(frozen=True, slots=True)
class DatedSentence:
    """A sentence of an answer; `superseded` if a newer document differs, `past` if what it announces is over."""

    candidate: Candidate
    superseded: bool = False
    past: bool = False

    @classmethod
    def of(cls, candidate: Candidate, as_of: date) -> DatedSentence:
        """Return a sentence that no newer document contradicts, as of a day."""
        return cls(
            candidate, past=candidate.announced_until is not None and candidate.announced_until < as_of
        )

    @property
    def preface(self) -> str:
        """The words in brackets before the sentence."""
        if self.superseded:
            return superseded_preface(self.candidate.hit.document)
        return "[Now past:] " if self.past else ""


def superseded_preface(document: Document) -> str:
    """Return the words in brackets before a sentence of an older document."""
    name = document.symbol or document.title
    return f"[Earlier, {name}{f' of {day(document.date)}' if document.date else ''}:] "


def newest_first(chosen: Sequence[Scored], ranked: Sequence[Scored], as_of: date) -> list[DatedSentence]:
    """Return the sentences of the answer, with those of other documents on the point of the first one.

    `ranked` are all sentences found, best first. An older sentence that states the same is left out.
    """
    if not chosen:
        return []
    newest, *older = _versions(chosen[0], ranked)
    if not older:
        return [DatedSentence.of(s.candidate, as_of) for s in chosen]
    differing = [s for s in older if _differs(newest.candidate, s.candidate)][:_MOST_OLDER]
    others = [
        s
        for s in chosen[1:]
        if s.candidate.hit.document.id == newest.candidate.hit.document.id and s.candidate != newest.candidate
    ]
    return [
        *(DatedSentence.of(s.candidate, as_of) for s in (newest, *others)),
        *(DatedSentence(s.candidate, superseded=True) for s in differing),
    ]


def without_superseded(ranked: Sequence[Scored]) -> list[Scored]:
    """Return the sentences without those of documents that a newer one supersedes on the point of the first."""
    if not ranked:
        return []
    superseded = {s.candidate.hit.document.id for s in _versions(ranked[0], ranked)[1:]}
    return [s for s in ranked if s.candidate.hit.document.id not in superseded]


def _versions(best: Scored, ranked: Sequence[Scored]) -> list[Scored]:
    """Return each document's sentence on the point of the best one, the newest document first."""
    corresponding = _corresponding(best.candidate.hit, [s.candidate.hit for s in ranked])
    versions = {best.candidate.hit.document.id: best}
    of_others = [s for s in ranked if s.candidate.hit.document.id not in versions]
    for other in sorted(
        of_others, key=lambda s: -s.score - _OVERLAP_WEIGHT * _overlap(best.candidate.text, s.candidate.text)
    ):
        document = other.candidate.hit.document
        if document.id not in versions and _same_point(best, other, corresponding.get(document.id)):
            versions[document.id] = other
    return sorted(versions.values(), key=lambda s: _age(s.candidate.hit.document))


def _age(document: Document) -> int:
    # An undated document counts as the oldest.
    return -(document.date or date.min).toordinal()


def _corresponding(best: Hit, hits: Sequence[Hit]) -> dict[str, str]:
    """Return document id -> id of its section that corresponds to the best hit's, if any."""
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
    """Return whether a sentence is on the point of the best one; `corresponding` is the id of that section."""
    one, two = best.candidate, other.candidate
    if other.score < _AS_GOOD * best.score or (one.has_asked_kind and not two.has_asked_kind):
        return False
    return two.hit.section.id == corresponding or _overlap(one.text, two.text) >= _SAME_SENTENCE


def _overlap(one: str, two: str) -> float:
    """Return the share of the shorter text's terms that both have."""
    first, second = set(terms(one)), set(terms(two))
    return len(first & second) / max(1, min(len(first), len(second)))


def _differs(newest: Candidate, older: Candidate) -> bool:
    """Return whether one has a number or name that the other's section lacks, or similar sentences differ in words."""
    for one, other in ((newest, older), (older, newest)):
        known = set(_FACT.findall(other.hit.section.text))
        if any(fact not in known for fact in _FACT.findall(one.text)):
            return True
    new, old = set(terms(newest.text)), set(terms(older.text))
    return new != old and len(new & old) >= _ALIKE * len(new | old)
