"""Reads the sections of a document in another language by the same rules: in their gloss, and back."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from ingest.dates import DateExpression, in_original
from ingest.events.same_event import TitledMention
from ingest.languages import Gloss, gloss
from store.records import Section

_WORD = re.compile(r"\w+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class SectionGloss:
    """A section, and its gloss: `heading`, `text`, and `section`, the same section with these."""

    original: Section
    heading: Gloss
    text: Gloss

    @classmethod
    def of(cls, section: Section, language: str) -> SectionGloss:
        """Return the gloss of a section. Raises KeyError for a language without a pack."""
        return cls(section, gloss(section.heading, language), gloss(section.text, language))

    @property
    def section(self) -> Section:
        """The section in the words of the rules, with the id of the original."""
        own = self.original
        return replace(own, heading=self.heading.text, text=self.text.text, part_of=own.id)

    def expression(self, found: DateExpression, in_heading: bool) -> DateExpression:
        """Return an expression of the gloss as one of the original."""
        if in_heading:
            return in_original(found, self.heading, self.original.heading)
        return in_original(found, self.text, self.original.text)

    def mention(self, titled: TitledMention, title: str, document: Gloss) -> TitledMention:
        """Return a mention that the rules read in the gloss as one of the original.

        `title` and `document` are the title of the document and its gloss.
        """
        mention = titled.mention
        in_heading = mention.sentence_start == mention.sentence_end
        sources = ((self.text, self.original.text), (self.heading, self.original.heading), (document, title))
        expression = titled.expression
        if not in_heading:
            start, end = self.text.span(mention.sentence_start, mention.sentence_end)
            mention = replace(mention, sentence_start=start, sentence_end=end)
        if expression.span != (0, 0):
            expression = self.expression(expression, in_heading)
            mention = replace(mention, text=expression.text, offset=expression.span[0])
        name = _restored(titled.title, sources) or title
        place = _restored(titled.location, sources[:2]) if titled.location else None
        return replace(
            titled,
            title=name[:1].upper() + name[1:],
            location=place or None,
            mention=mention,
            expression=expression,
        )


def _restored(words: str, sources: Sequence[tuple[Gloss, str]]) -> str:
    """Return the text of the sources that words from their glosses stand for."""
    parts = []
    for part in words.split(": "):
        found = (" ".join(_aligned(part, *source)) for source in sources)
        parts.append(max(found, key=len, default=""))
    return ": ".join(dict.fromkeys(part for part in parts if part))


def _aligned(words: str, glossed: Gloss, text: str) -> Iterator[str]:
    """Yield the parts of a text that some words of its gloss stand for, in their order."""
    own = [word.casefold() for word in _WORD.findall(words)]
    places = list(_WORD.finditer(glossed.text))
    there = [place.group().casefold() for place in places]
    for block in SequenceMatcher(None, own, there, autojunk=False).get_matching_blocks():
        if block.size and any(word.isalnum() for word in own[block.a : block.a + block.size]):
            first, last = places[block.b], places[block.b + block.size - 1]
            start, end = glossed.span(first.start(), last.end())
            yield " ".join(text[start:end].split())
