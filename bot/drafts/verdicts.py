"""Holds a claim against the documents, also the older ones: the newest that decides it gives the verdict.

1. The passages that may speak of it, by document: those that a search finds, paragraphs of older versions, and those by
   which the register dates their events anew.
2. For each document a ruling: does it support the claim, contradict it, or neither? A judge gives it, within what the
   hard facts allow. Without a judge, days, figures and symbols are compared with the nearest paragraphs, and nothing
   else: a verdict that is often wrong is worse than none.
3. The newest document that does either decides. What it contradicts and an older one supports is superseded.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextvars import copy_context
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Literal

from bot.answering.citations import citation
from bot.answering.items import nearest_sentence, overlap
from bot.errors import ModelError
from bot.facts.checks import LONGEST_STATEMENT, Violation, missing_facts
from bot.facts.stated import without_dates_and_symbols
from bot.locales import _
from store.errors import StoreError
from store.records import Citation, Document, Hit
from store.search import SearchView
from store.terms import content_words, terms

if TYPE_CHECKING:
    from langchain_core.runnables import RunnableConfig

    from bot.models.judge import Judge, Ruling
    from bot.wiring import Services

_LOG = logging.getLogger(__name__)

Verdict = Literal[
    "supported", "contradicted", "superseded", "not found", "no claim", "same facts", "different fact"
]
# Hits of the search; documents, and passages of each, that a claim is held against; passages of several documents that
# are held against it together.
_HITS = 20
_DOCUMENTS = 4
_PASSAGES = 3
_TOGETHER = 4
# A paragraph of an older version may speak of a claim if it has this share of the claim's terms.
_LEAST_OF_FORMER = 0.4
# A claim of so few words of content is searched for with what was said before it.
_FEW_WORDS = 3
# Without a judge, a sentence with this share of the claim's terms, of which there must be so many, speaks of the same
# matter; with the higher share, it speaks of the same thing. With .6, 3 of 168 right sentences of the marked drafts are
# called a different fact, with .5 five are.
_SAME_MATTER = 0.4
_SAME_THING = 0.6
_FEWEST_TERMS = 3
# Claims that are judged at the same time.
_IN_FLIGHT = 3


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence that may claim something; `before` is what it may refer to, `alone` says it without that.

    `passages` are some that are known to speak of it.
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


def check_statement(services: Services, statement: str, as_of: date, language: str = "en") -> Check:
    """Return the verdict on a single statement in a language, as of a day. Raises StoreError."""
    return Checker(services, as_of, language, services.shared.judge).check(Claim(statement))


def cite(statement: str, hit: Hit) -> Citation:
    """Return the citation of the sentence of a paragraph that is nearest to a statement."""
    return citation(1, hit.document, hit.section, *nearest_sentence(statement, hit.section.text))


class Checker:
    """Checks claims in one language as of a day, against the documents that the services show."""

    def __init__(
        self,
        services: Services,
        as_of: date,
        language: str,
        judge: Judge | None,
        config: RunnableConfig | None = None,
    ) -> None:
        """`config` is langchain's, for the requests to the judge."""
        self._services = services
        self._as_of = as_of
        self._language = language
        self._judge = judge if judge is not None and judge.reads(language) else None
        self._config = config
        self._former: dict[str, list[Hit]] = {}

    @property
    def judges(self) -> bool:
        """Whether a judge compares the meaning."""
        return self._judge is not None

    def check_all(self, claims: Sequence[Claim]) -> Iterator[tuple[int, Check]]:
        """Yield (index, verdict) of each claim as they are found; closing it ends the work. Raises StoreError.

        Claims for which the judge failed come a second time, as far as it answers then.
        """
        waiting = list(range(len(claims)))
        pool = ThreadPoolExecutor(_IN_FLIGHT if self.judges else 1, "check")
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
        hits, groups = self._passages_on(claim)
        if self._judge is not None and groups:
            try:
                return self._decide(claim, self._judged(self._judge, claim, hits, groups), judged=True)
            except (ModelError, StoreError) as error:
                _LOG.warning("no ruling of the judge: %s", error)
        found = self._decide(claim, self._compared(claim, groups), judged=False)
        return replace(found, lacks_judge=self.judges and bool(groups))

    def _passages_on(self, claim: Claim) -> tuple[list[Hit], list[tuple[Hit, ...]]]:
        """Return the passages that may speak of a claim, and the best of each document, the newest one first."""
        query = claim.alone or claim.text
        if not claim.alone and len(content_words(claim.text)) <= _FEW_WORDS:
            query = f"{claim.before} {claim.text}"
        with self._services.search.view() as view:
            found = view.search(query, count=_HITS, language=self._language).hits
            hits = list({hit.section.id: hit for hit in (*claim.passages, *found)}.values())
            nearest = list(dict.fromkeys(map(_version, hits)))[:_DOCUMENTS]

            # What these replaced and what replaces them is held against the claim too, however many others there are.
            others = self._of_former_versions(view, query, hits)
            others += self._dated_anew(view, [hit for hit in hits if _version(hit) in nearest])

        hits = list({hit.section.id: hit for hit in (*hits, *others)}.values())
        groups = [
            _covering_hits(claim.text, [hit for hit in hits if _version(hit) == version], _PASSAGES)
            for version in dict.fromkeys([*nearest, *map(_version, others)])
        ]
        groups.sort(key=lambda group: _age(group[0].document), reverse=True)
        return hits, groups

    def _of_former_versions(self, view: SearchView, query: str, hits: Iterable[Hit]) -> list[Hit]:
        """Return paragraphs near to a claim that the documents of the hits had in older versions, and have no more."""
        found = []
        for document in {hit.document.id: hit.document for hit in hits}.values():
            if document.version > 1 and document.id not in self._former:
                self._former[document.id] = list(_former_paragraphs(view, document))
            for hit in self._former.get(document.id, ()):
                share = overlap(query, hit.section.text)
                if share >= _LEAST_OF_FORMER:
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
        documents = {document.source: document for document in view.documents}
        return [
            Hit(sections[mention.section_id], documents[mention.source], score=0.0, cosine=0.0)
            for mention in anew
            if mention.section_id in sections and mention.source in documents
        ]

    def _judged(
        self, judge: Judge, claim: Claim, hits: Sequence[Hit], groups: Sequence[tuple[Hit, ...]]
    ) -> list[_Finding]:
        """Return the judge's rulings on each document, which the hard facts limit. Raises ModelError, StoreError."""
        # It loads langchain.
        from bot.models.judge import JudgeRequest

        asked = list(groups)
        if len(groups) > 1:
            # One sentence may put together what several documents say. The newest alone decides before they do.
            asked.insert(1, _covering_hits(claim.text, hits, _TOGETHER))
        requests = [JudgeRequest(claim.text, own, claim.before, self._as_of) for own in asked]
        findings = []
        for place, ruling in enumerate(judge.rulings(requests, self._config)):
            near = _nearest(claim, asked[place], self._language)
            note = self._other_fact(claim, near[0])
            if ruling == "supported" and self._missing(claim.text, asked[place]):
                ruling = "contradicted" if note else "not said"
            # Which of several documents contradicts, and whether it is the newer one, each says alone.
            if ruling == "contradicted" and len(groups) > 1 and place == 1:
                ruling = "not said"
            findings.append(_Finding(near, ruling, note))
        return findings

    def _compared(self, claim: Claim, groups: Sequence[tuple[Hit, ...]]) -> list[_Finding]:
        """Return what the hard facts alone say about each document in the claim's language."""
        findings = []
        is_told_apart = len(set(terms(claim.text))) >= _FEWEST_TERMS
        for own in groups:
            if own[0].document.language != self._language:
                # Figures and names are other words there.
                continue
            near = _nearest(claim, own, self._language)
            ruling: Ruling = "not said"
            note = None
            same = [one for one in near if is_told_apart and one.share >= _SAME_MATTER]
            if any(not self._missing(claim.text, [one.hit]) for one in same):
                ruling = "supported"
            elif same and near[0].share >= _SAME_THING and (note := self._other_fact(claim, near[0])):
                ruling = "contradicted"
            findings.append(_Finding(near, ruling, note))
        return findings

    def _other_fact(self, claim: Claim, near: _Near) -> str | None:
        """Return a note on the one fact in which a claim and its nearest sentence differ; None where it is not one.

        Both state one that the other lacks, and of the same kind.
        """
        sentence = near.hit.section.text[near.start : near.end]
        written = near.hit.document.date or self._as_of
        stated = self._missing(sentence, [_as_hit(claim.text, near.hit, self._as_of)], written)
        claimed = self._missing(claim.text, [near.hit])
        if len(claimed) != 1:
            return None
        same_kind = [each for each in stated if _fact_kind(each) == _fact_kind(claimed[0])]
        if len(same_kind) != 1:
            return None
        number = near.hit.section.number
        return _(
            "draft: {claimed}; § {number}: {stated}",
            claimed=claimed[0].fact,
            number=number,
            stated=same_kind[0].fact,
        )

    def _missing(self, text: str, hits: Sequence[Hit], written: date | None = None) -> list[Violation]:
        """Return the facts of a text, which is `written` on a day, that passages together do not have."""
        return missing_facts(text, hits, self._as_of, self._language, written or self._as_of)

    def _decide(self, claim: Claim, findings: Sequence[_Finding], *, judged: bool) -> Check:
        """Return the verdict of findings on a claim, the newest document first."""
        deciding = next((finding for finding in findings if finding.ruling != "not said"), None)
        if deciding is None:
            nearest = max((f.near[0] for f in findings), key=lambda near: near.share, default=None)
            return Check("not found", judged=judged, citations=(nearest.citation(1),) if nearest else ())

        own = deciding.near[0].citation(1)
        if deciding.ruling == "supported":
            return Check("supported" if judged else "same facts", judged=judged, citations=(own,))

        # Passages of several documents may support it together, also newer ones.
        age = _age(deciding.near[0].hit.document)
        older = (
            near
            for finding in findings[findings.index(deciding) + 1 :]
            if finding.ruling == "supported"
            for near in finding.near
            if _age(near.hit.document) < age
        )
        if (before := next(older, None)) is not None:
            both = (before.citation(1), deciding.near[0].citation(2))
            return Check("superseded", deciding.note, judged, both)
        return Check("contradicted" if judged else "different fact", deciding.note, judged, (own,))


