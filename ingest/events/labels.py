"""Labels: the grammar finds the date expressions of a section, and a language model describes them.

The expressions are numbered and marked in the text that a labeller reads. Of its reply, the words are taken as far as
the text supports them; the dates are always those of the rules.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, Protocol

from ingest.dates import DateExpression
from ingest.events.pieces import NumberedDates
from ingest.events.same_event import TitledMention, bound_of
from ingest.events.words import DUE, HELD, LIMIT, PUBLICATION, STEP, is_gathering
from store.records import Cue, Document, Kind, Mention
from store.terms import stem

# A section with more dates, or more text around them, is divided into parts: replies stay short, and if one part fails,
# the others still have labels.
_MOST_DATES = 30
_MOST_CHARS = 5_000
# Context before the first date and after the last.
_CONTEXT_CHARS = 2_000
# Text of the document must not look like a mark.
_FALSE_MARK = re.compile(r"\[(?=\s*\d+\s*:)")

LabelOutcome = Literal["planned", "done", "postponed", "cancelled", "proposed"]


@dataclass(frozen=True, slots=True)
class DatedSection:
    """Input of a labeller: a section of a document, or a part of a long one, and its date expressions."""

    document: str
    """Title of the document."""
    dated: str
    """The document's date in words, "" without one."""
    heading: str
    text: str
    """As `heading`, with each expression marked by its number: "[3: 14 May 2025]"."""
    expressions: tuple[str, ...]
    """In the order of their numbers."""
    first: int = 1
    """Number of the first expression."""


@dataclass(frozen=True, slots=True)
class Label:
    """A labeller's description of the event that a numbered expression dates."""

    number: int
    event: bool
    """False for a date that is no event."""
    title: str = ""
    kind: Kind = "milestone"
    place: str | None = None
    outcome: LabelOutcome = "planned"
    replaces: int | None = None
    """Number of the expression whose date this one replaces."""


@dataclass(frozen=True, slots=True)
class LabellerReply:
    """Reply of a labeller for a section."""

    labels: tuple[Label, ...] | None
    """None if nothing is usable."""
    why: str = ""
    """The reason, if nothing is usable."""
    read: int = 0
    wrote: int = 0
    """Tokens of the reply; `read` are those of the prompt."""


class Labeller(Protocol):
    """Labels the dates of sections. Several threads use it at once."""

    @property
    def name(self) -> str:
        """The key under which replies are stored: another model or another prompt has another one."""
        ...

    @property
    def model(self) -> str:
        """The model's name for people."""
        ...

    def label(self, section: DatedSection) -> LabellerReply:
        """Return at most one label for each expression; without labels, the rules decide."""
        ...


def dated_sections(document: Document, sections: Iterable[NumberedDates]) -> list[tuple[str, DatedSection]]:
    """Return (section id, input of the labeller) for all sections with dates; a long section has several."""
    return [part for numbered in sections for part in _dated_parts(document, numbered.original)]


def _dated_parts(document: Document, numbered: NumberedDates) -> Iterator[tuple[str, DatedSection]]:
    section = numbered.section
    dated = f"{document.date:%-d %B %Y}" if document.date else ""
    heading = _marked(section.heading, numbered.heading, 0, len(section.heading), 1)
    in_heading = tuple(expression.text for expression in numbered.heading)
    if not numbered.text:
        if in_heading:
            text = _marked(section.text, (), 0, min(len(section.text), _CONTEXT_CHARS), 0)
            yield section.id, DatedSection(document.title, dated, heading, text, in_heading)
        return
    number = len(in_heading) + 1
    for start, end, expressions in _parts(section.text, numbered.text):
        text = _marked(section.text, expressions, start, end, number)
        own = tuple(expression.text for expression in expressions)
        # The heading's dates go with the first part.
        yield (
            section.id,
            DatedSection(document.title, dated, heading, text, (*in_heading, *own), number - len(in_heading)),
        )
        number += len(own)
        heading, in_heading = _marked(section.heading, (), 0, len(section.heading), 0), ()


