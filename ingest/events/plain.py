"""Reads events without a model: each date that the grammar finds, told in the document's own words.

The title is the name of a gathering in the clause, the label of a row or item, or the heading where it names something;
else the sentence, shortened around the date, as a quotation. Kind and status are said only by a word of the language's
table in the same clause, with its negation; where a word of change can't be placed, the status is unknown.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from ingest.events import Dating, Reading, events_version
from ingest.events.names import gatherings, is_code_of_gathering, location_of
from ingest.events.places import Cell, Place, dated_places, usual_day
from ingest.events.same_event import content
from ingest.text.dates import DateExpression
from ingest.text.lexicon import Found, lexicon
from ingest.text.sentences import split
from store.records import Bound, Cue, Document, Kind, Mention, Section, short_hash

# Longer dates are periods of validity or plans, not events.
_LONGEST_EVENT = timedelta(days=400)
# A report covers more days.
_LONGEST_OF_REPORT = timedelta(days=28)
# What ended so long before the day of a document is history.
_HISTORY_DAYS = 400
# The same for a gathering, or a date known only to a month.
_LATER_HISTORY_DAYS = 800
# Longer spans of days in prose are those of reports, budgets and terms of office.
_LONGEST_IN_PROSE = timedelta(days=180)
# A longer quotation is cut around its date.
_QUOTE_CHARS = 140
# The symbol of a document before a date is looked for so far.
_CODE_CHARS = 60
# Of letters of any script: "ИС-44/1/Изм.2".
_SYMBOL = re.compile(r"(?<!\S)[(«]?(?=\S*\d)(?=\S*[^\W\d_])[^\s\u3400-\u9fff]*[/-][^\s\u3400-\u9fff]*$")
# "Circular Letter CL 2/2026"
_LETTERS_OF_SYMBOL = 3
# A document's number between its date and its kind is no longer.
_NUMBER_CHARS = 12
_OPENING = '«“„"「‘'
_CLOSING = '»”“"」’'
# The symbol of a document opens the brackets around a date, as in: text CT-18/8, adopted on 29 March 2023.
_SYMBOL_OPENS = re.compile(
    r"[(（](?:[^\W\d_]+\s)?(?=[^\s()（）]*\d)(?=[^\s()（）]*[^\W\d_])[^\s()（）]*/[^()（）]*$"
)
# What a sentence calls "this Summit" is named so far above it.
_CHARS_ABOVE = 300
# A longer name is not that of a place.
_NAME_WORDS = 3
# A date has the name of a gathering so many words before it, and twice as many where no other gathering is named.
_WORDS_TO_NAME = 12
# A longer line or cell is no label.
_LABEL_CHARS = 110
# A word says something of a date at most so many characters away.
_NEAR_CHARS = 160
_CHANGES = frozenset(
    ["not", "cancelled", "not_held", "postponed", "moved", "originally", "instead", "no_longer"]
)
_OFF = frozenset(["cancelled", "not_held", "postponed", "no_longer"])
# "This has now been postponed": what is said later in the sentence is of something else.
_SOON_CHARS = 60
# The sentence after a date is looked at for so many characters.
_NEXT_CHARS = 300
_OLD = frozenset(["originally", "instead"])
_NEW = frozenset(["moved_to", "postponed_to", "now"])
_HAPPENS = frozenset(
    [
        "gathering",
        "held",
        "milestone",
        "publication",
        "deadline",
        "submit",
        "planned",
        "done",
        "cancelled",
        "postponed",
    ]
)
_KINDS: Mapping[str, Kind] = {
    "held": "meeting", "publication": "publication", "milestone": "milestone", "gathering": "meeting",
    "deadline": "deadline",
}  # fmt: skip
_TELLING = frozenset([*_KINDS, "submit"])
_HAPPENING = frozenset(["gathering", "held", "deadline", "submit", "milestone", *_CHANGES])
# A word after a date is as far away as one that stands so many characters before it.
_AFTER_CHARS = 80
_SMALL = frozenset(["from", "to", "until", "by", "before", "in", "on", "of", "the", "since", "after"])
_SIGNS = " \t,;:()[]–—-|./·•*"


class PlainReader:
    """Reads events by the grammar and the tables alone."""

    @property
    def name(self) -> str:
        """The version of the rules."""
        return f"rules {events_version()}"

    def read(
        self,
        document: Document,
        sections: Sequence[Section],
        known: Sequence[str] = (),
        step: Callable[[], None] = lambda: None,
    ) -> Reading:
        """Return the datings of sections; `known` says nothing here."""
        datings: dict[str, list[Dating]] = {}
        document = replace(document, date=usual_day(document, sections))
        for section, places in dated_places(document, sections):
            datings[section.id] = read_places(document, places)
            step()
        return Reading(datings)


def read_places(document: Document, places: Sequence[Place]) -> list[Dating]:
    """Return the datings of places of a section, which are in order."""
    made: list[Dating] = []
    before: _Read | None = None
    for number, place in enumerate(places):
        read = _read_place(document, place)
        following = places[number + 1] if number + 1 < len(places) else None
        changed = None if "done" in read.cues else _change_in_next(place, following, len(read.stated))
        if changed is not None:
            read = replace(read, cues=tuple(changed for _ in read.cues))

        # "The session of 4 to 6 May could not be held. It will now take place from 8 to 10 June."
        group = ""
        if before is not None and _moves_to(before, read):
            group = short_hash(place.section.id, str(before.place.start))
            made = made[: -len(before.stated)] + _datings(_marked(before, "old"), group)
            read = _marked(read, "new")
        made += _datings(read, group)
        before = read if read.stated else None
    return made


@dataclass(frozen=True, slots=True)
class _Stated:
    """A date of a place that is an event, with what the words around it say."""

    expression: DateExpression
    clause: tuple[int, int]
    roles: Sequence[Found]
    """What the words of the clause say."""


@dataclass(frozen=True, slots=True)
class _Read:
    """A place with its dates that are events; for each its title, whether that is a quotation, kind, mark and cue."""

    place: Place
    words: Sequence[Found]
    stated: Sequence[_Stated]
    titles: Sequence[tuple[str, bool]]
    kinds: Sequence[Kind]
    marks: Sequence[str]
    cues: Sequence[Cue | None]


def _read_place(document: Document, place: Place) -> _Read:
    """Return what is read in a sentence, line, row or heading."""
    words = lexicon(place.language).words(place.text)
    words = [found._replace(start=found.start + place.start, end=found.end + place.start) for found in words]
    stated = []
    for number, one in enumerate(place.dates):
        clause = _clause(place, number)
        inside = [found for found in words if clause[0] <= found.start and found.end <= clause[1]]
        said = _Stated(one, clause, inside)
        if one.kind == "date" and one.start is not None and not _is_no_event(document, place, said, words):
            stated.append(said)
    marks = _marks(place, stated, words)
    titles = [_title(document, place, said) for said in stated]
    kinds = [
        _kind(place, said, words, "" if quoted else title, mark)
        for said, (title, quoted), mark in zip(stated, titles, marks, strict=True)
    ]
    # The name of a gathering tells what is held on a date, not what else is due or happens on it.
    titles = [
        (_quoted(place, said), True)
        if place.form == "sentence" and not quoted and kind != "meeting"
        else (title, quoted)
        for said, (title, quoted), kind in zip(stated, titles, kinds, strict=True)
    ]
    cues = [
        _cue(place, said, words, mark, has_new="new" in marks)
        for said, mark in zip(stated, marks, strict=True)
    ]
    return _Read(place, words, stated, titles, kinds, marks, cues)


def _change_in_next(place: Place, following: Place | None, count: int) -> Cue | None:
    """Return what the next sentence, without a date of its own, says of a place's date: "this has been postponed".

    "unclear" where the place has several, or the sentence names a gathering that may be another one.
    """
    if place.form != "sentence":
        return None
    rest = place.source[place.end : place.end + _NEXT_CHARS]
    first = next(iter(split(rest)), None)
    if first is None or "\n" in rest[: first[0]]:
        return None
    if following is not None and following.start < place.end + first[1]:
        return None
    found = lexicon(place.language).words(rest[first[0] : first[1]])
    roles = {one.role for one in found}
    if "unchanged" in roles or not any(one.role in _OFF and one.start < _SOON_CHARS for one in found):
        return None
    if count != 1 or roles & {"not", "gathering", "body", "deadline"}:
        return "unclear"
    return "postponed" if "postponed" in roles else "cancelled"


def _moves_to(old: _Read, new: _Read) -> bool:
    """Whether of two sentences of a paragraph one has the new date of what the other calls off or tells as planned."""
    if old.place.form != "sentence" or new.place.form != "sentence" or len(old.stated) != 1:
        return False
    first, last = sorted((old.place, new.place), key=lambda place: place.start)
    between = old.place.source[first.end : last.start]
    if "\n" in between or len(between) > _NEAR_CHARS or "old" in new.marks:
        return False
    if "new" not in new.marks:
        return False
    off = old.cues[0] in ("postponed", "cancelled") or old.marks[0] == "old"
    return not between.strip() and (
        off or bool(content(old.titles[0][0]) & content(new.titles[new.marks.index("new")][0]))
    )


def _marked(read: _Read, mark: str) -> _Read:
    """Return a sentence whose only date is the old or the new one of a move."""
    if len(read.stated) != 1:
        return read
    return replace(read, marks=(mark,), cues=("postponed" if mark == "old" else "planned",))


def _clause(place: Place, number: int) -> tuple[int, int]:
    """Return the part of a place that speaks of a date: its cell, or what lies between the dates around it.

    The year in a name, as in "Forum 2025", is no date beside it.
    """
    begin, stop = place.dates[number].span
    cell = place.cell_at(begin)
    if cell is not None:
        return place.start, place.end
    first = max((one.span[1] for one in place.dates[:number] if not one.named), default=place.start)
    last = min((one.span[0] for one in place.dates[number + 1 :] if not one.named), default=place.end)
    first = max(first, place.source.rfind(";", first, begin) + 1)
    semicolon = place.source.find(";", stop, last)
    return first, semicolon if semicolon >= 0 else last


def _is_no_event(document: Document, place: Place, said: _Stated, words: Sequence[Found]) -> bool:
    """Whether a date is none of an event: the document's own, another document's, a period, a year in passing."""
    one = said.expression
    start = one.start or date.min
    end = one.end or date.max
    begin, stop = one.span
    before = place.source[place.start : begin]
    after = place.source[stop : place.end]
    alone = not (before.strip(_SIGNS) or after.strip(_SIGNS))
    roles = {found.role for found in said.roles}
    spoken = {found.role for found in words}

    # Plans, the dates of documents, and history.
    if end - start > _LONGEST_EVENT or (one.lead == "since" and one.precision != "day"):
        return True
    if _is_of_document(place, one, words) or _is_history(document, place, said, roles):
        return True
    if start == end == document.date and not (roles | spoken & _CHANGES) & _HAPPENING:
        return True

    # What the head of a document says of its time.
    if place.in_head and one.precision != "day" and (one.precision == "year" or not roles & _HAPPENING):
        return True

    # Rows that label nothing, headings, captions above days.
    if place.form == "row" and place.cell_at(begin) is None and not _labels_a_cell(place, one):
        return True
    if place.form == "heading" and (
        one.precision in ("month", "year", "season", "quarter", "half")
        or (alone and not _is_label(document.title, document.language))
    ):
        return True
    if one.precision == "year":
        return _is_year_in_passing(document, place, one, roles, spoken & _HAPPENS)
    if one.precision in ("month", "season") and alone and place.form != "row" and not one.approximate:
        return True

    # What a report covers, and vague dates in passing.
    told = {found.role for found in words if found.end <= begin}
    covered = end - start > _LONGEST_OF_REPORT and (one.precision == "day" or _is_span_of_months(one))
    if "period" in roles | told and (covered or one.bound == "by"):
        return True
    vague = one.precision in ("month", "quarter", "half", "season")
    if "plan" in roles and not roles & _HAPPENS:
        return vague and place.form == "sentence"
    return place.form == "sentence" and vague and not (spoken & _HAPPENS or one.lead)


def _is_of_document(place: Place, one: DateExpression, words: Sequence[Found]) -> bool:
    """Whether a day is that of a document or of its state, or is only quoted."""
    if one.lead == "as_at":
        return True
    if one.start != one.end:
        return False
    begin, stop = one.span
    before = place.source[place.start : begin]
    after = place.source[stop : place.end]
    near = [found for found in words if begin - _CODE_CHARS <= found.end <= begin]
    return (
        any(
            (
                found.role == "as_at"
                and (place.form != "sentence" or found.start == place.start)
                and len(place.source[found.end : begin].split()) <= 2
            )
            or (found.role in ("writing", "dated") and _only_numbers(place.source[found.end : begin], place))
            for found in near
        )
        or _follows_code(before, place)
        or _SYMBOL_OPENS.search(before) is not None
        or _is_of_writing(after, place)
        or _is_quoted(before, after)
    )


def _is_history(document: Document, place: Place, said: _Stated, roles: set[str]) -> bool:
    """Whether a date is long past or long, and neither a row nor a gathering that the clause names has it."""
    one = said.expression
    end = one.end or date.max
    age = (document.date - end).days if document.date is not None else 0
    vague = one.precision not in ("day", "year")
    if one.precision == "year" and age > _LATER_HISTORY_DAYS and place.form != "row":
        return True
    recent = age <= (_LATER_HISTORY_DAYS if vague or "gathering" in roles else _HISTORY_DAYS)
    if not recent and place.form != "row" and "held" not in roles:
        named = one.precision != "year" and gatherings(place.source[slice(*said.clause)], place.language)
        if not named:
            return True
    long = one.precision == "day" and end - (one.start or date.min) > _LONGEST_IN_PROSE
    return place.form == "sentence" and long and not roles & {"gathering", "held"}


def _only_numbers(between: str, place: Place) -> bool:
    """Whether between a document and a date are only its number and small words: "letter 12/3 of"."""
    words = lexicon(place.language)
    tokens = list(words.tokens(between))
    if len(tokens) > 8:
        return False
    for k, token in enumerate(tokens):
        signs = token.group in ("number", "code", "amount", "sign_") and token.fold not in ":;"
        signs = signs or (token.capital and token.end - token.start <= _LETTERS_OF_SYMBOL)
        small = words.date_role(tokens, k)[0] in ("of", "the")
        if not (signs or small or words.word_role(tokens, k)[0] in ("dated", "numbered", "writing")):
            return False
    return True


def _follows_code(before: str, place: Place) -> bool:
    """Whether the symbol of a document stands right before a date: "TD27-R1 of 19 October 2026"."""
    words = lexicon(place.language)
    tokens = list(words.tokens(before[-_CODE_CHARS:]))
    for k in range(len(tokens) - 1, -1, -1):
        if tokens[k].group == "code":
            return not is_code_of_gathering(tokens[k])
        small = words.date_role(tokens, k)[0] in ("of", "the") or words.word_role(tokens, k)[0] == "dated"
        if not (small or tokens[k].fold in "(,)"):
            return (
                tokens[k].fold != ":"
                and _SYMBOL.search(before[: tokens[k].end + max(len(before) - _CODE_CHARS, 0)]) is not None
            )
    return False


def _is_span_of_months(one: DateExpression) -> bool:
    return one.precision == "month" and (one.start or date.min).month != (one.end or date.min).month


def _is_of_writing(after: str, place: Place) -> bool:
    """Whether a date stands in front of a document and its number, as in Chinese."""
    following = after[:_NUMBER_CHARS]
    found = next((one for one in lexicon(place.language).words(following) if one.role == "writing"), None)
    return found is not None and following.startswith("第")


def _is_quoted(before: str, after: str) -> bool:
    """Whether nothing but a date stands in quotation marks, as in an erratum."""
    return before[-1:] in _OPENING and before[-1:] != "" and after[:1] in _CLOSING and after[:1] != ""


def _labels_a_cell(place: Place, one: DateExpression) -> bool:
    """Whether a date is the label of a cell that says what happens on it."""
    cell = next((cell for cell in place.cells if cell.start >= one.span[1]), None)
    return (
        cell is not None
        and not _has_date(cell, place)
        and _words_of(place.source[cell.start : cell.end], place)
    )


def _is_year_in_passing(
    document: Document, place: Place, one: DateExpression, roles: set[str], happens: set[str]
) -> bool:
    """Whether nothing is said to happen in a bare year."""
    if any(
        other is not one and other.start and one.start and other.start.year == one.start.year
        for other in place.dates
    ):
        return True
    if one.named:
        return len(place.dates) > 1 or "plan" in roles or not gatherings(place.text, place.language)
    relative = not any(c.isdigit() for c in one.text)
    if relative and not roles & {"gathering", "held", "milestone", "publication"}:
        return True
    if place.form in ("row", "heading") or (one.lead not in ("in", "by", "until") and not relative):
        return True
    ahead = document.date is None or one.start is None or one.start.year >= document.date.year
    if ahead:
        return not (happens or one.lead == "by")
    return not (
        roles & {"gathering", "held", "milestone", "publication"} or gatherings(place.text, place.language)
    )


def _title(document: Document, place: Place, said: _Stated) -> tuple[str, bool]:
    """Return the title of a dating, and whether it is a quotation."""
    if place.form == "row":
        label = _row_label(place, said)
        if label:
            return label, False
    name = _name(place, said) or _name_above(place, said)
    if name:
        return name, False
    if place.form in ("line", "heading", "row"):
        label = _line_label(place, said.expression)
        if label and place.form == "line" and _is_bare_name(label, place):
            # The place of a session, below its name.
            label = (
                _cut_label(place.above[0]) if place.above and _names_gathering(place.above[0], place) else ""
            )
        if label:
            return label, False
        heading = next((line for line in place.above if _is_label(line, place.language)), "")
        if heading and not _rest(place, said.expression):
            return _cut_label(heading), False
    return _quoted(place, said), True


def _quoted(place: Place, said: _Stated) -> str:
    begin, stop = said.expression.span
    return quotation(place.text, begin - place.start, stop - place.start)


def _is_bare_name(label: str, place: Place) -> bool:
    """Whether a label has no word of the table: the name of a place or of somebody."""
    short = len(label.split()) <= _NAME_WORDS and label[:1].isupper()
    return short and not any(map(str.isdigit, label)) and not lexicon(place.language).words(label)


def _names_gathering(line: str, place: Place) -> bool:
    return any(found.role == "gathering" for found in lexicon(place.language).words(line))


def _name(place: Place, said: _Stated) -> str:
    """Return the name of the gathering that a clause dates: the last one before the date, else the first one after."""
    first, last = said.clause
    begin, stop = said.expression.span
    found = gatherings(place.source[first:last], place.language)
    # A code names another gathering where one is named by its words: "the Seminar, asked for at EC-24".
    worded = [name for name in found if " " in name.text]
    found = worded or ([] if any(one.role == "gathering" for one in said.roles) else found)
    before = [name for name in found if first + name.end <= begin]
    after = [name for name in found if first + name.start >= stop]
    if before and len(place.source[first + before[-1].end : begin].split()) <= _WORDS_TO_NAME * (
        1 + (len(found) == 1)
    ):
        return before[-1].text
    if after and len(place.source[stop : first + after[0].start].split()) <= 4:
        return after[0].text
    return ""


def _name_above(place: Place, said: _Stated) -> str:
    """Return the gathering that the sentences or a line above name, where the clause speaks of it: "this Summit"."""
    nouns = {place.source[one.start : one.end].casefold() for one in said.roles if one.role == "gathering"}
    if not nouns:
        return ""
    near = place.source[max(place.start - _CHARS_ABOVE, 0) : place.start]
    names = [
        name.text for line in (near, *place.above) for name in reversed(gatherings(line, place.language))
    ]
    return next((name for name in names if any(noun in name.casefold().split() for noun in nouns)), "")


def _row_label(place: Place, said: _Stated) -> str:
    """Return the label of a row: its cell of a name, else its first cell of words; and the date's column."""
    cell = place.cell_at(said.expression.span[0])
    if cell is None:
        cell = next((one for one in place.cells if one.start >= said.expression.span[1]), None)
        return _cut_label(place.source[cell.start : cell.end]) if cell is not None else ""
    texts = [one for one in place.cells if _words_of(place.source[one.start : one.end], place)]
    named = [one for one in texts if "column_title" in _column(one, place)]
    other = [
        one
        for one in texts
        if one is not cell and not _has_date(one, place) and "column_place" not in _column(one, place)
    ]
    chosen = next(iter(named or other), None)
    if chosen is None or chosen is cell:
        return ""
    label = _cut_label(place.source[chosen.start : chosen.end].strip(_SIGNS))
    if len(label) < 3 or "|" in label:
        return ""
    if (
        cell is not None
        and cell.label
        and not _column(cell, place) & {"column_date", "column_original_date", "column_new_date"}
    ):
        return _cut_label(f"{label}: {cell.label}")
    return label


