"""Answers without a language model: the items as they are, in one of three kinds of answer.

Nothing here understands a question. A period in it lists the register, an example that it is near to says what else it
may want, and everything else is a search. Whether the paragraphs found are *the answer*, the *closest passages* or
nothing is decided by two regressions on three scores (`GATES`), which need no words of a language.
"""

from __future__ import annotations

import math
import re
import threading
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from importlib.resources import files
from typing import Literal, NamedTuple, cast

import numpy as np
from rapidfuzz import fuzz
from text_to_num import alpha2digit

from bot.answering import remarks
from bot.answering.answer import Confidence, Reply
from bot.answering.items import Item, sentences
from bot.answering.reply import Line, Quote, Request, composed
from bot.answering.tools import Found, Tools, about_assistant
from bot.locales import LANGUAGES, _, and_more, joined
from ingest.text.dates import find_dates
from store.search import SearchResult
from store.terms import STOP_WORDS, content_words, stem, terms, words
from store.vectors.encoders import QuestionEncoder, Vector, Vectors

Wish = Literal["greeting", "thanks", "farewell", "about", "ahead", "changed", "documents"]

# A message is like an example from this cosine on; with a period in it, like a wish for a list from the second one on:
# of the 57 questions of the development sets with a period, it lists 40 of 45 about time and 6 of 19 others.
_LIKE_AN_EXAMPLE = 0.6
_LIKE_A_LIST = 0.4
# Paragraphs of an answer.
_MOST_PARAGRAPHS = 3
# A paragraph with this share of the first one's score is shown beside it.
_LEAST_SHARE = 0.6
# What the coverage of a question's words counts against the cosine of a sentence: of six weightings the best on the
# first paragraph of the two development sets (.93 and .82 of marked facts; by the score of the search .89 and .82).
_COVERAGE = 0.5
# A follow-up has at most so many words of content.
_FEW_WORDS = 3
# A question names an event whose title, place and sentence have this share of its words, weighted, or whose title has
# words that are as like its own; beside the best one, others that are nearly as near. So many lines stand above the
# paragraphs.
_NAMED = 0.55
_LIKE_THE_TITLE = 0.8
_LEAST_OF_BEST = 0.9
_MOST_DATES = 3
# Lines of a list.
_MOST_LINES = 12


class Regression(NamedTuple):
    """A logistic regression on three scores of a search: of the nearest sentence, paragraph and coverage."""

    sentence: float
    paragraph: float
    coverage: float
    constant: float

    def probability(self, evidence: Evidence) -> float:
        """Return the probability, 0..1."""
        weighted = (
            self.sentence * evidence.sentence
            + self.paragraph * evidence.paragraph
            + self.coverage * evidence.coverage
            + self.constant
        )
        return 1 / (1 + math.exp(-weighted))


class Gate(NamedTuple):
    """Decides between the three kinds of answer: first whether the documents are about it, then whether they answer."""

    about: Regression
    least_about: float
    answers: Regression
    least_answers: float


# Fitted by `python -m tests.tools.quality.gate` on the development sets: in English, and in the five other languages.
# The first bound keeps 19 of 20 answerable questions and refuses 49 of 50 on anything else. With the second one, a
# sixth of the questions on the documents' subjects that have no answer are shown as answered.
GATES = {
    True: Gate(Regression(7.22, 7.03, 3.61, -4.99), 0.62, Regression(1.19, 2.31, 1.50, -2.33), 0.66),
    False: Gate(Regression(16.07, 17.34, 10.84, -6.84), 0.46, Regression(5.36, 3.51, 0.0, -2.15), 0.70),
}


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a search says of a question: its paragraphs, the best first, and the scores that the gate reads."""

    items: tuple[Item, ...]
    scores: tuple[float, ...]
    sentence: float
    """The cosine of the nearest sentence of the best paragraph."""
    paragraph: float
    """The highest cosine of a paragraph."""
    coverage: float
    """The share of the question's words, weighted by idf, that the best paragraph has."""
    unknown: tuple[str, ...]
    """Words of the question that no document has."""
    weights: Mapping[str, float]
    """Stem of each word of the question -> its weight, which is greater the fewer paragraphs have it."""

    def covered_by(self, text: str) -> float:
        """Return the weighted share of the question's words that a text has, 0..1."""
        total = sum(self.weights.values())
        own = set(terms(text))
        return sum(weight for term, weight in self.weights.items() if term in own) / total if total else 0.0


