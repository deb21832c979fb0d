"""Makes a brief: finds what the documents have on a topic, lets a model write it or quotes it, and names the gaps.

What is on a topic is decided by the scores of the search, in any language. Each sentence that a model writes is held
against the documents as one of a draft is (`bot.drafts.verdicts`). Without a model, the parts are the documents' own
sentences and lines of the register.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from contextvars import copy_context
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, partial
from typing import TYPE_CHECKING

from bot.answering.answer import Tokens
from bot.answering.citations import citation
from bot.answering.items import Item, nearest_sentence, overlap
from bot.answering.parsing import is_no_answer, sentences_of
from bot.answering.question import read_question
from bot.answering.tools import MOST_LINES
from bot.briefs.brief import Brief, CitedLine, PartKind, numbered
from bot.drafts.verdicts import Checker, Claim, cite
from bot.errors import ModelError
from bot.languages import language_name, question_language
from bot.locales import _, joined, language, ngettext
from bot.models.quoting import escaped, prompt_day, quoted_passage
from bot.register.wording import day, title, when
from prompts import chat_prompt, render
from store.records import Hit

if TYPE_CHECKING:
    from langchain_core.runnables import RunnableConfig

    from bot.answering.tools import Tools
    from bot.models.chat import ChatModel
    from bot.register import RegisterEntry
    from bot.wiring import Services

_LOG = logging.getLogger(__name__)

# Paragraphs that the search for a topic finds. One is about it from this cosine on, if its score is high enough; and
# from a lower one on, if it stands under the heading of one that is, with a higher score.
_HITS = 40
# For a topic in English and in other languages, whose encoder gives lower cosines: of five such topics of the marked
# sets the best paragraphs have .30 to .38, of five that no document is about .08 to .10; in English .38 and .21.
_LEAST_COSINE = {True: 0.35, False: 0.2}
_LEAST_SCORE = 0.35
_LEAST_BELOW_HEADING = 0.2
_SCORE_OF_HEADING = 0.5
# Of the hits on a paragraph so many, with this share of its terms in them, may say what holds now.
_NEAR = 4
_LEAST_SHARED = 0.2
# With fewer paragraphs a brief says that there is hardly anything. Paragraphs that a refusal names.
_HARDLY = 4
_NEAREST = 3
# Lines of a part and of its dates, and words of quotations, on a page.
_LINES = 5
_DATES = 8
_WORDS = 200
# Verdicts on a sentence of which a newer document states another fact.
_OUTDATED = ("different fact", "superseded")
# A sentence with this share of another one's terms says the same; one that a model wrote, with the higher share.
_SAME = 0.6
_SAME_WRITTEN = 0.8
# Gets how many parts of how many are made.
OnPart = Callable[[int, int], None]
Parts = Mapping[PartKind, Sequence[CitedLine]]


@dataclass(frozen=True, slots=True)
class Material:
    """What the documents have on a topic as of a day.

    `about` are the paragraphs about it, `near` others that were found, both the best first; `dates` and `moved` are
    lines of the register.
    """

    topic: str
    as_of: date
    about: Sequence[Hit]
    near: Sequence[Hit]
    dates: Sequence[Item] = ()
    moved: Sequence[Item] = ()


@dataclass(frozen=True, slots=True)
class Written:
    """The lines of each part, the name of the model that wrote them, and whether a judge has read them all.

    `note` is a line for the reader.
    """

    parts: Parts
    model: str = "extractive"
    judged: bool = False
    note: str = ""
    tokens: Tokens | None = None


def make_brief(
    services: Services,
    topic: str,
    as_of: date,
    pages: int = 1,
    on_part: OnPart = lambda done, count: None,
) -> Brief:
    """Return the brief on a topic in the language in use. Raises QuestionError, StoreError."""
    topic = read_question(topic)
    material = gather(services, topic, as_of)
    if not material.about:
        nearest = tuple(
            citation(n, hit.document, hit.section, 0, len(hit.section.text))
            for n, hit in enumerate(material.near[:_NEAREST], start=1)
        )
        return Brief(topic, as_of, language(), 0, nearest=nearest)

    count = len(material.about)
    few = ngettext(
        "The documents have {count} paragraph on this.",
        "The documents have {count} paragraphs on this.",
        count,
    )
    written = services.shared.brief_writer.write(services, material, pages, on_part)
    parts, citations = numbered(written.parts.items())
    return Brief(
        topic,
        as_of,
        language(),
        count,
        parts,
        citations,
        model=written.model,
        judged=written.judged,
        note=joined(few if count < _HARDLY else "", written.note) or None,
        tokens=written.tokens,
    )


def gather(services: Services, topic: str, as_of: date) -> Material:
    """Return what the documents have on a topic. Raises QuestionError, StoreError."""
    with services.search.view() as view:
        tools = services.assistant.tools(view, as_of)
        spoken = question_language(topic)
        found = view.search(topic, count=_HITS, language=spoken).hits
        least = _LEAST_COSINE[spoken == "en"]
        named = [hit for hit in found if hit.cosine >= least and hit.score >= _LEAST_SCORE]
        headings = {
            _heading_key(hit) for hit in named if hit.score >= _SCORE_OF_HEADING and hit.section.heading
        }
        about = [
            hit
            for hit in found
            if hit in named or (hit.cosine >= _LEAST_BELOW_HEADING and _heading_key(hit) in headings)
        ]
        if not about:
            return Material(topic, as_of, (), found)

        own = {hit.section.id for hit in about}
        near = tuple(hit for hit in found if hit.section.id not in own)
        on_topic = tools.entries("", "", "", topic, "all")
        moved = [entry for entry in on_topic if entry.is_off]
        return Material(
            topic,
            as_of,
            about,
            near,
            _dates(tools, on_topic, about),
            tools.lines(moved[:MOST_LINES]).items,
        )


def newer_paragraphs(services: Services, about: Sequence[Hit]) -> list[Hit]:
    """Return what newer documents say on the matter of some paragraphs, and need not name the topic."""
    with services.search.view() as view:
        found = {
            other.section.id: other
            for hit in about
            for other in view.search(hit.section.text, count=_NEAR, language=hit.document.language).hits
            if _document_date(other) > _document_date(hit)
            and overlap(other.section.text, hit.section.text) >= _LEAST_SHARED
        }
    own = {hit.section.id for hit in about}
    return [hit for section_id, hit in found.items() if section_id not in own]


def _dates(tools: Tools, on_topic: Sequence[RegisterEntry], about: Sequence[Hit]) -> tuple[Item, ...]:
    """Return lines of the register on a topic, and those that its paragraphs date; what is off is not among them."""
    current = [entry for entry in on_topic if not entry.is_off]
    found = {
        item.key: item
        for item in (*tools.lines(current[:MOST_LINES]).items, *tools.lines(tools.dated_in(about)).items)
    }
    return tuple(item for item in found.values() if item.entry and not item.entry.is_off)


class QuotingWriter:
    """Quotes the documents' own sentences, and lines of the register."""

    def write(self, services: Services, material: Material, pages: int, on_part: OnPart) -> Written:
        """Return the nearest sentences, the dates, what changed in them, and what they leave open."""
        lines = _LINES * pages
        parts: Parts = {
            "about": list(_quotes(services, material, _WORDS * pages)),
            "dates": [CitedLine(item.text, item.citations) for item in material.dates[: _DATES * pages]],
            "changed": [_moved_line(item, material) for item in material.moved[:lines]],
            "missing": _open_dates(material)[:lines],
        }
        on_part(len(parts), len(parts))
        return Written(parts)


