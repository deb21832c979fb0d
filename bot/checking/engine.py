"""Holds a claim against the documents, also the older ones: the newest that decides it gives the verdict.

1. The passages that may speak of it, by document: those that the search finds, paragraphs of older versions, and
   those by which the register dates their events anew.
2. For each document, the hard facts of the claim are compared with its passages, and the judge, if there is one, says
   whether they support or contradict it.
3. The newest document that does either decides. What it contradicts and an older one supports is superseded.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextvars import copy_context
from copy import copy
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, cached_property
from typing import TYPE_CHECKING, Literal

from bot.answers.citations import citation, entry_citations, opens_with_pronoun
from bot.errors import ModelError
from bot.grounding import (
    CitedPassage,
    Exchange,
    PassageFacts,
    Violation,
    exchange,
    other_forms,
    read_facts,
    violations,
)
from bot.grounding.checks import LONGEST_STATEMENT
from bot.grounding.facts import StatementsOf, days_and_numbers
from bot.grounding.grounder import nearest_sentence, overlap
from bot.locales import _
from bot.register import RegisterEntry
from bot.register.questions.search import stem_set
from bot.register.wording import status_word, title, when
from ingest.dates import find_dates
from ingest.events.cues import off_by_name
from ingest.events.names import location_of
from store.errors import StoreError
from store.records import Citation, Document, Hit
from store.search import SearchView
from store.terms import terms

if TYPE_CHECKING:
    from langchain_core.runnables import RunnableConfig

    from bot.llm.judge import Judge, Ruling
    from bot.wiring import Services

_LOG = logging.getLogger(__name__)

Verdict = Literal[
    "supported", "contradicted", "superseded", "not found", "no claim", "same facts", "different fact"
]
# Without a judge, a sentence speaks of the same as a claim if it has this share of the claim's terms, of those of which
# there must be so many; so may a paragraph of an older version.
_LEAST_OVERLAP = 0.4
_FEWEST_TERMS = 3
# Another passage may have the rest of its facts if one of its sentences has this share.
_LEAST_OVERLAP_OF_OTHERS = 0.3
# Hits of the search; documents, and passages of each, that a claim is held against.
_HITS = 20
_DOCUMENTS = 4
_PASSAGES = 3
_TOGETHER = 4
_FIGURES = re.compile(r"\d[\d.,]*")
# Claims that are judged at the same time.
_IN_FLIGHT = 3
# The checks that compare facts; a draft may quote and may be written in several languages.
_COMPARED = frozenset("links symbols days times numbers names quotations".split())


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence that may claim something; `before` is what it may refer to, `alone` says it without that.

    `passages` are some that are known to speak of it; what supports it is then cited with them, fact by fact.
    """

    text: str
    before: str = ""
    alone: str = ""
    passages: tuple[Hit, ...] = ()


@dataclass(frozen=True, slots=True)
class Check:
    """The verdict on a claim; `judged`: a judge has compared its meaning.

    Without a judge, "same facts" and "different fact" take the place of "supported" and "contradicted". The first
    citation is the passage that decides; of "superseded", the older passage that said so, and then the newer one.
    """

    verdict: Verdict
    note: str | None = None
    judged: bool = False
    citations: tuple[Citation, ...] = ()
    lacks_judge: bool = False
    """Whether there is a judge, which gave no ruling."""


@dataclass(frozen=True, slots=True)
class _Near:
    """The sentence `start` to `end` of a passage, which is nearest to a claim, with its share of the claim's terms."""

    hit: Hit
    start: int
    end: int
    share: float

    @classmethod
    def of(cls, text: str, hit: Hit) -> _Near:
        start, end = nearest_sentence(text, _passage(hit))
        return cls(hit, start, end, overlap(_FIGURES.sub(" ", text), hit.section.text[start:end]))

    def citation(self, marker: int) -> Citation:
        """Return its citation."""
        return citation(marker, self.hit.document, self.hit.section, self.start, self.end)

    @property
    def sentence(self) -> CitedPassage:
        """The sentence alone, as a passage."""
        text = self.hit.section.text[self.start : self.end]
        return CitedPassage(replace(self.hit.section, text=text, heading=""), self.hit.document)


@dataclass(frozen=True, slots=True)
class _Finding:
    """How passages of one document, in one version, relate to a claim, and which of them is nearest to it.

    `exchanges` are hard facts of the claim and what the nearest passage has in their place; `missing` are those that no
    passage has.
    """

    nearest: _Near
    hits: Sequence[Hit]
    ruling: Ruling
    exchanges: Sequence[Exchange] = ()
    missing: Sequence[Violation] = ()


