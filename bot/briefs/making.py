"""Makes a brief: finds what the documents have on a topic, lets a model write it or quotes it, and names the gaps.

What is on a topic is decided by the scores of the search, in any language. Each sentence that a model writes is held
against the documents as one of a draft is (`bot.drafts.verdicts`). Without a model, the parts are the documents' own
sentences and lines of the register.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, get_args

from bot.answering.citations import citation
from bot.answering.items import Item, overlap, sentences
from bot.answering.parsing import is_no_answer, sentences_of
from bot.answering.question import read_question
from bot.briefs.brief import Brief, CitedLine, PartKind, numbered
from bot.drafts.verdicts import Checker, Claim, cite
from bot.errors import ModelError
from bot.facts.stated import numbers
from bot.languages import language_name, question_language
from bot.locales import _, language, ngettext
from bot.models.quoting import escaped, quoted_passage
from bot.register.wording import day, title, when
from prompts import chat_prompt, render
from store.records import Hit

if TYPE_CHECKING:
    from langchain_core.runnables import RunnableConfig

    from bot.answering.tools import Tools
    from bot.models.chat import ChatModel
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
_WORDS = 380
# A sentence with this share of another one's terms says the same; one that a model wrote, with the higher share.
_SAME = 0.6
_SAME_WRITTEN = 0.8
# Gets how many parts of how many are made.
OnPart = Callable[[int, int], None]
Parts = Mapping[PartKind, Sequence[CitedLine]]


@dataclass(frozen=True, slots=True)
class Material:
    """What the documents have on a topic as of a day.

    `about` are the paragraphs about it, `near` others that may bear on it, both the best first; `dates` and `moved` are
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
    """The lines of each part, the name of the model that wrote them, and whether a judge has read them all."""

    parts: Parts
    model: str = "extractive"
    judged: bool = False


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
    notes = [few] if count < _HARDLY else []
    usage = None
    config: RunnableConfig = {}
    if services.settings.model:
        # It loads langchain.
        from bot.models.usage import Usage

        usage = Usage()
        config = {"callbacks": [usage]}
    try:
        written = services.shared.brief_writer.write(services, material, pages, on_part, config)
    except ModelError as error:
        _LOG.warning("the brief is made of quotations: %s", error)
        notes.append(_("The language model did not answer; these are the documents' own sentences."))
        written = QuotingWriter().write(services, material, pages, on_part)
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
        note=" ".join(notes) or None,
        tokens=usage.tokens if usage else None,
    )


def gather(services: Services, topic: str, as_of: date) -> Material:
    """Return what the documents have on a topic. Raises QuestionError, StoreError."""
    with services.search.view() as view:
        tools = services.assistant.tools(view, as_of)
        spoken = question_language(topic)
        found = view.search(topic, count=_HITS, language=spoken).hits
        least = _LEAST_COSINE[spoken == "en"]
        named = [hit for hit in found if hit.cosine >= least and hit.score >= _LEAST_SCORE]
        headings = {_heading(hit) for hit in named if hit.score >= _SCORE_OF_HEADING and hit.section.heading}
        about = [
            hit
            for hit in found
            if hit in named or (hit.cosine >= _LEAST_BELOW_HEADING and _heading(hit) in headings)
        ]
        if not about:
            return Material(topic, as_of, (), found)

        # What newer documents say on the same matter need not name the topic.
        newer = {
            other.section.id: other
            for hit in about
            for other in view.search(hit.section.text, count=_NEAR, language=hit.document.language).hits
            if _age(other) > _age(hit) and overlap(other.section.text, hit.section.text) >= _LEAST_SHARED
        }
        own = {hit.section.id for hit in about}
        near = {hit.section.id: hit for hit in (*newer.values(), *found) if hit.section.id not in own}
        return Material(
            topic,
            as_of,
            about,
            tuple(near.values()),
            _dates(tools, topic, about),
            tools.list_events(topic=topic, status="moved").items,
        )


