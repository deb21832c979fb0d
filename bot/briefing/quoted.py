"""The parts of a brief in the documents' own sentences and in lines of the register."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
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


def quoted_parts(services: Services, material: Material, pages: int) -> dict[PartKind, list[CitedLine]]:
    """Return the lines of each part but the gaps, without sentences that a newer document contradicts.

    Those of older documents begin with the day of their document.
    """
    newest = max((s.hit.document.date or date.min for s in material.sentences), default=date.min)
    engine = Engine(services, material.as_of)
    quotes: list[_Quote] = []
    for quote in sorted(_quotes(services, material), key=lambda one: -one.score):
        text = quote.sentence.text
        if any(overlap(text, other.sentence.text) >= _SAME for other in quotes):
            continue
        # What the newest document says, none is newer to contradict.
        is_newest = (quote.sentence.hit.document.date or date.min) == newest
        if is_newest or engine.check(Claim(text)).verdict in ("supported", "same facts", "not found"):
            quotes.append(quote)
    chosen: dict[PartKind, list[CitedLine]] = {kind: [] for kind in ("about", "who", "decided")}
    left = WORDS * pages
    for quote in quotes:
        length = len(quote.sentence.text.split())
        if length <= left:
            left -= length
            chosen.setdefault(quote.kind, []).append(quote.line(newest))
    figures = chosen.pop("figures", [])
    return {
        **chosen,
        "dates": dated_lines(material, DATES * pages),
        "figures": figures,
        "changed": _moved(material)[: LINES * pages],
    }


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


def quoted_gaps(material: Material, parts: Mapping[PartKind, Sequence[CitedLine]]) -> list[CitedLine]:
    """Return what the parts lack: parts without lines, days that are not exact, places and costs."""
    gaps = []
    if not parts.get("who"):
        gaps.append(_("who leads it and who takes part"))
    if not parts.get("decided"):
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
