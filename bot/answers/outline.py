"""Outlines by the structure of the documents: of a topic, of two topics side by side, of a document itself. Pure.

A topic has its sentences, its dates in the register, and the headings under which there is more. A document has the
facts that the catalog has of it, and its headings.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby

from bot.answers import remarks
from bot.answers.answer import Answer
from bot.answers.citations import citation, stands_alone
from bot.answers.composing import join_answers, register_answer
from bot.answers.extractive import Selection, topic_answer
from bot.answers.ranking import RUN_IN, is_sentence
from bot.locales import _, and_more, commas, ngettext, semicolons
from bot.question import Question
from bot.question.lexicon import any_of, relations, table, word_list
from bot.register.questions import AnswerLine, EntrySearch
from bot.register.questions.search import FULL_SCORE
from bot.register.wording import document_date, entry_sentence
from bot.safe_text import one_line
from ingest.document.sentences import split
from store.records import Citation, Document, Hit, Section
from store.search import SearchResult, Sentence
from store.terms import content_words, stem, terms, words

_MOST_QUOTED = 2
_MOST_DATES = 4
_MOST_HEADINGS = 4
_MOST_OF_HEADING = 4
_MOST_HEADINGS_OF_DOCUMENT = 20
_MOST_DOCUMENTS = 10
# Least share of a topic's terms, by idf, of a sentence on it and of a further paragraph, and of its words in an entry
# of the register, where those in the entry's sentence count .7.
_LEAST_ON_TOPIC = 0.6
_LEAST_OF_PARAGRAPH = 0.9
_LEAST_OF_ENTRY = 0.69
# A label has at most so many words; a longer one is a sentence.
_LABEL_WORDS = 8

_DOCUMENT = {fact: any_of(phrases) for fact, phrases in table("asking")["document"].items()}
_PAPERS = word_list("papers") | frozenset(word + "s" for word in word_list("papers"))
_BROAD = word_list("broad") | word_list("vague")
_AROUND = _PAPERS | _BROAD | word_list("around_changes")
_TIME = word_list("time")
_WORD = re.compile(r"[^\s,;:?!()]*[^\W_]")
_BETWEEN_TOPICS = re.compile(r"\b(?:and|or)\b|[,;/&]")
_SIDE = r"[^,;:?!]+?"


def _comparisons() -> list[re.Pattern[str]]:
    of = {name: rf"(?:{'|'.join(phrases)})\b" for name, phrases in table("asking")["comparing"].items()}
    end = rf"\s+(?:the\s+)?(?P<other>{_SIDE})\s*(?:[,;:?!.]*$|[,;:?!])"
    return [
        re.compile(rf"\b{of['opens']}\s+(?P<one>{_SIDE})\s+{of['joins']}{end}", re.I),
        re.compile(rf"\b{of['weighs']}\s+(?P<one>{_SIDE})\s+{of['weighed']}{end}", re.I),
        re.compile(rf"^(?P<one>{_SIDE})\s+{of['between']}{end}", re.I),
    ]


_COMPARISONS = _comparisons()


def compared(question: Question, is_rare: Callable[[str], bool]) -> tuple[str, str] | None:
    """Return the two topics that a question sets side by side, each with a rare word; None for any other question."""
    for pattern in _COMPARISONS:
        if found := pattern.search(question.turn):
            one, other = (_name_in(found[side]) for side in ("one", "other"))
            wanted = [[w for w in content_words(side) if w not in _TIME] for side in (one, other)]
            if all(any(is_rare(stem(word)) for word in side) for side in wanted):
                return one, other
    return None


def _name_in(text: str) -> str:
    """Return a text from its first topic word to its last one."""
    found = [m for m in _WORD.finditer(text) if any(w not in _BROAD for w in content_words(m.group()))]
    return text[found[0].start() : found[-1].end()] if found else ""


def lone_topic(question: Question, found: SearchResult) -> Question | None:
    """Return the question with the terms of its topic alone, if it asks for nothing else; None if it does.

    A topic is one word, or a name: of a heading, a title in a paragraph's first line, what has a short form, or words
    that are together in a document. The documents have its words.
    """
    if question.context or not {"what", "overview"}.issuperset(question.asks):
        return None
    names = [set(terms(name)) for name in _names(question, found)]
    topic: list[str] = []
    for part in _BETWEEN_TOPICS.split(question.subject):
        stems = {stem(word): None for word in content_words(part) if word not in _BROAD}
        name = _name_in(part).casefold()
        is_name = any(stems.keys() <= known for known in (question.names, *names)) or (
            len(stems) > 1 and any(name in hit.section.text.casefold() for hit in found.hits)
        )
        is_relation = "what" in question.asks and not relations().keys().isdisjoint(stems)
        if not is_name and (len(stems) > 1 or is_relation):
            return None
        topic += stems
    has_form = {stem(word) for name in (*found.names, *question.others) for word in words(name)}
    if not topic or any(not found.frequencies.get(term) and term not in has_form for term in topic):
        return None
    return replace(question, terms=tuple(dict.fromkeys(topic)), asks=())


def _names(question: Question, found: SearchResult) -> Iterable[str]:
    for forms in (found.names, question.others):
        for name, others in forms.items():
            yield from (name, *others)
    for hit in found.hits:
        yield from (hit.section.heading, _label(hit.section))


def _label(section: Section) -> str:
    """Return the title in the first line of a paragraph, "" for none."""
    found = RUN_IN.match(section.text)
    is_label = found and found.group()[-1] == " " and len(found["label"].split()) <= _LABEL_WORDS
    return found["label"] if found and is_label else ""


def topic_outline(
    draft: Answer, selection: Selection, search: EntrySearch, documents: Sequence[Document]
) -> Answer | None:
    """Return the draft with sentences on a topic, its dates, and the headings with more; None without sentences.

    `selection` is that of a `lone_topic`.
    """
    quotes = topic_quotes(draft, selection)
    if quotes is None:
        return None
    topic = " ".join(word for word in content_words(selection.question.subject) if word not in _BROAD)
    lines = _dates(topic, search, draft.as_of)
    parts = [quotes, *([register_answer(draft, lines, documents)] if lines else ())]
    seen = {c.section_id for part in parts for c in part.citations}
    if others := _elsewhere(draft, selection, seen, named=len(documents) > 1):
        parts.append(others)
    outline = join_answers(draft, [("", part) for part in parts])
    # Its sentences are quoted: only its dates are computed.
    return replace(outline, computed=False)


def topic_quotes(
    draft: Answer, selection: Selection, without: Set[str] = frozenset(), title: str = ""
) -> Answer | None:
    """Return the draft with two sentences on a topic, or three, below a title; None if there are none.

    `without` are sentences that are quoted already.
    """
    superseded = {s.hit.document.id for s in selection.versions[1:]}
    about = [
        s
        for s in selection.ranked
        if s.coverage >= _LEAST_ON_TOPIC and s.text not in without and s.hit.document.id not in superseded
    ]
    # The first sentence below its own name says what it is.
    about.sort(key=lambda s: s.start > 0 or not _is_named(selection, s) or not stands_alone(s))
    if not about:
        return None
    # Below a name of its own there is more to say of it.
    most = _MOST_QUOTED + _is_named(selection, about[0])
    return topic_answer(draft, replace(selection, ranked=about), most, title)


def _is_named(selection: Selection, sentence: Sentence) -> bool:
    """Whether the topic is the title of a sentence's paragraph, or that of the heading, whose first one it is."""
    section, wanted = sentence.hit.section, selection.question.terms
    same = [h.section.position for h in selection.found.hits if h.section.heading == section.heading]
    names = [_label(section), section.heading if section.position == min(same) else ""]
    return any(selection.weights.coverage(set(terms(name)), wanted) >= _LEAST_OF_PARAGRAPH for name in names)