class PlainAnswerer:
    """Answers with the items as they are. Safe between threads."""

    name = "extractive"

    def __init__(self, encoder: QuestionEncoder) -> None:
        self._examples = Examples(encoder)

    def warm_up(self) -> None:
        """Embed the examples for questions in English."""
        self._examples.vectors("en")

    def answer(self, request: Request, tools: Tools) -> Reply:
        """Return the reply. Raises StoreError."""
        turn, spoken = request.turn, request.spoken
        wish, likeness = self._examples.nearest(tools.view.encode(turn, spoken), spoken)
        is_sure = likeness >= _LIKE_AN_EXAMPLE
        if is_sure and wish in ("greeting", "thanks", "farewell", "about"):
            return Reply(_talk(wish), reason="small talk")
        if spoken not in LANGUAGES:
            return Reply(remarks.language(spoken), reason="language")

        period = period_in(turn, spoken, request.as_of) if wish == "ahead" else ""
        if (period and likeness >= _LIKE_A_LIST) or (is_sure and wish == "ahead"):
            return _listed(tools.list_events(period))
        if is_sure and wish == "changed":
            return _listed(tools.what_changed())
        if is_sure and wish == "documents":
            return _listed(_documents(tools))
        reply = self._from_search(request, tools)
        if not reply.answered and wish == "ahead" and likeness >= _LIKE_A_LIST:
            # Nearer to a wish for a list than to anything in the documents.
            return _listed(tools.list_events())
        return reply

    def _from_search(self, request: Request, tools: Tools) -> Reply:
        """Return the nearest paragraphs as the answer or as the closest passages, or a refusal."""
        asked = with_question_before(request)
        found = tools.search(asked, request.spoken)
        request.lap("retrieve")
        evidence = evidence_of(asked, found)
        gate = GATES[request.spoken == "en"]
        full_text_only = found.search is not None and found.search.full_text_only

        if not evidence.items or gate.about.probability(evidence) < gate.least_about:
            refusal = _refusal(evidence, request.spoken)
            return replace(refusal, full_text_only=full_text_only, standalone_question=asked)

        least = _LEAST_SHARE * evidence.scores[0]
        shown = [item for item, score in zip(evidence.items, evidence.scores, strict=True) if score >= least][
            :_MOST_PARAGRAPHS
        ]
        lines = [
            *(Line(item.text, item.citations, "point") for item in _dates_named(asked, evidence, tools)),
            *(line for n, item in enumerate(shown) for line in quoted_lines(item, mark_best=n == 0)),
        ]
        answers = gate.answers.probability(evidence) >= gate.least_answers
        confidence: Confidence = "high" if answers else "low"
        return composed(
            lines, Reply(confidence=confidence, full_text_only=full_text_only, standalone_question=asked)
        )


class Examples:
    """The example messages with their vectors, embedded at first use: in English and for the other languages."""

    def __init__(self, encoder: QuestionEncoder) -> None:
        self._encoder = encoder
        table = tomllib.loads(files("bot.answering").joinpath("examples.toml").read_text("utf-8"))
        self._wishes: dict[str, Wish] = {
            text: cast(Wish, wish) for wish, texts in table.items() for text in texts
        }
        self._vectors: dict[bool, Vectors] = {}
        self._lock = threading.Lock()

    def vectors(self, language: str) -> Vectors:
        """Return a unit vector for each example, made as for questions in a language."""
        is_english = language == "en"
        with self._lock:
            if is_english not in self._vectors:
                rows = self._encoder.encode_questions(list(self._wishes), language)
                self._vectors[is_english] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
            return self._vectors[is_english]

    def nearest(self, vector: Vector, language: str) -> tuple[Wish, float]:
        """Return what the nearest example asks for, and its cosine."""
        cosines = self.vectors(language) @ (vector / np.linalg.norm(vector))
        nearest = int(np.argmax(cosines))
        return list(self._wishes.values())[nearest], float(cosines[nearest])


