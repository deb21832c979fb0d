"""Titles of dated events: from the row and column, the list item, the label, the heading or the clause."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from ingest.events.names import (
    GatheringName,
    gatherings,
    is_location,
    location_line,
    proper_names,
    split_location,
)
from ingest.events.pieces import Piece, Span
from ingest.events.words import (
    ACT,
    DUE,
    HELD,
    LIMIT,
    PROPOSED,
    PUBLICATION,
    STEP,
    is_gathering,
    says_nothing,
    singular,
)

# Words before a bare noun that refers to a gathering mentioned before: "the present meeting".
_REFERRING = frozenset("the this that its their these such our a an any his each said present".split())
_NUMERALS = re.compile(r"first|second|third|fourth|fifth|next|last|new|final|\d+(?:st|nd|rd|th)")
# A longer heading is a sentence.
_HEADING_CHARS = 110
_SHORT_HEADING_CHARS = 70


@dataclass(frozen=True, slots=True)
class EventTitle:
    """The title of an event, the place cut from it, and whether it is the name of a gathering."""

    title: str
    place: str | None = None
    gathering: bool = False


@dataclass
class DocumentTopics:
    """The gatherings of one document (noun -> name); `latest` is reset for each section."""

    title: str
    latest: str = ""
    names: dict[str, str] = field(default_factory=dict)

    def note(self, text: str) -> None:
        """Remember the proper names of gatherings in `text`."""
        for name in gatherings(text):
            if name.proper:
                self.latest = self.latest or name.text
                self.names[name.noun] = name.text

    def recall(self, noun: str) -> str:
        """Return the name that "the conference" or "it" refers to, "" if unknown."""
        return self.names.get(singular(noun.casefold())) or self.latest or next(proper_names(self.title), "")

    def resolved(self, title: str) -> str:
        """Return what a bare "the meeting" or "second session" refers to, "" if unknown and for any other title."""
        words = [w for w in title.casefold().split() if w not in _REFERRING]
        counted = [w for w in words if _NUMERALS.fullmatch(w)]
        if len(words) - len(counted) != 1 or not is_gathering(words[-1]) or not words[-1].isalpha():
            return ""
        known = self.recall(words[-1])
        again = known and counted and counted[0] not in ("first", "new")
        return f"{known}: {_lowered(title)}" if again else known

    @property
    def document(self) -> str:
        """The gathering in the document's title, else the title."""
        return next(proper_names(self.title), "") or self.title

    def subject(self, lines: Sequence[str]) -> str:
        """Return the nearest line above that names a subject, else the document's own subject."""
        tidy = (" ".join(line.split()).strip(" .:;–-*#") for line in lines)
        return next(
            (line for line in tidy if line and len(line) <= _HEADING_CHARS and not says_nothing(line)),
            self.document,
        )

    def context(self, lines: Sequence[str]) -> str:
        """Return the nearest short line that names a gathering, else the heading, else the document's subject.

        "" if there is none; the document's subject needs a name.
        """
        above, document = [_tidy(line) for line in lines], _tidy(self.document)
        gathering = (line for line in (*above, document) if next(proper_names(line), ""))
        heading = above[-1] if lines and not _FIELDS.search(lines[-1]) and not says_nothing(above[-1]) else ""
        return next(gathering, heading or (document if _names_something(document) else ""))


def _tidy(line: str) -> str:
    """Return a line without marks around it and without the letter of "C. Accreditation"; "" if it is long."""
    tidy = _LETTERED.sub("", " ".join(line.split()).strip(" .:;–-*#¹²"))
    return tidy if len(tidy) <= _SHORT_HEADING_CHARS else ""


_LETTERED = re.compile(r"^[A-Z]\. ")
# In a row of a table, and in a line such as "Original: English".
_FIELDS = re.compile(r": | \| |\t")
_PLACE_COLUMN = re.compile(r"(?:places?|venues?|locations?|city|where|host|country)\b", re.I)
# A cell without a match is a number or a code, which identifies the row but is no title.
_SAYS = re.compile(r"[^\W\d_]{3}|[A-Z]{2}|[A-Z]+ \d")
_DATE_WORD = re.compile(r"(?i)\b(?:key |important )?(?:dates?|when|time|period|days?)\b.*")
_CONNECTS = re.compile(r"(?:and|or|to|now|then|until|from|\W)*", re.I)
_NO_PLACE = (LIMIT, DUE, STEP, PUBLICATION)
# Shorter titles without a name ("Option 1") get their heading in front.
_SHORT_TITLE_WORDS = 5