def _quotes(services: Services, material: Material, most_words: int) -> Iterator[CitedLine]:
    """Yield the sentence of each paragraph nearest to the topic; those of older documents begin with their day.

    What repeats another one is left out, and what a newer document states otherwise.
    """
    newest = max(map(_document_date, material.about))
    shown: list[str] = []

    @cache
    def checker(language: str) -> Checker:
        # No judge is asked, since the model may just have failed.
        return Checker(services, material.as_of, language, None)

    for hit in material.about:
        document, section = hit.document, hit.section
        start, end = nearest_sentence(material.topic, section.text)
        text = section.text[start:end]
        if any(overlap(text, other) >= _SAME for other in shown):
            continue
        # What the newest document says, none is newer to contradict.
        is_older = _document_date(hit) < newest
        if is_older and checker(document.language).check(Claim(text)).verdict in _OUTDATED:
            continue
        most_words -= len(text.split())
        if most_words < 0:
            return
        shown.append(text)
        said = _("{day}: {text}", day=day(document.date), text=text) if is_older and document.date else text
        yield CitedLine(said, (citation(1, document, section, start, end),))


def _moved_line(item: Item, material: Material) -> CitedLine:
    """Return the line of a date that was moved, which cites the paragraph with the new date too."""
    now = [
        each
        for each in material.dates
        if each.entry and item.entry and each.entry.id == item.entry.rescheduled_to
    ]
    return CitedLine(item.text, (*item.citations, *(cited for each in now for cited in each.citations)))