def _dates(topic: str, search: EntrySearch, as_of: date) -> list[AnswerLine]:
    """Return lines of the register on a topic: what is ahead, and then what is past, the latest first."""
    # An entry that has all words of the topic: those in its sentence count less.
    matches = [
        m for m in search.matches(topic) if m.score >= _LEAST_OF_ENTRY + (1 - _LEAST_OF_ENTRY) * m.titled
    ]
    # Of those that only their sentences connect with it, none if others have it in their titles.
    titled = [m for m in matches if m.titled >= FULL_SCORE] or matches
    found = [
        m.entry for m in titled if m.entry.rescheduled_to is None and (m.entry.last_day or m.entry.is_off)
    ]
    ahead = sorted((e for e in found if not e.is_over(as_of)), key=lambda e: e.first_day or date.max)
    past = [e for e in found if e.is_over(as_of)]
    past.sort(key=lambda e: e.last_day or date.min, reverse=True)
    return [
        AnswerLine(entry_sentence(entry, as_of), (entry,), "" if n else _("Dates:"))
        for n, entry in enumerate([*ahead, *past][:_MOST_DATES])
    ]


def _elsewhere(draft: Answer, selection: Selection, seen: Set[str], *, named: bool) -> Answer | None:
    """Return the headings with further paragraphs on a topic; `named`: with the name of their document."""
    wanted, weights = selection.question.terms, selection.weights
    under: dict[tuple[str, str], list[Hit]] = {}
    for hit in selection.found.hits:
        section = hit.section
        present = set(terms(f"{section.heading} {section.text}"))
        if section.id not in seen and weights.coverage(present, wanted) >= _LEAST_OF_PARAGRAPH:
            under.setdefault((hit.document.id, section.heading), []).append(hit)
    lines, citations = [_("More on this:")], list[Citation]()
    for hits in list(under.values())[:_MOST_HEADINGS]:
        markers = []
        shown = sorted(hits[:_MOST_OF_HEADING], key=lambda hit: hit.section.position)
        for hit in shown:
            citations.append(_of_heading(len(citations) + 1, hit.document, hit.section))
            markers.append(f"[{len(citations)}]")
        document = (shown[0].document.symbol or shown[0].document.title) if named else ""
        numbers = commas(dict.fromkeys(hit.section.number for hit in shown))
        lines.append(f"{commas([document, _heading(numbers, shown[0].section.heading)])} {''.join(markers)}")
    if not citations:
        return None
    return replace(draft, text="\n".join(lines), answered=True, citations=tuple(citations))


