"""Composes answers: of lines of the register, of sentences and lines together, of the parts of a question. Pure.

"When is SIDS4, and who leads the preparation?" has two parts, which are answered one by one. "Where and when is SIDS4?"
has one: a single sentence may answer both, and what that sentence lacks is searched for by itself. "Research and
development" and "the forum, which ended in May" are not divided.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from bot.answers import remarks
from bot.answers.answer import Answer
from bot.answers.asked_kinds import AskedKinds, tested_kinds
from bot.answers.citations import entry_citations
from bot.answers.extractive import extractive_answer, refusal, select
from bot.answers.ranking import dated_events, may_be_at
from bot.locales import _, commas, joined, noted, semicolons
from bot.question import (
    Ask,
    Question,
    asked_for,
    asking_phrases,
    context_of,
    name_terms,
    points_back,
    understand,
)
from bot.question.lexicon import relations
from bot.register import RegisterEntry
from bot.register.questions import AnswerLine, RegisterQuery
from bot.register.questions.query import TALK
from bot.register.versions import differing_dates
from bot.register.wording import status, title, when
from ingest.languages import paragraph_words
from store.records import Citation, Document
from store.search import SearchResult
from store.terms import content_words, stem

_MOST_CORRECTIONS = 3


@dataclass(frozen=True, slots=True)
class RegisterReply:
    """The register's answer to a query, and the lines that it is made of."""

    query: RegisterQuery
    lines: Sequence[AnswerLine]
    answer: Answer

    @property
    def entries(self) -> list[RegisterEntry]:
        """The entries of the lines."""
        return [entry for line in self.lines for entry in line.entries]

    @property
    def kinds(self) -> frozenset[Ask]:
        """The kinds of answer that the lines give: dates, and places if each entry has one."""
        located = all(entry.location for entry in self.entries)
        return frozenset({"when", "how long", "where"} if located else {"when", "how long"})

    def answers(self, question: Question) -> bool:
        """Whether nothing that is asked for is missing."""
        # A list of what is on is complete; a question about one event may also ask who, why or where.
        return not self.query.topics or self.kinds.issuperset(tested_kinds(question.asks))


def register_answer(draft: Answer, found: Sequence[AnswerLine], documents: Sequence[Document]) -> Answer:
    """Return the draft with the register's lines, each citing the paragraphs that date its entries."""
    by_source = {document.source: document for document in documents}
    # Entries that one sentence dates share a marker.
    cited: dict[tuple[str, str, str], Citation] = {}
    lines = []
    for line in found:
        markers = []
        for citation in (
            c for entry in line.entries for c in entry_citations(entry, by_source, draft.language)
        ):
            place = (citation.source, citation.section, citation.quote)
            cited.setdefault(place, replace(citation, marker=len(cited) + 1))
            markers.append(f"[{cited[place].marker}]")
        lines += [line.heading] if line.heading else []
        lines.append(f"{line.text} {''.join(dict.fromkeys(markers))}")
    return replace(
        draft, text="\n".join(lines), answered=True, computed=True, citations=tuple(cited.values())
    )


def with_corrections(reply: Answer, entries: Sequence[RegisterEntry]) -> Answer:
    """Return the answer with a note on corrections of the dates in the sentences that it quotes."""
    quoted = [(citation.section_id, citation.quote) for citation in reply.citations]
    corrected = [
        noted(commas([title(entry), when(entry)]), status(entry))
        for entry in entries
        if entry.corrected
        and any(
            quote and section == mention.section_id and (mention.quote in quote or quote in mention.quote)
            for section, quote in quoted
            for mention in entry.mentions
        )
    ]
    if not corrected:
        return reply
    return reply.noted(
        _("Corrected in the register: {entries}.", entries=semicolons(corrected[:_MOST_CORRECTIONS]))
    )


def with_differences(
    reply: Answer, entries: Sequence[RegisterEntry], documents: Sequence[Document]
) -> Answer:
    """Return the answer with a note on cited paragraphs that versions in several languages date differently."""
    symbols = {document.source: document.neutral_symbol for document in documents}
    places = [(symbol, c.section) for c in reply.citations if (symbol := symbols.get(c.source))]
    for note in differing_dates(entries, documents, places):
        reply = reply.noted(note)
    return reply