def _parts(
    text: str, expressions: Sequence[DateExpression]
) -> Iterator[tuple[int, int, list[DateExpression]]]:
    """Yield parts of a text, cut at line breaks, as (start, end, their dates); text far from dates is left out."""
    groups: list[list[DateExpression]] = [[]]
    cuts = [0]
    line = searched = 0  # the start of the last line before `searched`
    for expression in expressions:
        own, begin = groups[-1], expression.span[0]
        line = max(line, text.rfind("\n", searched, begin) + 1)
        searched = begin
        full = len(own) >= _MOST_DATES or (own and expression.span[1] - own[0].span[0] > _MOST_CHARS)
        if full and line > own[-1].span[0]:
            groups.append([])
            cuts.append(line)
        groups[-1].append(expression)
    for own, low, high in zip(groups, cuts, [*cuts[1:], len(text)], strict=True):
        end = max(e.span[1] for e in own)
        yield max(low, own[0].span[0] - _CONTEXT_CHARS), min(high, end + _CONTEXT_CHARS), own


def _marked(text: str, expressions: Sequence[DateExpression], start: int, end: int, number: int) -> str:
    parts, at = list[str](), start
    for expression in expressions:
        begin, stop = expression.span
        if begin < at:
            # An expression within another ("six weeks before 3 March") is marked directly after it.
            parts.append(f" [{number}: {expression.text}]")
        else:
            parts += [_FALSE_MARK.sub("(", text[at:begin]), f"[{number}: {expression.text}]"]
            at = stop
        number += 1
    parts.append(_FALSE_MARK.sub("(", text[at:end]))
    return "".join(parts)


# Position of an expression: whether it is in the heading, and its span there.
_Place = tuple[bool, tuple[int, int]]
# Makes the mention of an expression (and whether it is in the heading), also of one that the rules rejected; or None.
MentionMaker = Callable[[DateExpression, bool], "TitledMention | None"]

_TITLE_CHARS = 200
_WORD = re.compile(r"[^\W_]+")
_LINK = re.compile(r"://|\bwww\.|\w@\w|\w\.(?:com|org|net|int|io|info)\b|[<>`|\[\]]", re.I)
# A title may contain these words, capitalised, although the text does not.
_COMMON = frozenset(
    """a an the of for on in at to by with and start end beginning day days week first second third last final next
    date dates time due entry into force new annual regular virtual online""".split()
)


def apply_labels(
    mentions: Sequence[TitledMention],
    numbered: NumberedDates,
    labels: Sequence[Label],
    document: str,
    make: MentionMaker,
) -> list[TitledMention]:
    """Return the mentions of a section with their labels applied; those without a label stay as the rules made them.

    `document` is the title of the document. Labels of unknown numbers are dropped.
    """
    places = _places(numbered)
    said = {label.number: label for label in reversed(labels) if label.number in places}
    if not said:
        return list(mentions)
    replaced = _replaced(said, places)
    known = set(places.values())
    own: dict[_Place, list[TitledMention]] = {}
    others: list[TitledMention] = []
    for titled in mentions:
        place = _position_of(titled)
        (own.setdefault(place, []) if place in known else others).append(titled)
    shown = f"{numbered.section.text}\n{numbered.section.heading}"
    words = words_of(f"{shown}\n{document}")
    folded = " ".join(shown.split()).casefold()
    for number, place in places.items():
        label = said.get(number)
        if number in replaced or (label is not None and label.event):
            found = own.get(place) or _made(make, numbered, number)
            if label is not None and label.event:
                found = [_apply_label(titled, label, folded, words) for titled in found]
            own[place] = found
        elif label is not None:
            own[place] = []
    for number in sorted(replaced):
        _join(own, places, number, replaced)
    return sorted([*others, *(f for found in own.values() for f in found)], key=_in_reading_order)


def supported(title: str, words: frozenset[str]) -> bool:
    """Whether the names and numbers of a title occur in `words`, and at least one other word does."""
    if not title or len(title) > _TITLE_CHARS or _LINK.search(title):
        return False
    own = _WORD.findall(title)
    spelled = _spelled(own, words)
    names = [word for word in own if word != word.casefold() or any(map(str.isdigit, word))]
    if not all(_occurs(word, words) or word in spelled or _is_common(word) for word in names):
        return False
    return any(_occurs(word, words) for word in own if word.casefold() not in _COMMON)


def words_of(text: str) -> frozenset[str]:
    """Return the words of `text`, folded, and their stems."""
    folded = {word.casefold() for word in _WORD.findall(text)}
    return frozenset(folded | {stem(word) for word in folded})


def _occurs(word: str, words: frozenset[str]) -> bool:
    fold = word.casefold()
    return fold in words or stem(fold) in words