def _of_heading(marker: int, document: Document, section: Section) -> Citation:
    """Return the citation of a whole paragraph, which quotes its heading."""
    return replace(citation(marker, document, section, 0, 0), quote=section.heading)


def _heading(numbers: str, heading: str) -> str:
    """Return a heading with the numbers of its paragraphs; a document without numbers has "0"."""
    return one_line(f"§ {numbers} {heading}".strip() if numbers != "0" else heading)


def side_by_side(
    draft: Answer, sides: Sequence[tuple[str, Selection]], refusals: Callable[[Selection], Answer]
) -> Answer:
    """Return the draft with sentences on each topic below its name, or what is not there; else a refusal."""
    parts, used = list[tuple[str, Answer]](), frozenset[str]()
    for name, selection in sides:
        quotes = topic_quotes(draft, selection, used, _written(name, selection))
        parts.append((name, quotes or refusals(selection)))
        used |= {s.text for s in selection.ranked if quotes and s.text in quotes.text}
    reply = join_answers(draft, parts)
    return reply.noted(remarks.not_compared()) if reply.answered else reply


def _written(name: str, selection: Selection) -> str:
    """Return a heading with a topic as the documents write it, or else as it was typed."""
    found = (re.search(re.escape(name), hit.section.text, re.I) for hit in selection.found.hits)
    return _("{name}:", name=next((match.group() for match in found if match), name))


@dataclass(frozen=True, slots=True)
class DocumentQuestion:
    """A question about documents themselves, and what of them it asks for: "contents", "author", "pages", "symbol"."""

    documents: Sequence[Document]
    asked: frozenset[str]