def _open_dates(material: Material) -> list[CitedLine]:
    """Return which dates ahead have no exact days, and which meetings no place."""
    entries = [item.entry for item in material.dates if item.entry]
    ahead = [entry for entry in entries if not entry.is_over(material.as_of)]
    known = {entry.title for entry in ahead if entry.precision == "day"}
    gaps = [
        _("the exact days of: {title} ({when})", title=title(entry), when=when(entry))
        for entry in ahead
        if entry.start and entry.precision != "day" and entry.title not in known
    ]
    gaps += [
        _("the place of: {title}", title=title(entry))
        for entry in ahead
        if entry.kind == "meeting" and not entry.location
    ]
    return [CitedLine(gap) for gap in gaps]


# What a model is asked for, part by part.
_PARTS: Mapping[PartKind, str] = {
    "about": "what it is, what it is for, and where it stands",
    "who": "who leads it, who takes part, and what ITU's role is",
    "decided": "what was decided, adopted, agreed or rejected, and what is still open",
    "dates": "its dates, those ahead first, each with what it is, its place, and whether it is certain",
    "figures": "its figures: participants, members, money, results",
    "changed": "what changed since the older documents: what was said before, and what holds now",
}
_MISSING = "what the passages do not say"
_IN_FLIGHT = 3
# Paragraphs that the model reads, and sentences of a reply that are read.
_PASSAGES = 40
_MOST_SENTENCES = 20
# Gaps, and characters of one.
_GAPS = 12
_LONGEST_GAP = 160