def _column(cell: Cell, place: Place) -> set[str]:
    return {
        found.role for found in lexicon(place.language).words(cell.label) if found.role.startswith("column_")
    }


def _has_date(cell: Cell, place: Place) -> bool:
    return any(cell.start <= one.span[0] < cell.end for one in place.dates)


def _words_of(text: str, place: Place) -> bool:
    return sum(c.isalpha() for c in text) > 2


def _line_label(place: Place, one: DateExpression) -> str:
    """Return the label of a line or item: what it says beside its date, where that is short."""
    text = place.source
    first, last = place.start, place.end
    begin, stop = one.span
    if place.form == "row":
        return ""
    before = text[first:begin]
    after = text[stop:last]
    label, colon, _ = before.rpartition(":") if ":" in before else before.rpartition("：")
    for candidate in (
        label if colon else "",
        before if not after.strip(_SIGNS) else "",
        after if not before.strip(_SIGNS) else "",
    ):
        candidate = _without_date(candidate, place)
        if _is_label(candidate, place.language):
            return _cut_label(candidate)
    return ""


def _without_date(text: str, place: Place) -> str:
    """Return a label without the small words in front of its date."""
    words = lexicon(place.language)
    tokens = list(words.tokens(text))
    while tokens and tokens[-1].group in ("sign_", "word"):
        if tokens[-1].group == "word" and words.date_role(tokens, len(tokens) - 1)[0] not in _SMALL:
            break
        tokens.pop()
    return " ".join(text[: tokens[-1].end].split()).strip(_SIGNS) if tokens else ""