def evidence_of(asked: str, found: Found) -> Evidence:
    """Return the paragraphs that a search found, sorted by their nearest sentence and the words that they have."""
    search = found.search
    if search is None or not found.items:
        return Evidence((), (), 0.0, 0.0, 0.0, (), {})

    # The weight of each word of the question, by how few paragraphs have it.
    spoken = [word for word in dict.fromkeys(words(asked)) if word not in STOP_WORDS]
    weights = {
        stem(word): math.log((search.section_count + 1) / (search.frequencies.get(stem(word), 0) + 0.5))
        for word in spoken
    }
    unknown = tuple(word for word in spoken if not search.frequencies.get(stem(word)))
    evidence = Evidence((), (), 0.0, 0.0, 0.0, unknown, weights)

    nearest = _nearest_sentences(search)
    cosines = [nearest.get(item.hits[0].section.id, item.hits[0].cosine) for item in found.items]
    covered = [evidence.covered_by(f"{item.hits[0].section.heading} {item.text}") for item in found.items]
    scores = [cosine + _COVERAGE * share for cosine, share in zip(cosines, covered, strict=True)]
    order = sorted(range(len(scores)), key=lambda n: (-scores[n], n))
    best = order[0]
    return replace(
        evidence,
        items=tuple(found.items[n] for n in order),
        scores=tuple(scores[n] for n in order),
        sentence=cosines[best],
        paragraph=max(item.hits[0].cosine for item in found.items),
        coverage=covered[best],
    )


def _nearest_sentences(search: SearchResult) -> Mapping[str, float]:
    """Return section id -> the highest cosine of its sentences."""
    best: dict[str, float] = {}
    for sentence in search.sentences:
        section_id = sentence.hit.section.id
        best[section_id] = max(best.get(section_id, sentence.cosine), sentence.cosine)
    return best


def quoted_lines(item: Item, *, mark_best: bool = False) -> Iterator[Line]:
    """Yield the sentences of a paragraph in its lines, each citing the paragraph; the best one is marked."""
    hit = item.hits[0]
    text = hit.section.text
    whole = Quote(hit, 0, len(text))
    end = 0
    for start, stop in sentences(text):
        breaks = "\n" in text[end:start]
        opens: Literal["", "line", "point"] = "line" if end == 0 else "point" if breaks else ""
        yield Line(
            " ".join(text[start:stop].split()),
            (whole,),
            opens,
            is_best=mark_best and item.best == (start, stop),
        )
        end = stop


def _dates_named(asked: str, evidence: Evidence, tools: Tools) -> Sequence[Item]:
    """Return the register's lines on events that the question names.

    It has most words of the title, or the title, place and sentence have most of its words, weighted.
    """
    wanted = " ".join(content_words(asked))
    scored = []
    for entry in tools.dated_in([hit for item in evidence.items for hit in item.hits]):
        title = fuzz.token_set_ratio(" ".join(content_words(entry.title)), wanted) / 100
        covered = evidence.covered_by(f"{entry.title} {entry.location or ''} {entry.quote}")
        if title >= _LIKE_THE_TITLE or covered >= _NAMED:
            scored.append((title + covered, entry))
    best = max((score for score, _entry in scored), default=0.0)
    named = [entry for score, entry in scored if score >= _LEAST_OF_BEST * best]
    return tools.lines(named[:_MOST_DATES]).items


