"""Applies labels to the mentions that the rules found: dates from the rules, words from the labeller. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from ingest.dates import DateExpression
from ingest.events.dating import NumberedDates
from ingest.events.labels import Label
from ingest.events.mentions import bound_of
from ingest.events.merging import TitledMention
from ingest.events.words import DUE, HELD, LIMIT, PUBLICATION, STEP, is_gathering
from store.records import Cue, Mention
from store.terms import stem

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
    """Return whether the names and numbers of a title occur in `words`, and at least one other word does."""
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
    """Return whether a capitalised word is no name: "Meeting", "Deadline" or another word of calendars."""
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