class Engine:
    """Checks claims in one language as of a day, against the documents that the services show."""

    def __init__(
        self, services: Services, as_of: date, language: str = "en", config: RunnableConfig | None = None
    ) -> None:
        """`config` is langchain's, for the requests to the judge."""
        self._services = services
        self._as_of = as_of
        self._language = language
        self._config = config
        self._judge = services.shared.judge
        if self._judge is not None and language != "en" and not self._judge.any_language:
            self._judge = None
        self._former: dict[str, list[Hit]] = {}

    @property
    def judges(self) -> bool:
        """Whether a judge compares the meaning."""
        return self._judge is not None

    def check_all(self, claims: Sequence[Claim]) -> Iterator[tuple[int, Check]]:
        """Yield (index, verdict) of each claim as they are found; closing it ends the work. Raises StoreError.

        Claims for which the judge failed come a second time, as far as it answers then.
        """
        if self._judge is None:
            yield from enumerate(map(self.check, claims))
            return
        waiting = list(range(len(claims)))
        pool = ThreadPoolExecutor(_IN_FLIGHT, "check")
        try:
            for _attempt in range(2):
                futures = {pool.submit(copy_context().run, self.check, claims[n]): n for n in waiting}
                waiting = []
                for future in as_completed(futures):
                    check = future.result()
                    if check.lacks_judge:
                        waiting.append(futures[future])
                    yield futures[future], check
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def check(self, claim: Claim) -> Check:
        """Return the verdict on one claim. Raises StoreError."""
        if len(claim.text) > LONGEST_STATEMENT:
            return Check("not found", _("it is too long to be compared; divide it"))
        hits, documents = self._passages_on(claim)
        findings = [self._by_facts(claim, own) for own in documents]
        judged = False
        if self._judge is not None and findings:
            try:
                findings, judged = self._judged(self._judge, claim, hits, findings), True
            except (ModelError, StoreError) as error:
                _LOG.warning("no ruling of the judge: %s", error)
                return replace(self._without_judge.check(claim), lacks_judge=True)
        found = _decide(claim.text, findings, judged=judged)
        if found.verdict == "different fact":
            found = self._by_other_passages(claim, found, hits, findings)
        if not judged and found.verdict in ("same facts", "not found"):
            found = self._by_place(claim, found)
        if found.verdict == "same facts":
            found = self._by_register(claim, found)
        if claim.passages and found.verdict in ("supported", "same facts"):
            found = replace(found, citations=self._sources(claim, found, hits))
        return found

    @cached_property
    def _without_judge(self) -> Engine:
        """The engine that compares all facts: with a judge, some are left to it."""
        engine = copy(self)
        engine._judge = None
        return engine

    def _sources(self, claim: Claim, check: Check, hits: Sequence[Hit]) -> tuple[Citation, ...]:
        """Return the citations of a check, of the claim's passages, and of facts that these lack, among the hits.

        Of each paragraph it is the sentence that is nearest to the claim.
        """
        own = {c.section_id for c in check.citations} | {hit.section.id for hit in claim.passages}
        chosen = [hit for hit in hits if hit.section.id in own]
        lacking = self._missing(claim.text, map(_passage, chosen))
        for hit in hits:
            if lacking and hit not in chosen:
                left = self._missing(claim.text, map(_passage, [*chosen, hit]))
                if len(left) < len(lacking):
                    chosen, lacking = [*chosen, hit], left
        return tuple(_Near.of(claim.text, hit).citation(1) for hit in chosen)

    def _passages_on(self, claim: Claim) -> tuple[list[Hit], list[tuple[Hit, ...]]]:
        """Return the passages that may speak of a claim, and the best of each document, the newest one first."""
        query = claim.alone or claim.text
        if not claim.alone and opens_with_pronoun(claim.text):
            query = f"{claim.before} {claim.text}"
        with self._services.search.view() as view:
            found = view.search(query, count=_HITS, language=self._language).hits
            known = {hit.section.id for hit in claim.passages}
            hits = [*claim.passages, *(hit for hit in found if hit.section.id not in known)]
            hits = list(filter(self._is_comparable, hits))
            nearest = list(dict.fromkeys(map(_version, hits)))[:_DOCUMENTS]
            # What these replaced and what replaces them is held against the claim too, however many others there are.
            others = self._of_former_versions(view, query, hits)
            others += self._dated_anew(view, [hit for hit in hits if _version(hit) in nearest])
        others = list(filter(self._is_comparable, others))
        known = {hit.section.id for hit in hits}
        hits += [hit for hit in others if hit.section.id not in known]
        groups = [
            _covering(claim.text, [hit for hit in hits if _version(hit) == version], _PASSAGES)
            for version in dict.fromkeys([*nearest, *map(_version, others)])
        ]
        groups.sort(key=lambda group: _age(group[0].document), reverse=True)
        return hits, groups

    def _is_comparable(self, hit: Hit) -> bool:
        """Whether a claim can be held against a passage: rules cannot where names and numbers are other words."""
        return self._judge is not None or hit.document.language == self._language

    def _of_former_versions(self, view: SearchView, query: str, hits: Iterable[Hit]) -> list[Hit]:
        """Return paragraphs near to a claim that the documents of the hits had in older versions, and have no more."""
        found = []
        for document in {hit.document.id: hit.document for hit in hits}.values():
            if document.version > 1 and document.id not in self._former:
                self._former[document.id] = list(_former(view, document))
            for hit in self._former.get(document.id, ()):
                share = overlap(query, hit.section.text)
                if share >= _LEAST_OVERLAP:
                    found.append(replace(hit, score=share))
        return sorted(found, key=lambda hit: -hit.score)[:_PASSAGES]

    def _dated_anew(self, view: SearchView, hits: Sequence[Hit]) -> list[Hit]:
        """Return the paragraphs with the new dates of events that the passages found date to former ones."""
        register = self._services.register(self._as_of, view.snapshot)
        own = {hit.section.id for hit in hits}
        moved = {
            e.rescheduled_to for e in register if e.is_off and any(m.section_id in own for m in e.mentions)
        }
        anew = [m for e in register if e.id in moved for m in e.mentions if m.section_id not in own]
        sections = view.snapshot.sections(mention.section_id for mention in anew)
        by_source = {document.source: document for document in view.documents}
        return [
            Hit(sections[mention.section_id], by_source[mention.source], score=0.0, cosine=0.0)
            for mention in anew
            if mention.section_id in sections and mention.source in by_source
        ]

    def _by_facts(self, claim: Claim, hits: Sequence[Hit]) -> _Finding:
        """Return what the hard facts alone say about passages of one document."""
        text = claim.text
        near = sorted((_Near.of(text, hit) for hit in hits), key=lambda passage: -passage.share)
        enough = len(set(terms(text))) >= _FEWEST_TERMS
        close = [passage for passage in near if enough and passage.share >= _LEAST_OVERLAP]
        hits = [passage.hit for passage in near]
        missing = self._missing(text, map(_passage, hits))
        finding = _Finding(near[0], hits, "not said", missing=missing)
        if not close:
            return finding
        facts = [self._facts_of([_passage(passage.hit)]) for passage in close]
        lacks = [self._lacks(text, own) for own in facts]
        for passage, lacking in zip(close, lacks, strict=True):
            if not lacking:
                return replace(finding, nearest=passage, ruling="supported")
        others = [passage.sentence for passage in near[1:] if passage.share >= _LEAST_OVERLAP_OF_OTHERS]
        if not self._missing(text, [_passage(close[0].hit), *others]):
            return replace(finding, nearest=close[0], ruling="supported")
        if not missing:
            # Several paragraphs have the facts: which of them belong together, the judge decides.
            return finding
        for passage, lacking, own in zip(close, lacks, facts, strict=True):
            found = [exchange(one, text, own, passage.sentence) for one in lacking]
            if exchanges := list(filter(None, found)):
                return replace(finding, nearest=passage, ruling="contradicted", exchanges=exchanges)
        return finding

    def _by_other_passages(
        self, claim: Claim, found: Check, hits: Sequence[Hit], findings: Sequence[_Finding]
    ) -> Check:
        """Return the check of a different fact that no other passage has: what has it may be of another matter.

        The fact counts in near sentences, and in any paragraph of a newer document.
        """
        deciding = next(finding for finding in findings if finding.exchanges)
        age = _age(deciding.nearest.hit.document)
        others = [_Near.of(claim.text, hit) for hit in hits]

        @cache
        def lacking(least: float) -> set[str]:
            passages = [
                _passage(near.hit) if _age(near.hit.document) > age else near.sentence
                for near in others
                if near.share >= least or _age(near.hit.document) > age
            ]
            return {violation.fact for violation in self._missing(claim.text, passages)}

        for one in deciding.exchanges:
            least = deciding.nearest.share / 2 if one.check == "names" else _LEAST_OVERLAP_OF_OTHERS
            if one.claimed in lacking(least):
                note = _note(one.claimed, deciding.nearest.hit.section.number, one.stated)
                return self._of_named_event(claim, replace(found, note=note), one)
        return replace(found, verdict="not found", note=None)

    def _missing(self, text: str, passages: Iterable[CitedPassage]) -> list[Violation]:
        """Return the hard facts of a text that passages together do not have."""
        return self._lacks(text, self._facts_of(list(passages)))

    def _facts_of(self, passages: Sequence[CitedPassage]) -> PassageFacts:
        forms = other_forms(passage.section.text for passage in passages)
        of: StatementsOf = "judged draft" if self.judges else "draft"
        return read_facts(passages, forms, [self._as_of], self._language, of=of, written=self._as_of)

    def _lacks(self, text: str, facts: PassageFacts) -> list[Violation]:
        return [violation for violation in violations(text, facts) if violation.check in _COMPARED]

    def _by_register(self, claim: Claim, found: Check) -> Check:
        """Return the check, or that the register dates the event of its paragraph anew, or as off."""
        own = found.citations[0]
        register = self._services.register(self._as_of)
        claimed = days_and_numbers(claim.text, self._as_of, self._language)
        by_id = {entry.id: entry for entry in register}
        for entry in register:
            new = by_id.get(entry.rescheduled_to or "", entry)
            if (
                entry.is_off
                and not claimed.isdisjoint({entry.start, entry.end} - {None})
                and any(mention.section_id == own.section_id for mention in entry.mentions)
                and (new is entry or all(mention.section_id != own.section_id for mention in new.mentions))
                and not off_by_name(claim.text)
            ):
                now = [c for c in entry_citations(new, self._documents()) if c.section_id != own.section_id][
                    :1
                ]
                note = f"{title(entry)}: {status_word(entry.status) if new is entry else when(new)}"
                return Check("superseded", note, found.judged, (own, *(replace(c, marker=2) for c in now)))
        return found

    def _by_place(self, claim: Claim, found: Check) -> Check:
        """Return the check, or that the register has another place for its paragraph's event on the claim's days."""
        own = {citation.section_id for citation in found.citations}
        for claimed in find_dates(claim.text, reference=self._as_of, language=self._language):
            place = location_of(claim.text, *claimed.span)
            if place is None:
                continue
            there = [
                (entry, entry.location)
                for entry in self._services.register(self._as_of)
                if entry.location and (entry.start, entry.end) == (claimed.start, claimed.end)
            ]
            if any(overlap(place, other) or overlap(other, place) for _, other in there):
                continue
            for entry, other in there:
                for source in entry_citations(entry, self._documents(), self._language):
                    if source.section_id in own:
                        note = _note(place, source.section, other)
                        return Check("different fact", note, citations=(replace(source, marker=1),))
        return found

    def _of_named_event(self, claim: Claim, found: Check, exchanged: Exchange) -> Check:
        """Return the check of a wrong day by the date of the event that the claim names, if the register has it."""
        claimed = next(iter(find_dates(exchanged.claimed, reference=self._as_of)), None)
        if claimed is None or claimed.start is None:
            return found
        words, start = stem_set(claim.text), claimed.start
        named = [(own, entry) for own, entry in self._titled if len(own) > 1 and own <= words]
        if not named:
            return found
        most = max(len(own) for own, _ in named)
        entries = [entry for own, entry in named if len(own) == most]
        if any({start, claimed.end} <= {entry.start, entry.end} for entry in entries):
            return replace(found, verdict="not found", note=None)
        # Of a series, the one nearest to the claimed day.
        entry = min(entries, key=lambda one: abs((one.start or date.min) - start))
        source = replace(next(entry_citations(entry, self._documents(), self._language)), marker=1)
        note = _note(exchanged.claimed, source.section, when(entry))
        return replace(found, note=note, citations=(source,))

    @cached_property
    def _titled(self) -> Sequence[tuple[frozenset[str], RegisterEntry]]:
        """The stems of the title of each entry of the register that has a day and holds, with the entry."""
        register = self._services.register(self._as_of)
        return [(stem_set(e.title), e) for e in register if e.precision == "day" and not e.is_off]

    def _documents(self) -> dict[str, Document]:
        return {document.source: document for document in self._services.catalog.documents()}

    def _judged(
        self, judge: Judge, claim: Claim, hits: Sequence[Hit], findings: Sequence[_Finding]
    ) -> list[_Finding]:
        """Return the findings with the judge's rulings, which the hard facts limit. Raises ModelError, StoreError."""
        from bot.llm.judge import JudgeRequest

        together = None
        if len(findings) > 1:
            # One sentence may put together what several documents say. The newest alone decides before they do.
            together = self._by_facts(claim, _covering(claim.text, hits, _TOGETHER))
            findings = [findings[0], together, *findings[1:]]
        requests = [JudgeRequest(claim.text, tuple(f.hits), claim.before, self._as_of) for f in findings]
        rulings = judge.rulings(requests, self._config)
        judged = []
        for finding, ruling in zip(findings, rulings, strict=True):
            if ruling == "supported" and finding.missing:
                ruling = "contradicted" if finding.exchanges else "not said"
            # Which of several documents contradicts, and whether it is the newer one, each says alone.
            if ruling == "contradicted" and finding is together:
                ruling = "not said"
            judged.append(replace(finding, ruling=ruling))
        return judged