def _is_label(text: str, language: str) -> bool:
    """Whether a text may stand for what happens: short, with words, and no sentence that begins in its middle."""
    if not 3 <= len(text) <= _LABEL_CHARS or sum(c.isalpha() for c in text) < 3:
        return False
    if text[0].islower() or text.endswith(",") or "|" in text:
        return False
    roles = {found.role for found in lexicon(language).words(text)}
    return not roles <= {"column_date", "column_place", "column_status"} or not roles


def _rest(place: Place, one: DateExpression) -> str:
    return (place.source[place.start : one.span[0]] + place.source[one.span[1] : place.end]).strip(_SIGNS)


def _cut_label(text: str) -> str:
    text = " ".join(text.split("; ", 1)[0].split()).strip(_SIGNS)
    text += ")" * (text.count("(") - text.count(")"))
    text = text[:1].upper() + text[1:]
    return text if len(text) <= _QUOTE_CHARS else text[:_QUOTE_CHARS].rsplit(" ", 1)[0] + " …"


def quotation(sentence: str, begin: int, stop: int) -> str:
    """Return a sentence, shortened around the date at `begin` to `stop`."""
    if len(sentence) <= _QUOTE_CHARS:
        return " ".join(sentence.split())
    room = max(_QUOTE_CHARS - (stop - begin), 40)
    first = max(begin - room * 2 // 3, 0)
    last = min(first + _QUOTE_CHARS, len(sentence))
    first = max(last - _QUOTE_CHARS, 0)
    if first:
        space = sentence.find(" ", first, begin)
        first = space + 1 if space >= 0 else first
    if last < len(sentence):
        space = sentence.rfind(" ", stop, last)
        last = space if space >= 0 else last
    words = " ".join(sentence[first:last].split())
    return f"{'… ' if first else ''}{words}{' …' if last < len(sentence) else ''}"


def _kind(place: Place, said: _Stated, words: Sequence[Found], title: str, mark: str) -> Kind:
    """Return the kind that the nearest word of the clause says; of a gathering's name, a meeting."""
    one = said.expression
    cell = place.cell_at(one.span[0])
    found = list(said.roles)
    if cell is not None:
        label = f"{cell.label} {place.source[cell.start : cell.end]} {title}"
        found = lexicon(place.language).words(label)
    elif not any(known.role in _TELLING for known in found):
        # "… on 5 December or on 12 December": what the sentence says last before the date.
        found = [known for known in words if known.end <= one.span[0] and known.role in _TELLING][-1:]
    roles = {known.role for known in found}

    # A deadline is named, or is the last day for what is to be sent in. What is put off "until" a date has no deadline
    # then.
    last_day = one.bound == "by" and mark != "new"
    nearest = _nearest_role(found, one, place.language)
    if last_day and not roles & {"publication"}:
        return "deadline"
    if nearest == "submit" and "milestone" in roles and not last_day:
        return "milestone"  # "registration opens"
    if nearest == "submit":
        return "deadline"
    if nearest:
        return _KINDS[nearest]
    if one.time is not None or (roles & {"body"} and place.form != "sentence"):
        return "meeting"

    # Else what stands above says it, or that it lasts some days.
    heading = {known.role for line in place.above[:1] for known in lexicon(place.language).words(line)}
    if place.form in ("line", "row") and "deadline" in heading:
        return "deadline"
    if one.start != one.end and one.precision == "day":
        return "meeting"
    return "meeting" if place.form in ("line", "row") and "gathering" in heading else "milestone"


def _nearest_role(found: Sequence[Found], one: DateExpression, language: str) -> str:
    """Return the telling role nearest to a date; a word on the side where the language has no verbs is farther."""
    telling = [known for known in found if known.role in _TELLING]

    follows = lexicon(language).verbs_follow

    def distance(known: Found) -> int:
        if known.end <= one.span[0]:
            return one.span[0] - known.end + _AFTER_CHARS * follows
        return known.start - one.span[1] + _AFTER_CHARS * (not follows)

    return min(telling, key=distance).role if telling else ""


def _marks(place: Place, stated: Sequence[_Stated], words: Sequence[Found]) -> list[str]:
    """Return for each date of a place "old" if another date replaces it, "new" if it replaces one, else ""."""
    marks = []
    for number, said in enumerate(stated):
        one = said.expression
        if one.moved:
            marks.append("new")
            continue
        if number + 1 < len(stated) and stated[number + 1].expression.moved:
            marks.append("old")
            continue
        first = stated[number - 1].expression.span[1] if number else one.span[0] - _NEAR_CHARS
        before = [
            found.role
            for found in words
            if max(first, one.span[0] - _NEAR_CHARS) <= found.start and found.end <= one.span[0] + 1
        ]
        changes = [role for role in before if role in _OLD | _NEW | {"postponed", "moved"}]
        last = changes[-1] if changes else ""
        if last in _OLD or (last in ("postponed", "moved") and one.lead == "from" and len(stated) > 1):
            marks.append("old")
        elif (
            last in ("moved_to", "postponed_to")
            or (last in ("postponed", "moved") and one.lead in ("to", "until", "by"))
            or (last == "now" and any(mark == "old" for mark in marks))
        ):
            marks.append("new")
        else:
            marks.append("")
    # "Moved from 19-23 May to 30 June-4 July".
    for number in range(1, len(stated)):
        one, other = stated[number - 1].expression, stated[number].expression
        spoken = {found.role for found in words if found.end <= one.span[0]}
        if spoken & {"moved", "postponed", "moved_to"} and _is_to(place, one.span[1], other.span[0]):
            marks[number - 1 : number + 1] = ["old", "new"]
    # "Not on 4 March but on 12 April".
    for number in range(1, len(stated)):
        between = {
            found.role
            for found in words
            if stated[number - 1].expression.span[1] <= found.start < stated[number].expression.span[0]
        }
        spoken = {found.role for found in words if found.start < stated[number - 1].expression.span[0]}
        if "but" in between and spoken & {"not", "cancelled", "no_longer"} and not marks[number - 1]:
            marks[number - 1 : number + 1] = ["old", "new"]
    # What one statement names beside an old or a new date is its counterpart.
    for number, mark in enumerate(list(marks)):
        free = [k for k, other in enumerate(marks) if not other and k != number]
        if mark == "old" and "new" not in marks and len(free) == 1:
            marks[free[0]] = "new"
        elif mark == "new" and "old" not in marks and any(k < number for k in free):
            marks[max(k for k in free if k < number)] = "old"
    return marks


def _cue(place: Place, said: _Stated, words: Sequence[Found], mark: str, *, has_new: bool) -> Cue | None:
    """Return the state that the words of a clause say; "unclear" where a word of change can't be placed."""
    if mark == "old":
        roles_of_sentence = {found.role for found in words}
        return "cancelled" if not has_new and roles_of_sentence & {"cancelled", "not_held"} else "postponed"
    if mark == "new":
        return "planned"
    if place.form == "row":
        return _cue_of_row(place, said, words)
    roles = [found.role for found in said.roles]
    sentence = {found.role for found in words}
    if not sentence & _CHANGES:
        return (
            "done"
            if "done" in roles and "planned" not in roles
            else "planned"
            if "planned" in roles
            else None
        )
    if "unchanged" in sentence:
        return "planned"
    if _is_day_of_decision(place, said, words):
        return "done"
    if "not_held" in roles or ("cancelled" in roles and not _is_denied(said.roles, "cancelled")):
        return "cancelled"
    if _says_not_held(said.roles):
        return "cancelled"
    if "postponed" in roles and not _is_denied(said.roles, "postponed"):
        at = next(found for found in said.roles if found.role == "postponed")
        # What is postponed to a session leaves the session as it is.
        if at.start < said.expression.span[0] and _leads_to(place, at.end):
            return "planned"
        return "postponed"
    if set(roles) & _CHANGES - {"moved"}:
        return "unclear"
    if "planned" in roles or "done" in roles:
        return "planned" if "planned" in roles else "done"
    return "unclear" if sentence & _CHANGES - {"moved"} else None


def _is_day_of_decision(place: Place, said: _Stated, words: Sequence[Found]) -> bool:
    """Whether something was called off on a day: "decided on 19 May to put off", "cancelled on 28 May"."""
    begin = said.expression.span[0]
    before = [found for found in words if found.end <= begin]
    if said.expression.lead or not before or len(place.source[before[-1].end : begin].split()) > 1:
        return False  # "announced for 24 June"
    act = {found.role for found in before if found.end == before[-1].end}
    if "milestone" in act:
        return not {found.role for found in before} & (_OFF | {"moved"})
    return bool(act & {"cancelled", "postponed"}) and len(place.dates) > 1


def _is_to(place: Place, start: int, stop: int) -> bool:
    """Whether nothing but "to" stands between two dates."""
    words = lexicon(place.language)
    tokens = list(words.tokens(place.source[start:stop]))
    roles = [words.date_role(tokens, k)[0] for k in range(len(tokens))]
    return 0 < len(tokens) <= 2 and bool({"to", "until"} & set(roles)) and all(roles)


def _leads_to(place: Place, position: int) -> bool:
    """Whether "to" stands at a position: "postponed to the session of May"."""
    words = lexicon(place.language)
    tokens = list(words.tokens(place.source[position : position + 30]))
    return bool(tokens) and words.date_role(tokens, 0)[0] in ("to", "until")


def _cue_of_row(place: Place, said: _Stated, words: Sequence[Found]) -> Cue | None:
    cell = place.cell_at(said.expression.span[0])
    columns = _column(cell, place) if cell is not None else set()
    roles = {found.role for found in words}
    others = [one for one in place.cells if one is not cell and _has_date(one, place)]
    if "column_original_date" in columns and any("column_new_date" in _column(one, place) for one in others):
        return "postponed"
    if roles & {"cancelled", "not_held"} and "unchanged" not in roles:
        return "cancelled"
    if "postponed" in roles and len(place.dates) == 1:
        return "postponed"
    return None


def _is_denied(roles: Sequence[Found], role: str) -> bool:
    """Whether a negation stands directly before a word: "not cancelled"."""
    at = next(k for k, found in enumerate(roles) if found.role == role)
    return at > 0 and roles[at - 1].role == "not" and roles[at].start - roles[at - 1].end < 12


def _says_not_held(roles: Sequence[Found]) -> bool:
    """Whether a clause says that something does not take place: "no meeting", "will not be held"."""
    roles = [found for found in roles if found.role in ("not", "gathering", "held")]
    for found, following in itertools.pairwise(roles):
        if (
            found.role == "not"
            and following.role in ("gathering", "held")
            and following.start - found.end < 25
        ):
            return True
        if (
            found.role in ("gathering", "held")
            and following.role == "not"
            and following.start - found.end < 6
        ):
            return True
    return False


def _datings(read: _Read, group: str) -> list[Dating]:
    """Return the datings of a place; an old and a new date of one statement have one title, kind and group."""
    place = read.place
    marks = read.marks
    pair = "old" in marks and "new" in marks
    group = group or (short_hash(place.section.id, str(place.start)) if pair else "")
    marked = [k for k, mark in enumerate(marks) if mark]
    named = next((k for k in marked if not read.titles[k][1]), marked[0] if marked else 0)
    tentative = any(found.role == "proposed" for found in read.words)
    made = []
    for k, said in enumerate(read.stated):
        one = said.expression
        grouped = bool(group) and bool(marks[k])
        chosen = named if grouped else k
        title, quoted = read.titles[chosen]
        kind = read.kinds[chosen]
        start, end = (0, 0) if place.form == "heading" else (place.start, place.end)
        roles = {found.role for found in said.roles}
        near = (tentative and "proposed" in roles) or {"could", "held"} <= roles
        mention = Mention(
            section_id=place.section.id,
            text=one.text,
            sentence_start=start,
            sentence_end=end,
            cue=read.cues[k],
            tentative=near or (tentative and len(read.stated) == 1),
            offset=one.span[0],
            **one.stated(bound=_bound(one, kind, read.cues[k])),
        )
        made.append(Dating(title, kind, mention, _location(place, one), quoted, group if grouped else ""))
    return made


def _bound(one: DateExpression, kind: Kind, cue: Cue | None) -> Bound:
    if kind == "deadline":
        return "by"
    return "on" if cue == "postponed" else one.bound


def _location(place: Place, one: DateExpression) -> str | None:
    for cell in place.cells:
        if "column_place" in _column(cell, place):
            return place.source[cell.start : cell.end].strip(_SIGNS) or None
    return (
        location_of(place.text, one.span[0] - place.start, one.span[1] - place.start, place.language)
        if not place.cells
        else None
    )