@dataclass(frozen=True, slots=True)
class _Near:
    """The sentence `start` to `end` of a passage, which is nearest to a claim, with its share of the claim's terms."""

    hit: Hit
    start: int
    end: int
    share: float

    def citation(self, marker: int) -> Citation:
        """Return its citation."""
        return citation(marker, self.hit.document, self.hit.section, self.start, self.end)


@dataclass(frozen=True, slots=True)
class _Finding:
    """How passages of one document, in one version, relate to a claim; the nearest of them comes first.

    `note` names the fact in which they differ, where it is one.
    """

    near: Sequence[_Near]
    ruling: Ruling
    note: str | None = None


def _nearest(claim: Claim, hits: Iterable[Hit], language: str) -> list[_Near]:
    """Return the nearest sentence of each passage, the nearest one first; dates and figures do not make it near."""
    plain = without_dates_and_symbols(claim.text, None, language)
    words = " ".join(word for word in plain.split() if not word[0].isdigit())
    found = []
    for hit in hits:
        start, end = nearest_sentence(claim.text, hit.section.text)
        found.append(_Near(hit, start, end, overlap(words, hit.section.text[start:end])))
    return sorted(found, key=lambda near: -near.share)


def _as_hit(text: str, hit: Hit, written: date) -> Hit:
    """Return a text, written on a day, as if it were the passage of a hit, whose document says nothing by itself."""
    document = replace(hit.document, title="", symbol=None, date=written)
    return replace(hit, section=replace(hit.section, text=text, heading=""), document=document)


def _fact_kind(violation: Violation) -> tuple[str, str]:
    """Return the check of a missing fact, and its unit: "%" of "12%", "USD" of "20,000 USD"; "" of all else."""
    unit = violation.fact.lstrip("0123456789,. ") if violation.check == "numbers" else ""
    return violation.check, unit


def _covering_hits(text: str, hits: Sequence[Hit], count: int) -> tuple[Hit, ...]:
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


def _former_paragraphs(view: SearchView, document: Document) -> Iterator[Hit]:
    """Yield the paragraphs that older versions of a document had, and the present one has not, the newest first."""
    seen = set(view.snapshot.section_ids(document.id, document.version))
    for former in reversed(view.snapshot.versions(document.id)):
        for section in view.snapshot.sections_of(document.id, former.version):
            if section.id not in seen:
                seen.add(section.id)
                yield Hit(section, former, score=0.0, cosine=0.0)
