"""Whether the documents say a statement: its hard facts are compared, and where there is a judge, its meaning."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Literal

from bot.answers.citations import citation, entry_citations
from bot.errors import ModelError, QuestionError
from bot.grounding import CitedPassage, Grounder, Statement, Violation
from bot.grounding.facts import clocks, days_and_numbers
from bot.grounding.grounder import nearest_sentence, overlap
from bot.question.typed_text import question_language, read_question
from bot.register import RegisterEntry
from bot.register.wording import status_word, title, when
from ingest.events.cues import off_by_name
from store.errors import StoreError
from store.records import Citation, Document, Hit
from store.terms import terms

if TYPE_CHECKING:
    from bot.llm import Judge
    from bot.wiring import Services

_LOG = logging.getLogger(__name__)

Verdict = Literal["supported", "same facts", "contradicted", "different fact", "superseded", "not found"]
# A paragraph may speak of the same if one of its sentences has this share of the statement's terms.
_LEAST_OVERLAP = 0.5
_FEWEST_TERMS = 3
# Characters; `bot.grounding` takes no longer sentence.
_LONGEST = 800


@dataclass(frozen=True, slots=True)
class Check:
    """The verdict on a statement; `judged`: a judge has compared its meaning.

    Without a judge, "same facts" and "different fact" take the place of "supported" and "contradicted".
    """

    verdict: Verdict
    note: str | None = None
    judged: bool = False
    citations: tuple[Citation, ...] = ()


def check_statement(services: Services, text: str, as_of: date) -> Check:
    """Return the verdict on one statement. Raises QuestionError, StoreError."""
    if not text.strip():
        raise QuestionError("the statement is empty; give one sentence")
    statement = read_question(text)
    if len(statement) > _LONGEST:
        raise QuestionError(
            f"the statement has {len(statement)} characters; check one sentence at a time, of at most {_LONGEST}"
        )
    if len(set(terms(statement))) < _FEWEST_TERMS:
        return Check("not found", "it has too few words to be compared; give a whole sentence")
    language = question_language(statement)
    with services.search.view() as view:
        candidates = view.search(statement, language=language).hits
        documents, register = view.documents, services.register(as_of, view.snapshot)
    # Names and numbers of another language are other words.
    hits = [hit for hit in candidates if hit.document.language == language]
    passages = [CitedPassage(hit.section, hit.document) for hit in hits]
    nearest = [p.section.text[slice(*nearest_sentence(statement, p))] for p in passages]
    shares = [overlap(statement, sentence) for sentence in nearest]
    if max(shares, default=0.0) < _LEAST_OVERLAP:
        return Check("not found", "no paragraph in its language has a sentence with most of its words")
    place = shares.index(max(shares))
    similarity = services.shared.similarity
    grounder = Grounder(passages, lambda one, other: similarity(one, other, language), [as_of], language)
    found = grounder.ground(Statement(statement, (place,)))
    judge = services.shared.judge
    if judge is not None and language != "en" and not judge.any_language:
        judge = None
    if isinstance(found, Violation):
        start, end = nearest_sentence(statement, passages[place])
        cited = (citation(1, hits[place].document, hits[place].section, start, end),)
        if not _states_another(found, nearest[place], hits[place].document):
            return Check("not found", found.reason, citations=cited)
        judged = _judged(judge, statement, hits[place], as_of)
        verdict: Verdict = "contradicted" if judged is False else "different fact"
        return Check(verdict, found.reason, judged is not None, cited)
    hit, span = hits[found.cites[0]], found.spans[0]
    cited = (citation(1, hit.document, hit.section, *span),)
    if (entry := _superseded(statement, hit, register)) and not off_by_name(statement):
        return _no_longer(entry, register, documents, cited)
    judged = _judged(judge, statement, hit, as_of)
    if judged is None:
        return Check("same facts", "no judge has compared its meaning with the paragraph", citations=cited)
    if not judged:
        return Check("not found", "the judge does not find it in the nearest paragraph", True, cited)
    return Check("supported", judged=True, citations=cited)


def _states_another(violation: Violation, sentence: str, document: Document) -> bool:
    """Whether a sentence has a day, number or time in place of the one that it lacks."""
    if violation.check == "times":
        return bool(clocks(sentence))
    facts = days_and_numbers(sentence, document.date, document.language)
    kind = {"days": date, "numbers": float}.get(violation.check)
    return kind is not None and any(isinstance(fact, kind) for fact in facts)


def _judged(judge: Judge | None, statement: str, hit: Hit, as_of: date) -> bool | None:
    """Return the judge's verdict on whether a paragraph says a statement; None without one."""
    from bot.llm.judge import JudgeRequest

    if judge is None:
        return None
    try:
        return judge.verdicts([JudgeRequest(statement, (hit,), before="", as_of=as_of)])[0]
    except (ModelError, StoreError) as error:
        _LOG.warning("no verdict of the judge: %s", error)
        return None


def _superseded(statement: str, hit: Hit, register: Iterable[RegisterEntry]) -> RegisterEntry | None:
    """Return the entry that a paragraph dates to days of the statement, if these are no longer valid."""
    claimed = days_and_numbers(statement, hit.document.date, hit.document.language)
    return next(
        (
            entry
            for entry in register
            if entry.is_off
            and not claimed.isdisjoint({entry.start, entry.end} - {None})
            and any(mention.section_id == hit.section.id for mention in entry.mentions)
        ),
        None,
    )


def _no_longer(
    entry: RegisterEntry,
    register: Iterable[RegisterEntry],
    documents: Sequence[Document],
    cited: tuple[Citation, ...],
) -> Check:
    """Return the verdict on a date that is no longer valid, with the paragraph that has the new one."""
    new = next((e for e in register if e.id == entry.rescheduled_to), None)
    by_source = {document.source: document for document in documents}
    later = [replace(c, marker=2) for c in entry_citations(new or entry, by_source)][:1]
    note = f"{title(entry)}: {when(new) if new else status_word(entry.status)}"
    others = [c for c in later if c.section_id != cited[0].section_id]
    return Check("superseded", note, citations=(*cited, *others))