def title_of(
    text: str, piece: Piece, span: Span, others: Sequence[Span], topics: DocumentTopics
) -> EventTitle:
    """Return the title of the event dated at `span` of the text; `others` are the piece's other dates, in order."""
    if piece.form == "row":
        named = _of_row(text, piece, span, others, topics)
    elif piece.form == "line":
        named = _of_line(text, (piece.start, piece.end), span, others, piece.lines_above, topics)
    else:
        named = _of_clause(text, piece, span, others, topics)
    if len(named.title.split()) <= _SHORT_TITLE_WORDS and not _names_something(named.title):
        title = _shortened(_joined(topics.context(piece.lines_above), named.title))
        if " " not in title:
            document = topics.document
            title = _shortened(
                document if title.casefold() in document.casefold() else f"{title}: {document}"
            )
        return replace(named, title=title)
    return named


def _of_row(
    text: str, piece: Piece, span: Span, others: Sequence[Span], topics: DocumentTopics
) -> EventTitle:
    own = piece.cell_at(span[0])
    subject, place = "", None
    for cell in piece.cells:
        words = text[cell.start : cell.end].strip()
        dated = cell is own or any(cell.start <= first < cell.end for first, _ in others)
        if _PLACE_COLUMN.match(cell.label):
            place = words if is_location(words) else None
        elif not subject and not dated and _SAYS.search(words) and not says_nothing(words):
            subject = words
    label = "" if own is None or says_nothing(own.label) else own.label
    if own is not None:
        inside = [s for s in others if own.start <= s[0] < own.end]
        within = _of_line(text, (own.start, own.end), span, inside, (), topics)
        if within.title.casefold() != topics.document.casefold() and not is_location(within.title):
            subject = subject or within.title
        place = within.place or place
    if not subject:
        return EventTitle(_shortened(_joined(topics.subject(piece.lines_above), label)), place)
    return EventTitle(_shortened(_joined(subject, label)), place, _gathers(subject))


def _of_line(
    text: str, whole: Span, span: Span, others: Sequence[Span], above: Sequence[str], topics: DocumentTopics
) -> EventTitle:
    """Return the title of a date in a line such as "DATE: what", "what: DATE", "City (DATE), city (DATE)"."""
    start, end = whole
    venue = location_line(text[start:end], span[0] - start, span[1] - start)
    if venue is not None and not any(pattern.search(venue) for pattern in _NO_PLACE):
        # "Geneva, 1 June 2025" below the name of one gathering is its place.
        subject = above[0] if above else topics.document
        if any(
            is_gathering(word) and word.casefold() == singular(word.casefold()) for word in subject.split()
        ):
            return EventTitle(_shortened(subject), venue, True)
    before = max([stop for _, stop in others if start <= stop <= span[0]], default=start)
    after = min([first for first, _ in others if first >= span[1]], default=end)
    first = min([first for first, _ in others], default=span[0])
    opening = plain(text[start : min(first, span[0])])
    left = plain(text[before : span[0]])
    if opening:
        what = left if before > start and left and not _CONNECTS.fullmatch(left) else opening
    else:
        what = plain(text[span[1] : after]) or plain(text[span[1] : end])
    if says_nothing(what):
        title = _shortened(_joined(topics.subject(above), _DATE_WORD.sub("", what).strip(" :")))
        return EventTitle(title, None, _gathers(title))
    tidy, place = split_location(what)
    return EventTitle(topics.resolved(tidy) or _shortened(tidy), place, _gathers(tidy))


def _gathers(title: str) -> bool:
    return any(map(is_gathering, title.split()))