def _deciding(findings: Iterable[_Finding]) -> _Finding | None:
    return next((finding for finding in findings if finding.ruling != "not said"), None)


def _decide(text: str, findings: Sequence[_Finding], *, judged: bool) -> Check:
    """Return the verdict of findings on a claim, the newest document first."""
    deciding = _deciding(findings)
    if deciding is None:
        nearest = max(findings, key=lambda finding: finding.nearest.share, default=None)
        return Check("not found", judged=judged, citations=(nearest.nearest.citation(1),) if nearest else ())
    if deciding.ruling == "supported":
        return Check(
            "supported" if judged else "same facts", judged=judged, citations=(deciding.nearest.citation(1),)
        )
    note = _difference(deciding)
    # Passages of several documents may support it together, also newer ones.
    before = next(
        (
            near
            for finding in findings[findings.index(deciding) + 1 :]
            if finding.ruling == "supported"
            for near in (finding.nearest, *(_Near.of(text, hit) for hit in finding.hits))
            if _age(near.hit.document) < _age(deciding.nearest.hit.document)
        ),
        None,
    )
    if before is not None:
        return Check("superseded", note, judged, (before.citation(1), deciding.nearest.citation(2)))
    return Check(
        "contradicted" if judged else "different fact", note, judged, (deciding.nearest.citation(1),)
    )