def _dates(tools: Tools, topic: str, about: Sequence[Hit]) -> tuple[Item, ...]:
    """Return lines of the register on a topic, and those that its paragraphs date; what was moved is not among them."""
    found = {
        item.key: item
        for item in (*tools.list_events(topic=topic).items, *tools.lines(tools.dated_in(about)).items)
    }
    return tuple(item for item in found.values() if item.entry and item.entry.rescheduled_to is None)


class QuotingWriter:
    """Quotes the documents' own sentences, and lines of the register."""

    def write(
        self,
        services: Services,
        material: Material,
        pages: int,
        on_part: OnPart,
        config: RunnableConfig | None = None,
    ) -> Written:
        """Return the parts, without what a newer document contradicts; sentences of older ones begin with their day."""
        newest = max(map(_age, material.about))
        chosen: dict[PartKind, list[CitedLine]] = {kind: [] for kind in _ABOUT}
        said: set[PartKind] = set()
        shown: list[str] = []
        left = _WORDS * pages
        for quote in sorted(_quotes(services, material), key=lambda one: -one.score):
            on_part(0, len(get_args(PartKind)))
            said.add(quote.kind)
            length = len(quote.text.split())
            if length > left or any(overlap(quote.text, other) >= _SAME for other in shown):
                continue
            # What the newest document says, none is newer to contradict.
            document = quote.hit.document
            if _age(quote.hit) < newest and _is_outdated(services, material, quote):
                continue
            left -= length
            shown.append(quote.text)
            text = quote.text
            if document.date and document.date < newest:
                text = _("{day}: {text}", day=day(document.date), text=text)
            cited = citation(1, document, quote.hit.section, quote.start, quote.end)
            chosen[quote.kind].append(CitedLine(text, (cited,)))

        figures = chosen.pop("figures")
        parts: dict[PartKind, Sequence[CitedLine]] = {
            **chosen,
            "dates": [CitedLine(item.text, item.citations) for item in material.dates[: _DATES * pages]],
            "figures": figures,
            "changed": [_moved(item, material) for item in material.moved[: _LINES * pages]],
            "missing": _gaps(material, said)[: _LINES * pages],
        }
        return Written(parts)


# What a sentence is compared with, to find the part that it belongs to.
_ABOUT: Mapping[PartKind, str] = {
    "about": "What {topic} is, and what it was set up for.",
    "who": "Who chairs and leads {topic}, and who are its members and participants.",
    "decided": "What {topic} adopted, agreed and decided.",
    "figures": "How many take part in {topic}, and how much it costs.",
}
# What a document's age counts against the cosine, for each newer one.
_AGE = 0.05
_FEWEST_WORDS = 6


@dataclass(frozen=True, slots=True)
class _Quote:
    """The sentence `start` to `end` of a paragraph, and the part that it is nearest to."""

    hit: Hit
    start: int
    end: int
    kind: PartKind
    score: float

    @property
    def text(self) -> str:
        return self.hit.section.text[self.start : self.end]


def _quotes(services: Services, material: Material) -> Iterator[_Quote]:
    """Yield the sentences of the paragraphs about the topic, each with the part that it is nearest to."""
    similarity = services.shared.similarity
    wanted = {kind: text.format(topic=material.topic) for kind, text in _ABOUT.items()}
    ages = sorted({_age(hit) for hit in material.about}, reverse=True)
    for hit in material.about:
        for start, end in sentences(hit.section.text):
            text = hit.section.text[start:end]
            if len(text.split()) < _FEWEST_WORDS or text.endswith(":"):
                continue
            cosines = {kind: similarity(text, asked, hit.document.language) for kind, asked in wanted.items()}
            kind = max(cosines, key=lambda one: cosines[one])
            yield _Quote(hit, start, end, kind, cosines[kind] - _AGE * ages.index(_age(hit)))


def _is_outdated(services: Services, material: Material, quote: _Quote) -> bool:
    """Whether a newer document states another fact; no judge is asked, since the model may just have failed."""
    checker = Checker(services, material.as_of, quote.hit.document.language, None)
    return checker.check(Claim(quote.text)).verdict in ("different fact", "superseded")