_CUT = re.compile(
    r";\s|:\s|\s[–—]\s|,? (?:followed|preceded) by |\band that\b"
    r"|, (?:and|but|while|with|ahead of|including|which|where|who|so|as)\s"
)
# Between two dates these introduce the second: "opens on 1 March and closes on 15 April".
_ONWARD = re.compile(r"\s+(?:and|but|then)\s")
# A cut at one of these would separate a verb from its subject.
_RELATIVE = frozenset(["which", "where", "who", ":"])
# Less text next to a date is no clause.
_LEAST_CHARS = 14
_LEAST_WORDS = 4
_REFERS_BACK = re.compile(r"(?:and|its?|they|their)\b", re.I)
_PRONOUN = re.compile(r"(?:it|they|(?:an?|the) (?P<another>second|third|next|new) one)\b\s*", re.I)
_OCCASION = re.compile(r"\b(?:at|by|in|during|after|of|for|to|on|from)\s+(?:\S+\s+){0,3}$")
# Text before a date that is in a relative clause, maybe after a place between commas.
_IN_RELATIVE = re.compile(
    r", (?:which|whose|who|whom|where)\b[^,]*(?:, [A-Z][\w ]*)?(?:,? [a-z]{2,5})?,?\s*$"
)
_PREPOSITION = re.compile(r"\b(?:for|to|of|at)(?: the| its| this)?\s*$")

_OWNER = re.compile(r"(?:The |At )?((?:[A-Z][\w&-]*)(?: (?:(?:of|on|for|and)(?: the)? )?[A-Z][\w&-]*)*)")


def clause(text: str, piece: Piece, span: Span, others: Sequence[Span]) -> Span:
    """Return the span of the date's clause, without the words that introduce the next date."""
    low, high = clause_bounds(text, piece, span, others)
    onward = _ONWARD.match(text, span[1], high) if any(first == high for first, _ in others) else None
    return low, onward.start() if onward is not None and plain(text[onward.end() : high]) else high


def clause_bounds(text: str, piece: Piece, span: Span, others: Sequence[Span]) -> Span:
    """Return the span around the date, between other dates and the ends of the clause."""
    low = max([stop for _, stop in others if piece.start <= stop <= span[0]], default=piece.start)
    high = min([first for first, _ in others if first >= span[1]], default=piece.end)
    for match in _CUT.finditer(text, piece.start, piece.end):
        if low <= match.start() and match.end() <= span[0]:
            wide = match.end() - low > _LEAST_CHARS and span[0] - match.end() > _LEAST_CHARS
            if wide and match.group().strip(", ") not in _RELATIVE:
                low = match.end()
        elif match.start() >= span[1]:
            high = min(high, match.start())
            break
    return low, high


def _of_clause(
    text: str, piece: Piece, span: Span, others: Sequence[Span], topics: DocumentTopics
) -> EventTitle:
    """Return the title that a sentence gives the date at `span`; `others` are its other dates."""
    low, high = clause(text, piece, span, others)
    before, after = text[low : span[0]], text[span[1] : high]
    if low == piece.start and not plain(before):
        after = _main_clause(text[span[1] : piece.end])
    named = _gathering(before, after, text[piece.start : piece.end], topics)
    if named is not None:
        return named
    # The words after another date or a comma are about what the sentence begins with.
    beginning = _without(text, piece.start, span[0], others)
    title, of_clause = sentence_title(beginning, after), sentence_title(before, after)
    complete = len(of_clause.split()) >= _LEAST_WORDS and not _REFERS_BACK.match(of_clause)
    if len(title) > _TITLE_CHARS and complete:
        title = of_clause
    elif len(title.split()) < 2:
        title = sentence_title(beginning, _without(text, span[1], piece.end, others))
    pronoun = _PRONOUN.match(title)
    topic = topics.recall("it") if pronoun else ""
    if pronoun and topic:
        if pronoun["another"]:
            return EventTitle(f"{pronoun['another'].capitalize()} {topic.removeprefix('First ')}", None, True)
        said = title[pronoun.end() :]
        if HELD.match(said) or re.match(r"(?:\w+ ){0,4}held\b", said):
            return EventTitle(topic, None, True)
        return EventTitle(_shortened(f"{topic}: {said}"))
    title = concise(title, clause_dated=_IN_RELATIVE.search(before) is not None)
    if not title or says_nothing(title):
        title = _joined(topics.subject(piece.lines_above), title)
    return EventTitle(_shortened(title))


def _main_clause(after: str) -> str:
    """Return the text after a date that opens its sentence, from the part that says what happened."""
    parts = after.split(", ")
    for k, part in enumerate(parts):
        if match := ACT.search(part) or HELD.search(part):
            return ", ".join(parts[k - 1 if k and match.start() < 4 else k :])
    return after