def _difference(finding: _Finding) -> str | None:
    if not finding.exchanges:
        return None
    first = finding.exchanges[0]
    return _note(first.claimed, finding.nearest.hit.section.number, first.stated)


def _note(claimed: str, number: str, stated: str) -> str:
    if not stated:
        return _("draft: {claimed}; § {number} does not name it", claimed=claimed, number=number)
    return _("draft: {claimed}; § {number}: {stated}", claimed=claimed, number=number, stated=stated)


def _covering(text: str, hits: Sequence[Hit], count: int) -> tuple[Hit, ...]:
    """Return the first hit, and those that have most of the claim's terms that the ones before have not."""
    left = set(terms(text))
    waiting = list(hits)
    chosen: list[Hit] = []
    while waiting and len(chosen) < count:
        own = [set(terms(f"{hit.section.heading} {hit.section.text}")) & left for hit in waiting]
        best = max(range(len(waiting)), key=lambda n: (len(own[n]), -n)) if chosen else 0
        left -= own[best]
        chosen.append(waiting.pop(best))
    return tuple(chosen)


def _version(hit: Hit) -> tuple[str, int]:
    return hit.document.id, hit.document.version


def _age(document: Document) -> tuple[date, int]:
    return document.date or date.min, document.version


def _passage(hit: Hit) -> CitedPassage:
    return CitedPassage(hit.section, hit.document)


def _former(view: SearchView, document: Document) -> Iterator[Hit]:
    """Yield the paragraphs that older versions of a document had, and the present one has not, the newest first."""
    seen = set(view.snapshot.section_ids(document.id, document.version))
    for former in reversed(view.snapshot.versions(document.id)):
        for section in view.snapshot.sections_of(document.id, former.version):
            if section.id not in seen:
                seen.add(section.id)
                yield Hit(section, former, score=0.0, cosine=0.0)