def _moved(item: Item, material: Material) -> CitedLine:
    """Return the line of a date that was moved, which cites the paragraph with the new date too."""
    now = [
        each
        for each in material.dates
        if each.entry and item.entry and each.entry.id == item.entry.rescheduled_to
    ]
    return CitedLine(item.text, (*item.citations, *(cited for each in now for cited in each.citations)))


def _gaps(material: Material, said: Collection[PartKind]) -> list[CitedLine]:
    """Return what the documents lack: parts of which nothing is `said`, days that are not exact, places and costs."""
    entries = [item.entry for item in material.dates if item.entry]
    ahead = [entry for entry in entries if not entry.is_over(material.as_of)]
    gaps = []
    if "who" not in said:
        gaps.append(_("who leads it and who takes part"))
    if "decided" not in said:
        gaps.append(_("what was decided"))
    gaps += [
        _("the exact days of: {title} ({when})", title=title(entry), when=when(entry))
        for entry in ahead
        if entry.start and entry.precision != "day"
    ]
    gaps += [
        _("the place of: {title}", title=title(entry))
        for entry in ahead
        if entry.kind == "meeting" and not entry.location
    ]
    if not ahead:
        gaps.append(_("any date ahead"))
    stated = (n for hit in material.about for n in numbers(hit.section.text, hit.document.language))
    if all(number.unit in ("", "%") for number in stated):
        gaps.append(_("what it costs and who pays"))
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

    def write(
        self,
        services: Services,
        material: Material,
        pages: int,
        on_part: OnPart,
        config: RunnableConfig | None = None,
    ) -> Written:
        """Return the parts, in the language in use.

        Raises ModelError if a part is not written, StoreError, and what `on_part` raises.
        """
        checker = Checker(services, material.as_of, language(), services.shared.judge, config)
        hits = _passages(material)
        lines = _LINES * pages
        asked: dict[PartKind, tuple[str, str, int]] = {
            kind: ("brief", part, lines) for kind, part in _PARTS.items()
        }
        asked["missing"] = ("brief_gaps", _MISSING, _GAPS)
        found: dict[PartKind, list[CitedLine]] = {}
        judged = checker.judges
        pool = ThreadPoolExecutor(_IN_FLIGHT, "brief")
        try:
            futures = {
                kind: pool.submit(copy_context().run, self._ask, prompt, part, material, hits, most, config)
                for kind, (prompt, part, most) in asked.items()
            }
            for kind, future in futures.items():
                reply = future.result()
                # Dates may be told elsewhere too.
                known = [] if kind == "dates" else [line.text for own in found.values() for line in own]
                if kind == "missing":
                    own = _named_gaps(reply)
                else:
                    own, is_judged = _supported(checker, hits, reply, known)
                    judged = judged and is_judged
                found[kind] = own[: asked[kind][2]]
                on_part(len(found), len(asked))
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
        return Written(found, self._model.name, judged)

    def _ask(
        self,
        prompt: str,
        part: str,
        material: Material,
        hits: Sequence[Hit],
        lines: int,
        config: RunnableConfig | None,
    ) -> str:
        """Return the model's reply for a part. Raises ModelError."""
        place = {hit.section.id: n for n, hit in enumerate(hits, start=1)}
        dates = [
            f"[{place[item.citations[0].section_id]}] {escaped(item.text)}"
            for item in (*material.dates, *material.moved)
            if item.citations and item.citations[0].section_id in place
        ]
        as_of = f"{material.as_of:%-d %B %Y}"
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


def _passages(material: Material) -> list[Hit]:
    """Return what the model reads, the newest document first."""
    return sorted([*material.about, *material.near][:_PASSAGES], key=_age, reverse=True)


def _supported(
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


def _heading(hit: Hit) -> tuple[str, str]:
    return hit.document.id, hit.section.heading


def _age(hit: Hit) -> date:
    return hit.document.date or date.min