def _gathering(before: str, after: str, sentence: str, topics: DocumentTopics) -> EventTitle | None:
    """Return the gathering that the clause dates: the one named directly before or after the date, if any."""
    right = gatherings(after[:160])
    if right and right[0].start <= 1 + len(after) - len(after.lstrip()):
        # "its July 2023 meeting", "the 12 May consultation"
        owner = _OWNER.match(sentence) if re.search(r"\b(?:its|their)\W*$", before, re.I) else None
        if owner is not None and not right[0].proper:
            return EventTitle(f"{owner[1]} {_lowered(right[0].text)}", None, True)
        return _completed(right[0], topics)
    left = gatherings(before)
    if left:
        before_name, between = before[: left[-1].start], before[left[-1].end :]
        if _PREPOSITION.search(before_name) and (
            DUE.search(before_name[-40:]) or LIMIT.search(before_name[-40:])
        ):
            return None  # "Registration for the Forum closes"
        occasion = (
            _OCCASION.search(before_name) and ACT.search(before_name[-90:]) and not HELD.search(between)
        )
        if occasion or ACT.search(re.sub(r"\bannounced (?:for|on)\b", "", between)):
            return None  # in "the outcome of the Forum was published in May" the clause is the title
        return _completed(left[-1], topics)
    if right and not plain(before) and not ACT.search(after[: right[0].start]):
        return _completed(right[0], topics)
    return None


def _completed(name: GatheringName, topics: DocumentTopics) -> EventTitle:
    return EventTitle((not name.proper and topics.resolved(name.text)) or name.text, None, True)


def _without(text: str, low: int, high: int, others: Sequence[Span]) -> str:
    """Return `text[low:high]` without its dates and the words that only introduce them."""
    parts, at = [], low
    for first, stop in others:
        if low <= first and stop <= high:
            parts.append(_without_leads(text[at:first]))
            at = stop
    return " ".join([*parts, text[at:high]])


_TITLE_CHARS = 110
# Words that introduce a date, or that remain at an end where a date was removed.
_LEADING = frozenset(
    """from on by until till in of at the to due before after since between during for around about as no not later
    earlier than week weeks commencing beginning starting scheduled now and up dated is was are were held be
    deadline approximately tentatively provisionally originally initially w/c within through latest set
    planned exactly both or will""".split()
)
_TRAILING = _LEADING | frozenset("with a an that which also its their but no not both".split()) - {
    "deadline",
    "week",
    "weeks",
}
_OPENING = re.compile(
    r"^(?:(?:however|moreover|furthermore|in addition|additionally|finally|subsequently|also|then|and|but|or|that"
    r"|which|who|while|including|(?:please )?note that|please|kindly|so|thus|therefore|meanwhile|consequently"
    r"|accordingly|hereby|where|when|as you (?:know|(?:will )?recall)|recalling|noting"
    r"|it is (?:foreseen|planned|proposed|recalled) that)\b[\s,]*)+",
    re.I,
)
# The words that are removed from the end of a title are shorter.
_LONGEST_WORD = 20
_LAST_WORD = re.compile(r"(?:^|(?<=[\s(,;:–—-]))[\w/]+$")
_NUMBER = re.compile(r"^(?:\d{1,2}(?:\.\d{1,2})*\.?|\(?[a-z]\)|\[ ?\]) (?=\D)")
_TIME = re.compile(
    r"(?:,?\s?(?:at|from|by|until|no later than)?\s?)?\b(?:\d{1,2}[:.h]\d{2}(?:\s?[ap]\.?m\b\.?)?|\d{4} hours|midnight"
    r"|noon)(?:\s*(?:-|–|to)\s*\d{1,2}[:.]?\d{2})?(?:\s*(?:hours|hrs|h)\b)?"
    r"(?:\s*\(?(?:UTC|CES?T|GMT|EST|EDT|(?:[A-Z]\w+ ){1,2}time|local time)(?:\s?[+-]\d)?\)?)?",
)
_REMARK = re.compile(r"\((?:tbc|tbd|to be confirmed|tentative|provisional|new date|new|extended)?\s*\)", re.I)
# A remark in brackets, or a reference: "(letter)", "(more details in C23/INF/8)", "(A/RES/76/307)".
_ASIDE = re.compile(r"\s\((?:[a-z][^()]*|[A-Z][^()\s/]*/[^()\s]*)(?:\)(?=\W|$)|$)")
_ASIDE_CLAUSE = re.compile(r", (?:which|whose|who|whom|where)\b[^,()]*(?:,(?=\s)|$)")
# What only joins a relative clause to its noun: ", which had been".
_JOINT = re.compile(r", (?:which|who)(?: (?:is|are|was|were|has|have|had|been))+(?=\s[^,]*$)")
_PREDICATE = re.compile(
    r"\s(?:is|are|was|were|will|shall|has|have|had)\b(?: (?:be|been|being|also|now|not))* (?P<said>[\w-]+)$"
)
_MARKS = " ,;:.–—-|*•·~#\t"
# A capitalised word after the first one, or a code.
_NAMES = re.compile(r"\w\W+(?!Option|Part|Day|Week|Session)[A-Z]|^[A-Z][\w.-]*[A-Z\d]")