def with_corrigenda(
    reply: Answer, documents: Sequence[Document], texts_of: Callable[[str], Sequence[str]]
) -> Answer:
    """Return the answer with a note on each corrigendum of a cited paragraph.

    `texts_of` returns the texts of a document's paragraphs, by its id. One that names no paragraph is noted for all.
    """
    cited = {document.id: document for document in documents}
    places = [(cited[c.document_id], c.section) for c in reply.citations if c.document_id in cited]
    for corrigendum in documents:
        symbol = corrigendum.corrected_symbol
        sections = list(dict.fromkeys(s for d, s in places if symbol and d.unrevised_symbol == symbol))
        if not sections:
            continue
        text = "\n".join(texts_of(corrigendum.id))
        named = [section for section in sections if _names_paragraph(text, section)]
        if named or not _paragraph().search(text):
            reply = reply.noted(remarks.corrected(corrigendum.symbol or corrigendum.source, named))
    return reply


@lru_cache
def _paragraph() -> re.Pattern[str]:
    """The pattern of a numbered paragraph as documents name it."""
    parts = [word.partition("…") for word in sorted(paragraph_words(), key=len, reverse=True)]
    before = "|".join(re.escape(word) for word, around, _ in parts if not around)
    around = "|".join(
        rf"{re.escape(word)}\s*{_NUMBER}\s*{re.escape(end)}" for word, sign, end in parts if sign
    )
    return re.compile(rf"(?<![A-Za-zÀ-ÿЀ-ӿ])(?:{before})\s*{_NUMBER}|{around}", re.I)


_NUMBER = r"\d+(?:\.\d+)*"


def _names_paragraph(text: str, number: str) -> bool:
    """Whether a text names a paragraph: "paragraph 2.2", "§ 5", or a number of several parts alone."""
    if any(number in re.findall(_NUMBER, found[0]) for found in _paragraph().finditer(text)):
        return True
    return "." in number and re.search(rf"(?<![\d.]){re.escape(number)}(?!\.?\d)", text) is not None


_MOST_PARTS = 3
_AUXILIARY = r"(?:is|are|was|were|do|does|did|will|would|can|could|should|has|have|had|may|must)"
_SECOND_QUESTION = (
    r"(?:(?:who|whom|whose|which|what)\b"
    rf"|(?:when|where|why|how)(?:['’]s\b|\s+(?:{_AUXILIARY}|many|much|long|often|soon|to|about)\b))"
)
_LINK = r"(?:and|but|also|plus)"
_BETWEEN = re.compile(
    rf"\s*;\s*(?=(?:{_LINK}\s+)*{_SECOND_QUESTION})|\s*\?+\s+(?=(?:{_LINK},?\s+)*(?:{_SECOND_QUESTION}|{_AUXILIARY}\s+\w+))"
    rf"|,?\s+(?={_LINK}\s+(?:also\s+)?{_SECOND_QUESTION})"
    # "and is ITU on it?" is about the same thing; "and is the forum on?" may be about another one.
    rf"|,\s+(?={_LINK}\s+{_AUXILIARY}\s+(?:the|an?|[A-Z]\w*\d)\b)",
    re.I,
)
_ABOUT = re.compile(r"^\W*(?:what|how)\s+about\s+(?P<topic>[^?]+)", re.I)
# Kinds of answer that "what about …" can ask for again.
_SIMPLE = frozenset({"when", "where", "who"})
_LEADING_LINK = re.compile(rf"^\W*(?:{_LINK}\b,?\s*)+", re.I)
_DEFINITE = re.compile(r"\bthe\s+(?!(?:un|itu)\b)[a-z]", re.I)
# Kinds that one sentence or one entry of the register answers together.
_OF_AN_ENTRY = frozenset({"when", "where", "how long", "whether"})
_MARKER = re.compile(r"\[(\d+)\]")
_REPEATED = re.compile(r"(\[\d+\])\1+")
# A sentence with its markers; in a list, a line with the heading above it.
_SENTENCE = re.compile(r"\S.*?(?:\[\d+\])+(?=\s|$)", re.S)