def _spelled(title: Sequence[str], words: frozenset[str]) -> set[str]:
    """Return the words of a title that spell out an acronym of the text, as "Working Party" does WP."""
    return {
        word
        for first in range(len(title))
        for run in (title[first : first + 2], title[first : first + 3], title[first : first + 4])
        if all(word[0].isupper() for word in run) and "".join(word[0] for word in run).casefold() in words
        for word in run
    }


def _is_common(word: str) -> bool:
    """Whether a capitalised word is no name: "Meeting", "Deadline" or another word of calendars."""
    if not word.isalpha() or word[1:] != word[1:].casefold():
        return False
    calendar_words = (DUE, LIMIT, PUBLICATION, STEP, HELD)
    return word.casefold() in _COMMON or is_gathering(word) or any(p.fullmatch(word) for p in calendar_words)


def _places(numbered: NumberedDates) -> dict[int, _Place]:
    spans = [(True, e.span) for e in numbered.heading] + [(False, e.span) for e in numbered.text]
    return dict(enumerate(spans, start=1))


def _position_of(titled: TitledMention) -> _Place:
    """Return the position of a mention's expression; a mention in a heading has an empty sentence."""
    mention = titled.mention
    return mention.sentence_start == mention.sentence_end, titled.expression.span


def _in_reading_order(titled: TitledMention) -> tuple[bool, int]:
    # A mention without a date is ordered by its sentence.
    in_heading, (begin, _) = _position_of(titled)
    return not in_heading, max(begin, titled.mention.sentence_start)


def _made(make: MentionMaker, numbered: NumberedDates, number: int) -> list[TitledMention]:
    in_heading = number <= len(numbered.heading)
    expressions = numbered.heading if in_heading else numbered.text
    at = number - 1 - (0 if in_heading else len(numbered.heading))
    found = make(expressions[at], in_heading)
    return [found] if found is not None else []


def _apply_label(titled: TitledMention, label: Label, folded: str, words: frozenset[str]) -> TitledMention:
    """Return the mention in the words of its label, as far as the text supports them."""
    title = " ".join(label.title.split()).rstrip(" .;,:")
    place = " ".join((label.place or "").split())
    known = place.casefold() in folded
    location = titled.location if place and not known else place or None
    cue, tentative = _CUES[label.outcome]
    expression = titled.expression
    bound = bound_of(expression, label.kind, cue)
    mention = replace(titled.mention, cue=cue, tentative=tentative, bound=bound)
    return TitledMention(
        title if supported(title, words) else titled.title, label.kind, location, mention, expression
    )


_CUES: Mapping[str, tuple[Cue, bool]] = {
    "planned": ("planned", False),
    "done": ("done", False),
    "postponed": ("postponed", False),
    "cancelled": ("cancelled", False),
    "proposed": ("planned", True),
}


def _replaced(said: Mapping[int, Label], places: Mapping[int, _Place]) -> dict[int, int]:
    """Return number -> the number that replaces it, without cycles."""
    found: dict[int, int] = {}
    for label in said.values():
        old = label.replaces
        if old is None or not label.event or old not in places or old in found:
            continue
        if old not in _onwards(label.number, found):
            found[old] = label.number
    return found


def _onwards(number: int, found: Mapping[int, int]) -> Iterator[int]:
    seen: set[int] = set()
    at: int | None = number
    while at is not None and at not in seen:
        seen.add(at)
        yield at
        at = found.get(at)


def _join(
    own: dict[_Place, list[TitledMention]],
    places: Mapping[int, _Place],
    number: int,
    replaced: Mapping[int, int],
) -> None:
    """Give a replaced date the title and kind of the last one that replaces it, so that both are one chain.

    If the new date lies within the old one, the old one is only less precise and stays valid.
    """
    *_, last = _onwards(number, replaced)
    holds = own.get(places[last])
    if not holds:
        return
    old = []
    for titled in own.get(places[number], ()):
        mention = titled.mention
        if not _is_within(holds[0].mention, mention):
            bound = "on" if mention.bound == "from" else mention.bound
            mention = replace(mention, cue="postponed", tentative=False, bound=bound)
        old.append(replace(titled, title=holds[0].title, kind=holds[0].kind, mention=mention))
    own[places[number]] = old


def _is_within(new: Mention, old: Mention) -> bool:
    if new.start is None or new.end is None or old.start is None or old.end is None:
        return False
    return old.start <= new.start and new.end <= old.end and (old.start, old.end) != (new.start, new.end)