def _names_something(text: str) -> bool:
    """Whether the text contains a name or is one."""
    return _NAMES.search(text) is not None


def _without_leads(text: str) -> str:
    """Return text before a date without the words that only introduce it."""
    return _without_last(text, _LEADING)


def plain(text: str) -> str:
    """Return part of a line without separators, times and words that introduce a date; "" if no word is left."""
    text = " ".join(_REMARK.sub(" ", _TIME.sub(" ", text)).split()).strip(_MARKS)
    text = re.sub(r"^\)+\s*|\s*\($", "", _without_leads(text)).strip(_MARKS)
    return text if re.search(r"[^\W\d_]{2}", text) else ""


def sentence_title(before: str, after: str) -> str:
    """Return the text before and after a date as one title."""
    text = f"{_without_leads(before)} {after.lstrip(' ,;:.)]–—-')}".strip().lstrip(_MARKS)
    text = _REMARK.sub("", _OPENING.sub("", _TIME.sub(" ", _NUMBER.sub("", text, count=1)), count=1))
    return _without_last(re.sub(r"\s+([,;.)])", r"\1", " ".join(text.split())), _TRAILING)


def concise(title: str, *, clause_dated: bool = False) -> str:
    """Return a title from a sentence without remarks in brackets, relative clauses, and "is also proposed".

    Brackets that begin with a capital letter or a figure belong to a name: "(SIDS)", "(Rev. Bucharest, 2022)". Where a
    relative clause has the date (`clause_dated`), it says what happened and stays: "the database, which went live".
    """
    clause = _JOINT if clause_dated else _ASIDE_CLAUSE
    short = clause.sub("", _ASIDE.sub("", title))
    predicate = _PREDICATE.search(short)
    if predicate and (PROPOSED.fullmatch(predicate["said"]) or HELD.fullmatch(predicate["said"])):
        short = short[: predicate.start()]
    return _without_last(short, _TRAILING)


def _joined(subject: str, what: str) -> str:
    """Return "Working Party 7A: deadline for contributions"; one of both alone if it contains the other."""
    if not subject or not what or what.casefold() in subject.casefold():
        return subject or what
    if subject.casefold() in what.casefold():
        return what
    return f"{subject}: {_lowered(what)}"


def _lowered(text: str) -> str:
    """Return the text with a small first letter, unless that belongs to a name or acronym."""
    return text[:1].lower() + text[1:] if text[1:2].islower() and text.split()[0][1:].islower() else text


def _shortened(text: str) -> str:
    """Return the text as a title: one line, capitalised, brackets closed; a long one cut before a preposition."""
    text = _NUMBER.sub("", " ".join(text.split()).strip(_MARKS), count=1)
    text = re.sub(r"^(?:the|an?) (?=\S+ )", "", text, flags=re.I)
    if text.count("(") > text.count(")"):
        text = text + ")" if text.rfind("(") > len(text) - 40 else text[: text.rfind("(")].rstrip()
    if len(text) > _TITLE_CHARS:
        links = (
            text.rfind(link, 40, _TITLE_CHARS)
            for link in (", ", " for ", " on ", " in ", " and ", " of ", " with ")
        )
        cut = next((at for at in links if at > 0), text.rfind(" ", 0, _TITLE_CHARS))
        text = _without_last(text[:cut], _TRAILING)
    if text.count("“") > text.count("”") and len(text[: text.rfind("“")].split()) > 1:
        text = text[: text.rfind("“")].rstrip(_MARKS)
    return text[:1].upper() + text[1:]


def _without_last(text: str, words: frozenset[str]) -> str:
    text = text.rstrip(" .,;:(–—-[")
    while last := _LAST_WORD.search(text, max(0, len(text) - _LONGEST_WORD)):
        if last.group().casefold() not in words:
            break
        text = text[: last.start()].rstrip(" .,;:(–—-[")
    return text