def document_question(question: Question, documents: Sequence[Document]) -> DocumentQuestion | None:
    """Return the question about documents themselves; None for any other one.

    It has no words but those for papers, for their facts and around these. All are meant unless it names one, by its
    symbol or file name.
    """
    if question.context or not documents:
        return None
    left, named = question.turn, list[Document]()
    folded = left.casefold()
    for document in documents:
        for name in filter(None, (document.symbol, document.source)):
            if name.casefold() in folded:
                named.append(document)
                left = re.sub(re.escape(name), " ", left, flags=re.I)
                folded = left.casefold()
    asked = set()
    for fact, pattern in _DOCUMENT.items():
        if pattern.search(left):
            asked.add(fact)
            left = pattern.sub(" ", left)
    points = "contents" in asked or (question.points_back and "author" in asked)
    if not (named or points or not _PAPERS.isdisjoint(words(left))):
        return None
    if any(word not in _AROUND for word in content_words(left)):
        return None
    return DocumentQuestion(named or documents, frozenset(asked or {"contents"}))


def document_outline(
    draft: Answer, asked: DocumentQuestion, sections_of: Callable[[str], Sequence[Section]]
) -> Answer:
    """Return the draft with what the catalog has of documents, and of a single one its headings, if they are asked for.

    `sections_of` returns a document's sections, by its id. Each line cites a paragraph.
    """
    versions = sorted(asked.documents, key=lambda d: d.distance_of_language(draft.language))
    single = list({d.neutral_symbol or d.id: d for d in reversed(versions)}.values())
    single.sort(key=lambda d: d.date or date.min, reverse=True)
    lines, citations = list[str](), list[Citation]()

    def add(line: str, document: Document, section: Section, start: int = 0, end: int = 0) -> None:
        cited = citation(len(citations) + 1, document, section, start, end)
        citations.append(cited if end else _of_heading(cited.marker, document, section))
        lines.append(f"{line} [{len(citations)}]")

    for document in single[:_MOST_DOCUMENTS]:
        sections = sections_of(document.id)
        if not sections:
            continue
        spans = [s for s in split(sections[0].text) if is_sentence(sections[0].text[slice(*s)])]
        start, end = spans[0] if spans else (0, 0)
        add(_facts(document, sections, asked.asked), document, sections[0], start, end)
        if len(single) > 1 or "contents" not in asked.asked:
            continue
        if spans:
            lines.append(f"{sections[0].text[start:end]} [{len(citations)}]")
        chapters = [list(group) for _heading, group in groupby(sections[1:], key=lambda one: one.heading)]
        lines.append(_("Its headings:"))
        for under in chapters[:_MOST_HEADINGS_OF_DOCUMENT]:
            ends = dict.fromkeys((under[0].number, under[-1].number))
            labels = semicolons(dict.fromkeys(_label(section) for section in under))
            heading = _heading("–".join(ends), under[0].heading)
            add(
                _("{heading}: {line}", heading=heading, line=labels) if labels else heading,
                document,
                under[0],
            )
    lines += and_more(len(single) - _MOST_DOCUMENTS)
    return replace(draft, text="\n".join(lines), answered=True, citations=tuple(citations))


def _facts(document: Document, sections: Sequence[Section], asked: Set[str]) -> str:
    pages = max((section.page or 0 for section in sections), default=0)
    known = {
        "author": "",
        "symbol": document.symbol or "",
        "pages": ngettext("{count} page", "{count} pages", pages) if pages else "",
    }
    names = {"author": _("author"), "symbol": _("symbol"), "pages": _("number of pages")}
    missing = commas(names[fact] for fact in names if fact in asked and not known[fact])
    facts = [
        known["symbol"],
        document_date(document),
        known["pages"],
        ngettext("{count} paragraph", "{count} paragraphs", len(sections)),
        _("version {number}", number=document.version) if document.version > 1 else "",
    ]
    told = [commas(facts), _("not known: {facts}", facts=missing) if missing else ""]
    line = _("{facts}.", facts=semicolons(told))
    return _("{heading}: {line}", heading=one_line(document.title or document.source), line=line)