def split_text(question: str) -> list[str]:
    """Return the parts of a question as they were typed, or the question alone."""
    parts: list[str] = []
    start = 0
    for match in _BETWEEN.finditer(question):
        left, right = question[start : match.start()], question[match.end() :]
        if (
            len(parts) < _MOST_PARTS - 1
            and asked_for(left)
            and content_words(left)
            and _is_another(left, right)
        ):
            parts.append(left.strip(" ,;"))
            start = match.end()
    return [*parts, question[start:].strip()]


def split_question(question: Question, is_rare: Callable[[str], bool]) -> list[Question]:
    """Return the parts of a question, each with the context that it needs of the parts before it."""
    first, *others = split_text(question.turn)
    if not others:
        return [question]
    parts = [understand(first, question.context)]
    for other in others:
        # Here "and" only joins two questions; at the beginning of a turn it would mark a follow-up.
        text = _LEADING_LINK.sub("", other).strip(" ,;")
        before = parts[-1]
        about, asks = _ABOUT.match(text), before.turn_asks
        if about and asks and set(asks) <= _SIMPLE:
            parts.append(understand(f"{' and '.join(asks)} is {about['topic'].strip()}?"))
            continue
        context = context_of(text, before.turn, before.context, is_rare)
        refers = points_back(text) or _DEFINITE.search(text) is not None
        if not context and refers and not name_terms(text):
            context = before.context or before.turn
        parts.append(understand(text, context))
    return parts


def _is_another(left: str, right: str) -> bool:
    """Whether the next part asks more than a detail of the same: "and where is it?", "and when does it end?"."""
    following = re.split(r"[;?]", right, maxsplit=1)[0]
    names = name_terms(following)
    content = [word for word in content_words(following) if stem(word) in names or stem(word) not in TALK]
    if not content:
        kinds = {*asked_for(left), *asked_for(following)}
        return points_back(following) and not kinds <= _OF_AN_ENTRY
    same = set(asked_for(_LEADING_LINK.sub("", following))) <= set(asked_for(left))
    details = all(stem(word) in relations() for word in content)
    return not (same and details and points_back(following))


def complete(
    draft: Answer,
    question: Question,
    reply: Answer | None,
    from_register: RegisterReply | None,
    found: SearchResult | None,
) -> Answer:
    """Return the documents' reply, or else the register's, with the kinds of answer that it lacks.

    If the question asks for several kinds, each that both lack is looked for in what was found, and named as unanswered
    if it is not there; without `found`, a model has looked already. If nothing is answered, the reply is returned.
    """
    asked, kinds = tested_kinds(question.asks), AskedKinds.of(question)
    whole, settled = _with_register(draft, kinds, reply or draft, from_register)
    missing = [kind for kind in asked if kind not in settled]
    # "How many days until the Summit?" asks for one kind, which the register's lines give.
    single = len(asked) < 2 and (whole is reply or "how many" in asked)
    if single or not missing:
        return whole
    phrases = asking_phrases(question.text)
    entries = from_register.entries if from_register is not None else ()
    parts = [("", whole)] if whole.answered else []
    for kind in missing:
        if not any(part.answered and kinds.matches(kind, part.text) for _, part in parts):
            parts.append((phrases.get(kind, kind), _answer_kind(draft, question, kind, found, entries)))
    return join_answers(draft, parts) if any(part.answered for _, part in parts) else whole


def _with_register(
    draft: Answer, kinds: AskedKinds, reply: Answer, from_register: RegisterReply | None
) -> tuple[Answer, set[Ask]]:
    """Return the reply, with the register's lines if it lacks a kind that they give, and the settled kinds.

    A kind is settled if it is answered, or if the reply names it as unanswered.
    """
    # A model may say what it found no answer to.
    named = {kind for words in reply.unanswered for kind in asked_for(words)}
    asked = tested_kinds(kinds.asks)
    given = {k for k in asked if reply.answered and k not in named and kinds.matches(k, reply.text)}
    if from_register is None or (reply.answered and given >= from_register.kinds.intersection(asked)):
        return reply, given | named
    whole = (
        join_answers(draft, [("", reply), ("", from_register.answer)])
        if given or named
        else from_register.answer
    )
    given |= from_register.kinds
    unanswered = tuple(w for w in whole.unanswered if not given.issuperset(asked_for(w) or ["what"]))
    return replace(whole, unanswered=unanswered), given | named