def _listed(found: Found) -> Reply:
    """Return the items of a list, a line each; a notice where there are none."""
    if not any(item.citations for item in found.items):
        return Reply(
            found.reason or remarks.no_events(), reason="no change" if found.reason else "no evidence"
        )
    shown = found.items[:_MOST_LINES]
    lines = [
        Line(item.text, item.citations, "point") if item.citations else Line(item.text, (), "line")
        for item in shown
    ]
    left = len(found.items) - len(shown) + found.left_out
    note = joined(*and_more(left)) or None
    return composed(lines, Reply(computed=True, note=note))


def _refusal(evidence: Evidence, spoken: str) -> Reply:
    """Return the refusal, which in English names the words that no document has, with the nearest paragraphs."""
    nearest = tuple(
        replace(cited, marker=n)
        for n, item in enumerate(evidence.items[:_MOST_PARAGRAPHS], start=1)
        for cited in item.citations
    )
    unknown = evidence.unknown if spoken == "en" else ()
    return Reply(remarks.missing(unknown) if unknown else "", reason="no evidence", nearest=nearest)


def _documents(tools: Tools) -> Found:
    """Return the documents, and of the newest one its headings."""
    found = tools.list_documents()
    listed = [item for item in found.items if item.kind == "document"]
    newest = next((item.hits[0].document for item in listed), None)
    headings = tools.fetch(tools.paragraphs.name_of(newest)).items if newest else ()
    return Found((*listed, *headings), found.left_out)


def with_question_before(request: Request) -> str:
    """Return what is searched for a turn: of few content words it is a follow-up, and the question before is added."""
    is_follow_up = len(content_words(request.turn)) <= _FEW_WORDS
    return request.in_context if is_follow_up else request.turn


def period_in(text: str, language: str, as_of: date) -> str:
    """Return the period that a text speaks of, in a form of `bot.register.period`; "" if it speaks of none."""
    counted = alpha2digit(text, language, threshold=0) if language in _NUMBERS_IN_WORDS else text
    for form, pattern in _phrases(language):
        if match := pattern.search(counted):
            return form.replace("{n}", next(filter(None, match.groups()), ""))

    # People type names of months in small letters.
    found = find_dates(text, reference=as_of, language=language) or find_dates(
        text.title(), reference=as_of, language=language
    )
    stated = [each for each in found if each.start and each.end]
    if not stated:
        return ""
    first, last = stated[0], stated[-1]
    if len(stated) == 1 and first.bound != "on":
        return f"{first.start}.." if first.bound == "from" else f"{as_of}..{first.end}"
    if first.start and last.end and first.start <= last.end:
        return f"{first.start}..{last.end}"
    return f"{first.start}..{first.end}"


_NUMBERS_IN_WORDS = frozenset({"en", "fr", "es"})
# Chinese writes no spaces between words.
_WITHOUT_SPACES = frozenset({"zh"})


@lru_cache
def _phrases(language: str) -> Sequence[tuple[str, re.Pattern[str]]]:
    """Return (form, pattern) of the phrases of a language for periods."""
    table = tomllib.loads(files("bot.answering").joinpath("periods.toml").read_text("utf-8"))
    number = r"(\d{1,4})"

    def pattern(phrases: Sequence[str]) -> re.Pattern[str]:
        either = "|".join(phrase.replace("{n}", number) for phrase in phrases)
        edge = "" if language in _WITHOUT_SPACES else r"(?<!\w)"
        return re.compile(f"{edge}(?:{either})" + ("" if not edge else r"(?!\w)"), re.I)

    return [(form, pattern(phrases)) for form, phrases in table.get(language, {}).items()]


def _talk(wish: Wish) -> str:
    """Return the reply to small talk, or to a question about the assistant."""
    match wish:
        case "greeting":
            return _(
                "Hello! Ask me about ITU's engagement in United Nations processes, for example: "
                "When is the Summit of the Future? What is due in the next 30 days?"
            )
        case "thanks":
            return _(
                "You're welcome. Ask on whenever you like; every sentence I give shows the paragraph it comes from."
            )
        case "farewell":
            return _("Goodbye. I am here whenever you need a date or a paragraph.")
    return about_assistant().text
