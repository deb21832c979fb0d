"""Labels put onto what the rules found in a section: the rules' dates, the labeller's words. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from ingest.dates import DateExpression
from ingest.events.labels.labels import Label
from ingest.events.labels.numbering import NumberedDates
from ingest.events.merging import NamedMention
from ingest.events.titles.words import DUE, HELD, LIMIT, PUBLICATION, STEP, is_gathering
from store.records import Cue, Mention
from store.terms import stem

# Where an expression stands: in the heading or in the text, and there.
_Place = tuple[bool, tuple[int, int]]
# The rules' finding for an expression, also for one that the rules know to be none; None where they can not make it.
Make = Callable[[DateExpression, bool], "NamedMention | None"]

_LONGEST = 200
_WORD = re.compile(r"[^\W_]+")
_LINK = re.compile(r"://|\bwww\.|\w@\w|\w\.(?:com|org|net|int|io|info)\b|[<>`|\[\]]", re.I)
# Words that a title may begin with a capital though the text has none of them.
_COMMON = frozenset(
    """a an the of for on in at to by with and start end beginning day days week first second third last final next
    date dates time due entry into force new annual regular virtual online""".split()
)


def apply_labels(
    findings: Sequence[NamedMention],
    numbered: NumberedDates,
    labels: Sequence[Label],
    document: str,
    make: Make,
) -> list[NamedMention]:
    """Return the findings of a section as the labels say; what has no label stays as the rules have it.

    `document` is the title of the document. Labels of numbers that are not there are dropped.
    """
    places = _places(numbered)
    said = {label.number: label for label in reversed(labels) if label.number in places}
    if not said:
        return list(findings)
    replaced = _replaced(said, places)
    known = set(places.values())
    own: dict[_Place, list[NamedMention]] = {}
    others: list[NamedMention] = []
    for finding in findings:
        place = _position_of(finding)
        (own.setdefault(place, []) if place in known else others).append(finding)
    shown = f"{numbered.section.text}\n{numbered.section.heading}"
    words = words_of(f"{shown}\n{document}")
    for number, place in places.items():
        label = said.get(number)
        if number in replaced or (label is not None and label.event):
            found = own.get(place) or _made(make, numbered, number)
            if label is not None and label.event:
                found = [_apply_label(finding, label, shown, words) for finding in found]
            own[place] = found
        elif label is not None:
            own[place] = []
    for number in sorted(replaced):
        _join(own, places, number, replaced)
    return sorted([*others, *(f for found in own.values() for f in found)], key=_in_reading_order)


def supported(title: str, words: frozenset[str]) -> bool:
    """Return whether the names and numbers of a title occur in `words`, and at least one other word does."""
    if not title or len(title) > _LONGEST or _LINK.search(title):
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
    told = (DUE, LIMIT, PUBLICATION, STEP, HELD)
    return word.casefold() in _COMMON or is_gathering(word) or any(p.fullmatch(word) for p in told)


def _places(numbered: NumberedDates) -> dict[int, _Place]:
    spans = [(True, e.span) for e in numbered.heading] + [(False, e.span) for e in numbered.text]
    return dict(enumerate(spans, start=1))


def _position_of(finding: NamedMention) -> _Place:
    """Return where the expression of a finding stands; a mention of a heading has no sentence in the text."""
    mention = finding.mention
    return mention.sentence_start == mention.sentence_end, finding.expression.span


def _in_reading_order(finding: NamedMention) -> tuple[bool, int]:
    # One without a date stands at its sentence.
    in_heading, (begin, _) = _position_of(finding)
    return not in_heading, max(begin, finding.mention.sentence_start)


def _made(make: Make, numbered: NumberedDates, number: int) -> list[NamedMention]:
    in_heading = number <= len(numbered.heading)
    expressions = numbered.heading if in_heading else numbered.text
    at = number - 1 - (0 if in_heading else len(numbered.heading))
    found = make(expressions[at], in_heading)
    return [found] if found is not None else []


def _apply_label(finding: NamedMention, label: Label, shown: str, words: frozenset[str]) -> NamedMention:
    """Return the finding in the words of its label, as far as the text bears them out."""
    title = " ".join(label.title.split()).rstrip(" .;,:")
    place = " ".join((label.place or "").split())
    known = place.casefold() in " ".join(shown.split()).casefold()
    location = finding.location if place and not known else place or None
    cue, tentative = _CUES[label.outcome]
    expression = finding.expression
    bound = expression.bound
    if expression.kind == "date" and label.kind == "deadline":
        bound = "by"
    elif cue == "postponed" and bound == "from":
        bound = "on"  # "moved from 5 May": the old date opens nothing
    mention = replace(finding.mention, cue=cue, tentative=tentative, bound=bound)
    return NamedMention(
        title if supported(title, words) else finding.title, label.kind, location, mention, expression
    )


_CUES: Mapping[str, tuple[Cue, bool]] = {
    "planned": ("planned", False),
    "done": ("done", False),
    "postponed": ("postponed", False),
    "cancelled": ("cancelled", False),
    "proposed": ("planned", True),
}


def _replaced(said: Mapping[int, Label], places: Mapping[int, _Place]) -> dict[int, int]:
    """Return number -> the number that replaces it; none is replaced by itself, not through others either."""
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
    own: dict[_Place, list[NamedMention]],
    places: Mapping[int, _Place],
    number: int,
    replaced: Mapping[int, int],
) -> None:
    """Give a date that no longer holds the name and kind of the one that does, so that both are one chain.

    One that the new date lies within was made more exact, and still holds.
    """
    *_, last = _onwards(number, replaced)
    holds = own.get(places[last])
    if not holds:
        return
    old = []
    for finding in own.get(places[number], ()):
        mention = finding.mention
        if not _is_within(holds[0].mention, mention):
            bound = "on" if mention.bound == "from" else mention.bound
            mention = replace(mention, cue="postponed", tentative=False, bound=bound)
        old.append(replace(finding, title=holds[0].title, kind=holds[0].kind, mention=mention))
    own[places[number]] = old


def _is_within(new: Mention, old: Mention) -> bool:
    if new.start is None or new.end is None or old.start is None or old.end is None:
        return False
    return old.start <= new.start and new.end <= old.end and (old.start, old.end) != (new.start, new.end)