def _answer_kind(
    draft: Answer,
    question: Question,
    kind: Ask,
    found: SearchResult | None,
    entries: Sequence[RegisterEntry],
) -> Answer:
    """Return the best sentence found for one kind of answer, or a refusal."""
    if found is None:
        return replace(draft, reason="no evidence")
    alone = select(replace(question, asks=(kind,)), found)
    if not alone.ranked or not alone.ranked[0].has_asked_kind:
        return refusal(draft, alone)
    if kind == "where":
        # Beside other answers, the place of another event would pass for an answer.
        best = alone.ranked[0]
        dated = dated_events(found.events).get((best.hit.section.id, best.start), {})
        if not may_be_at(best.text, {entry.id: entry.title for entry in entries}, dated):
            return refusal(draft, alone)
    return extractive_answer(draft, alone, best_only=True)


def join_answers(draft: Answer, parts: Sequence[tuple[str, Answer]]) -> Answer:
    """Return the draft with the answers to the parts, (question, answer) each; else the first refusal."""
    answered = [reply for _, reply in parts if reply.answered]
    if not answered:
        return replace(parts[0][1], question=draft.question, standalone_question=draft.standalone_question)
    citations: list[Citation] = []
    texts: list[str] = []
    said: set[str] = set()
    for reply in answered:
        shift, told, end = len(citations), "", 0
        for found in _SENTENCE.finditer(reply.text):
            bare = _MARKER.sub("", found.group()).strip()
            if bare not in said:
                gap = "\n" if "\n" in reply.text[end : found.start()] else " "
                told += gap + _numbered(found.group(), shift.__add__)
            said.add(bare)
            end = found.end()
        texts.append(told.strip())
        citations += [replace(citation, marker=citation.marker + shift) for citation in reply.citations]
    listed = any("\n" in reply.text for reply in answered)
    text = ("\n" if listed else " ").join(filter(None, texts))
    used = {int(number) for number in _MARKER.findall(text)}
    kept: list[Citation] = []
    number: dict[int, int] = {}
    for cited in (citation for citation in citations if citation.marker in used):
        # What two parts quote of a section has one number.
        same = (
            c for c in kept if cited.quote in c.quote and replace(cited, marker=c.marker, quote=c.quote) == c
        )
        if (known := next(same, None)) is None:
            known = replace(cited, marker=len(kept) + 1)
            kept.append(known)
        number[cited.marker] = known.marker
    models = [reply.model for reply in answered if reply.model != draft.model]
    # A section that is nearest to two parts is offered once.
    nearest = {(n.source, n.section): n for _, reply in parts for n in reply.nearest}
    judged = [reply.judged for reply in answered if reply.judged is not None]
    return replace(
        draft,
        text=_REPEATED.sub(r"\1", _numbered(text, number.__getitem__)),
        answered=True,
        confidence="low" if any(reply.confidence == "low" for reply in answered) else "high",
        model=models[0] if models else draft.model,
        citations=tuple(kept),
        nearest=tuple(nearest.values()),
        removed=tuple(removed for _, reply in parts for removed in reply.removed),
        judged=all(judged) if judged else None,
        note=joined(*dict.fromkeys(reply.note for reply in answered if reply.note)) or None,
        basis=next((reply.basis for _, reply in parts if reply.basis.full_text_only), draft.basis),
        computed=any(reply.computed for reply in answered),
        unanswered=tuple(
            w for words, reply in parts for w in (reply.unanswered if reply.answered else (words,))
        ),
    )


def _numbered(text: str, number: Callable[[int], int]) -> str:
    return _MARKER.sub(lambda match: f"[{number(int(match[1]))}]", text)