class ModelWriter:
    """A chat model that writes the parts of briefs; a sentence that the documents do not support is left out."""

    def __init__(self, model: ChatModel) -> None:
        self._model = model

    def write(self, services: Services, material: Material, pages: int, on_part: OnPart) -> Written:
        """Return the parts, in the language in use; quotations if the model fails."""
        # It loads langchain.
        from bot.models.usage import Usage

        usage = Usage()
        config: RunnableConfig = {"callbacks": [usage]}
        checker = Checker(services, material.as_of, language(), services.shared.judge, config)
        judged = [checker.judges]
        newer = newer_paragraphs(services, material.about)
        try:
            parts: dict[PartKind, Sequence[CitedLine]] = {}
            with closing(self._parts(checker, material, newer, pages, judged, config)) as made:
                for kind, lines in made:
                    parts[kind] = lines
                    on_part(len(parts), len(_PARTS) + 1)
        except ModelError as error:
            _LOG.warning("the brief is made of quotations: %s", error)
            note = _("The language model did not answer; these are the documents' own sentences.")
            quoted = QuotingWriter().write(services, material, pages, on_part)
            return replace(quoted, note=note, tokens=usage.tokens)
        return Written(parts, self._model.name, all(judged), tokens=usage.tokens)

    def _parts(
        self,
        checker: Checker,
        material: Material,
        newer: Sequence[Hit],
        pages: int,
        judged: list[bool],
        config: RunnableConfig,
    ) -> Generator[tuple[PartKind, Sequence[CitedLine]]]:
        """Yield the parts, and add to `judged` whether a judge has read the sentences of each. Raises ModelError."""
        hits = _passages_to_read(material, newer)
        lines = _LINES * pages
        asked: dict[PartKind, tuple[str, str, int]] = {
            kind: ("brief", part, lines) for kind, part in _PARTS.items()
        }
        asked["missing"] = ("brief_gaps", _MISSING, _GAPS)
        known: list[str] = []
        ask = partial(self._ask, material, hits, config)
        pool = ThreadPoolExecutor(_IN_FLIGHT, "brief")
        try:
            futures = {
                kind: pool.submit(copy_context().run, ask, prompt, part, most)
                for kind, (prompt, part, most) in asked.items()
            }
            for kind, future in futures.items():
                reply = future.result()
                if kind == "missing":
                    own = _named_gaps(reply)
                else:
                    # Dates may be told elsewhere too.
                    own, is_judged = _supported_lines(checker, hits, reply, [] if kind == "dates" else known)
                    judged.append(is_judged)
                    known += [line.text for line in own[:lines]]
                yield kind, own[: asked[kind][2]]
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def _ask(
        self,
        material: Material,
        hits: Sequence[Hit],
        config: RunnableConfig,
        prompt: str,
        part: str,
        lines: int,
    ) -> str:
        """Return the model's reply for a part. Raises ModelError."""
        place = {hit.section.id: n for n, hit in enumerate(hits, start=1)}
        dates = [
            f"[{place[item.citations[0].section_id]}] {escaped(item.text)}"
            for item in (*material.dates, *material.moved)
            if item.citations and item.citations[0].section_id in place
        ]
        as_of = prompt_day(material.as_of)
        name = language_name(language())
        messages = chat_prompt(prompt, "brief_part").format_messages(
            language=name,
            translated="" if language() == "en" else f"\n{render('translated', language=name)}",
            lines=lines,
            as_of=as_of,
            passages="\n\n".join(quoted_passage(n, hit) for n, hit in enumerate(hits, start=1)),
            dates=render("dates", as_of=as_of, entries="\n".join(dates)) if dates else "",
            topic=escaped(material.topic),
            part=part,
        )
        return self._model.ask(messages, config)


def _passages_to_read(material: Material, newer: Sequence[Hit]) -> list[Hit]:
    """Return what the model reads, the newest document first."""
    hits = {hit.section.id: hit for hit in (*material.about, *newer, *material.near)}
    return sorted(list(hits.values())[:_PASSAGES], key=_document_date, reverse=True)


def _supported_lines(
    checker: Checker, hits: Sequence[Hit], reply: str, known: Sequence[str]
) -> tuple[list[CitedLine], bool]:
    """Return the sentences of a reply that the documents support, with the passages that do, and if all are judged.

    Those that repeat what is `known` are left out.
    """
    claims = [
        Claim(written.text, passages=tuple(hits[n] for n in written.cites if n < len(hits)))
        for written in sentences_of(reply)[:_MOST_SENTENCES]
        if not is_no_answer(written.text)
        and not any(overlap(written.text, line) >= _SAME_WRITTEN for line in known)
    ]
    checks = dict(checker.check_all(claims))
    taken = [
        (claims[n], checks[n]) for n in sorted(checks) if checks[n].verdict in ("supported", "same facts")
    ]
    lines = [
        CitedLine(claim.text, (*check.citations, *(cite(claim.text, hit) for hit in claim.passages)))
        for claim, check in taken
    ]
    return lines, all(check.judged for _claim, check in taken)


def _named_gaps(reply: str) -> list[CitedLine]:
    found = [line.strip(" -•*.") for line in reply.splitlines() if line.strip()]
    return [CitedLine(line) for line in found if not is_no_answer(line) and len(line) <= _LONGEST_GAP]


def _heading_key(hit: Hit) -> tuple[str, str]:
    return hit.document.id, hit.section.heading


def _document_date(hit: Hit) -> date:
    return hit.document.date or date.min


# Makes the parts of a brief: the wiring chooses.
Writer = ModelWriter | QuotingWriter
