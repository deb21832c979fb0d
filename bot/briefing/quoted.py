"""The parts of a brief in the documents' own sentences and in lines of the register."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, partial
from typing import TYPE_CHECKING

from bot.answers.citations import citation, entry_citations, opens_with_pronoun
from bot.briefing.brief import CitedLine, PartKind
from bot.briefing.material import Material
from bot.checking import Claim, Engine
from bot.grounding.grounder import overlap
from bot.locales import _
from bot.register import RegisterEntry
from bot.register.wording import day, entry_sentence, title, when
from store.search import Sentence

if TYPE_CHECKING:
    from bot.wiring import Services

# What a sentence is compared with, to find the part that it belongs to.
_ABOUT: Mapping[PartKind, str] = {
    "about": "What {topic} is, and what it was set up for.",
    "who": "Who chairs and leads {topic}, and who are its members and participants.",
    "decided": "What {topic} adopted, agreed and decided.",
    "figures": "How many take part in {topic}, and how much it costs.",
}
# Words of quotations on a page, lines of dates and of other parts.
WORDS = 380
DATES = 8
LINES = 5
# What a document's age counts against the cosine, for each newer one.
_AGE = 0.05
# A sentence with this share of another one's terms says the same.
_SAME = 0.6
_FEWEST_WORDS = 6
# Verdicts on a sentence that no newer document contradicts.
_HOLDS = ("supported", "same facts", "not found")
_MONEY = re.compile(r"[€$£]|\b(?:CHF|EUR|USD|GBP)\b|\b(?:francs|euros|dollars)\b")


@dataclass(frozen=True, slots=True)
class _Quote:
    sentence: Sentence
    kind: PartKind
    score: float

    def line(self, newest: date) -> CitedLine:
        """Return it as a line, with the day of its document if that is older than the newest one."""
        hit, text = self.sentence.hit, self.sentence.text
        cited = citation(1, hit.document, hit.section, self.sentence.start, self.sentence.end)
        if hit.section.heading and opens_with_pronoun(text):
            text = f"[{hit.section.heading}] {text}"
        if hit.document.date and hit.document.date < newest:
            text = _("{day}: {text}", day=day(hit.document.date), text=text)
        return CitedLine(text, (cited,))


def quoted_parts(
    services: Services, material: Material, pages: int, on_quote: Callable[[], None]
) -> tuple[dict[PartKind, list[CitedLine]], frozenset[PartKind]]:
    """Return the lines of each part but the gaps, without sentences that a newer document contradicts.

    Those of older documents begin with the day of their document. Also return the parts of which the documents say
    anything, for which there may be no room. Raises what `on_quote` raises, which is called before each sentence.
    """
    newest = max((s.hit.document.date or date.min for s in material.sentences), default=date.min)
    quotes = sorted(_quotes(services, material), key=lambda one: -one.score)
    chosen: dict[PartKind, list[CitedLine]] = {kind: [] for kind in _ABOUT}
    shown: list[str] = []
    left = WORDS * pages
    engine = cache(partial(Engine, services, material.as_of))
    for quote in quotes:
        on_quote()
        document, text = quote.sentence.hit.document, quote.sentence.text
        length = len(text.split())
        if length > left or any(overlap(text, other) >= _SAME for other in shown):
            continue
        # What the newest document says, none is newer to contradict.
        is_newest = (document.date or date.min) == newest
        if not is_newest and engine(document.language).check(Claim(text)).verdict not in _HOLDS:
            continue
        left -= length
        shown.append(text)
        chosen[quote.kind].append(quote.line(newest))
    figures = chosen.pop("figures")
    parts: dict[PartKind, list[CitedLine]] = {
        **chosen,
        "dates": dated_lines(material, DATES * pages),
        "figures": figures,
        "changed": _moved(material)[: LINES * pages],
    }
    return parts, frozenset(quote.kind for quote in quotes)


def _quotes(services: Services, material: Material) -> Iterator[_Quote]:
    """Yield the sentences of the paragraphs with the part that each is nearest to."""
    similarity = services.shared.similarity
    wanted = {kind: text.format(topic=material.topic.turn) for kind, text in _ABOUT.items()}
    ages = sorted({s.hit.document.date or date.min for s in material.sentences}, reverse=True)
    for sentence in material.sentences:
        text = sentence.text
        if len(text.split()) < _FEWEST_WORDS or text.endswith(":"):
            continue
        cosines = {kind: similarity(text, prototype, "en") for kind, prototype in wanted.items()}
        kind = max(cosines, key=lambda one: cosines[one])
        age = ages.index(sentence.hit.document.date or date.min)
        yield _Quote(sentence, kind, cosines[kind] - _AGE * age)


def dated_lines(material: Material, count: int) -> list[CitedLine]:
    """Return lines of the register: what is ahead, by date, and then what is past, the latest first."""
    current = [entry for entry in material.entries if entry.rescheduled_to is None]
    ahead = [entry for entry in current if not entry.is_over(material.as_of)]
    past = [entry for entry in current if entry.is_over(material.as_of)]
    past.sort(key=lambda entry: entry.last_day or date.min, reverse=True)
    return [
        _line(material, entry, entry_sentence(entry, material.as_of)) for entry in [*ahead, *past][:count]
    ]


def _moved(material: Material) -> list[CitedLine]:
    by_id = {entry.id: entry for entry in material.entries}
    moved = [entry for entry in material.entries if entry.rescheduled_to in by_id]
    return [
        _line(
            material, entry, entry_sentence(entry, material.as_of, by_id), by_id[entry.rescheduled_to or ""]
        )
        for entry in moved
    ]


def _line(material: Material, entry: RegisterEntry, text: str, *others: RegisterEntry) -> CitedLine:
    documents = {document.source: document for document in material.documents}
    cited = [next(entry_citations(one, documents)) for one in (entry, *others)]
    return CitedLine(text, tuple(cited))


def quoted_gaps(material: Material, said: Collection[PartKind]) -> list[CitedLine]:
    """Return what the documents lack: parts of which nothing is `said`, days that are not exact, places and costs."""
    gaps = []
    if "who" not in said:
        gaps.append(_("who leads it and who takes part"))
    if "decided" not in said:
        gaps.append(_("what was decided"))
    ahead = [e for e in material.entries if e.rescheduled_to is None and not e.is_over(material.as_of)]
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
    if not any(_MONEY.search(hit.section.text) for hit in material.hits):
        gaps.append(_("what it costs and who pays"))
    return [CitedLine(gap) for gap in gaps]
