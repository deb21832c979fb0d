"""Questions about time as queries of the register: by period, kind, place and topic, each optional. Pure.

The words with which people ask for dates are in `bot/question/english/time.toml`. So are the periods that are counted
from today ("next 2 weeks", "rest of the month"); all other dates ("9-10 May", "Q3", "by Friday") are read by the
grammar that reads the documents.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal, NamedTuple

from text_to_num import text2num

from bot.locales import _
from bot.question import Question, expand_shorthand, name_terms, points_back
from bot.question.lexicon import MONTHS, any_of, table
from bot.register.questions.search import FULL_SCORE, EntrySearch, find_entries, stem_set
from bot.register.wording import add_days, add_months, day, day_range
from ingest.dates import ABBREVIATED_MONTHS, SEASONS, WEEKDAYS, DateExpression, find_dates
from store.records import Kind
from store.terms import STOP_WORDS, stem

Relation = Literal["list", "one", "next", "past", "off"]

_WORDS = table("time")
_KINDS: dict[Kind, re.Pattern[str]] = {kind: any_of(phrases) for kind, phrases in _WORDS["kinds"].items()}
_WORD_LISTS = {name: any_of(phrases) for name, phrases in _WORDS["words"].items()}
_PERIODS = [(rule["days"], any_of(rule["words"])) for rule in _WORDS["periods"]]
PATTERNS = {
    name: re.compile("".join(line.strip() for line in text.splitlines()), re.I)
    for name, text in _WORDS["patterns"].items()
}
# Stems of words that name nothing in a question.
TALK = frozenset(map(stem, _WORDS["talk"]["words"].split()))

# Queries. The lists of words that ask about time, and those that ask about one event.
_ASKS_TIME = frozenset({"when", "status", "off", "missed", "next", "lists"})
_ASKS_ONE = frozenset({"when", "status", "off", "next"})
# Those with which a question asks more than whether something is still on, or the opposite.
_ASKS_MORE = frozenset({"when", "over", "off", "next", "missed", "compared", "negated"})
_MOST_CHARS = 500
_SENTENCE = re.compile(r"[?!.]+(?:\s+|$)|\s*[()]+\s*")
_CLAUSE = re.compile(r"[?!.;:()]+\s*|,\s+|\s+[-–]+\s+")
_NAME_WORD = re.compile(r"[^\W_]+(?:[-’'&./+][^\W_]+)*")

# Periods.
_VAGUE = {"a": 1, "an": 1, "couple": 2, "couple of": 2, "few": 3, "several": 3}
# How many units from now: "next week" is one on.
_OFFSETS = {"next": 1, "coming": 1, "following": 1, "last": -1, "past": -1, "previous": -1}
_MONTHS_OF = {"month": 1, "quarter": 3, "year": 12}
_DAYS_OF = {"hour": 1, "day": 1, "week": 7, "fortnight": 14}
# A day without a year that would be further ahead than this is taken to be past.
_FAR = timedelta(days=270)
_JOINING = re.compile(r"\s*(?:and|to|until|through|[-–+&/])\s*(?:the\s+)?")
_LIMIT = re.compile(
    r"\b(?:(?:(?P<before>before|ahead of|prior to)|(?P<after>after|following)|(?P<since>since)"
    r"|(?P<until>until|up to|by|no later than|(?:between|from) now (?:and|until|to))"
    r"|(?P<open>from|starting(?: from)?)|(?P<rest>(?:rest|remainder) of))\s+(?:(?:on|in|the)\s+)*"
    r"|(?:in|on|within|during|over|for|of|at|between|the|is)\s+(?:the\s+)?)$",
    re.I,
)
_IMPOSSIBLE = (ValueError, OverflowError)
# A date has a figure, alone or after one or two letters ("Q3"), or one of these words. The units also match in longer
# words ("Monday", "today", "years"). Most questions have none, and are spared the grammar of dates.
_SHORT_NAMES = "|".join(sorted({*ABBREVIATED_MONTHS, *WEEKDAYS, "may"}))
_DATE_WORDS = re.compile(
    r"(?:^|[\W_]|(?<![^\W_])[^\W\d_]{1,2})\d"
    rf"|(?i:{'|'.join((*MONTHS, *SEASONS))}|hour|day|week|fortnight|month|quarter|half|year|tonight|tomorrow)"
    rf"|(?<![^\W_])(?i:{_SHORT_NAMES})(?![^\W_])"
)


@dataclass(frozen=True, slots=True)
class Period:
    """Days, both ends inclusive, None where open."""

    start: date | None
    end: date | None

    @property
    def label(self) -> str:
        """The days in words: "2–15 June 2025", "until 15 June 2025"."""
        if self.start and self.end:
            return day_range(self.start, self.end)
        if self.end:
            return _("until {date}", date=day(self.end))
        return _("from {date} on", date=day(self.start)) if self.start else _("all dates")

    @property
    def words(self) -> str:
        """The days within a sentence: "for 2–15 June 2025", "on 2 June 2025", "" for always."""
        if self.start and self.end:
            if self.start == self.end:
                return _("on {date}", date=self.label)
            return _("for {period}", period=self.label)
        return self.label if self.start or self.end else ""

    @property
    def heading(self) -> str:
        """The heading of a list of these days: "From 2 June 2025 on:"."""
        return _("{period}:", period=self.title)

    @property
    def title(self) -> str:
        """The days at the beginning of a heading: "From 2 June 2025 on"."""
        return f"{self.label[:1].upper()}{self.label[1:]}"

    def upcoming(self, as_of: date) -> Period:
        """Return the part that is not over as of a day; the whole period if all of it is over."""
        if self.end is not None and self.end < as_of:
            return self
        return replace(self, start=max(self.start or as_of, as_of))


@dataclass(frozen=True, slots=True)
class RegisterQuery:
    """A query of the register: a relation and the conditions that entries have to meet."""

    relation: Relation = "list"
    """Entries asked for: "one" the dates of the topics, "list" all that fit, "next" the first to come, "past" those
    that are over, "off" those moved, postponed or cancelled."""
    period: Period | None = None
    """None: any time."""
    kinds: frozenset[Kind] = frozenset()
    """Empty: all kinds."""
    place: str = ""
    topics: tuple[str, ...] = ()
    """Names of events; two are compared."""
    before: str = ""
    """Name of an event before which the period ends."""
    after: str = ""
    """Name of an event after which the period begins."""
    documents_first: bool = False
    """A sentence of the documents may state the answer ("When is the Summit?"), so they are searched first."""
    asks_if_over: bool = False
    """The question is whether the topics are over."""
    asks_if_on: bool = False
    """The question is whether the one topic is still on, and nothing else."""

    @property
    def is_everything(self) -> bool:
        """Whether it is a list of all entries, without a condition."""
        conditions = self.period or self.kinds or self.place or self.topics or self.before or self.after
        return self.relation == "list" and not conditions


def read_query(
    asked: Question,
    as_of: date,
    entries: Callable[[], EntrySearch],
    in_documents: Callable[[str], bool],
) -> RegisterQuery | None:
    """Return the query of a question, None if it asks for something else.

    A follow-up is completed from the question before. `entries` reads the register, which most questions do not need;
    `in_documents(word)` is whether the word is anywhere in the documents.
    """
    turn, context = _plain(asked.turn), _plain(asked.context)
    if not any(
        not PATTERNS["not_dates"].search(text)
        and (_asks(text, as_of) or "compared" in word_lists_in(text) or PATTERNS["bound"].search(text))
        for text in filter(None, (turn, context))
    ):
        return None
    reader = _Reader(as_of, entries(), in_documents)
    query = reader.read(turn)
    query = reader.followed_up(query, asked, turn, context) if context else query
    if query and query.is_everything and context and points_back(turn):
        # "What is planned there?" asks about what was named before.
        return None
    if query and query.relation == "one" and set(asked.turn_asks) <= {"whether"}:
        on = any(_asks_if_on(sentence, query, as_of) for sentence in _SENTENCE.split(turn))
        return replace(query, asks_if_on=on)
    return query


def _asks_if_on(sentence: str, query: RegisterQuery, as_of: date) -> bool:
    """Whether each word of a sentence names the one topic of its query or its days, or asks whether it is still on."""
    words = word_lists_in(sentence)
    if not words >= {"status", "ahead"} or words & _ASKS_MORE or len(query.topics) != 1:
        return False
    if query.before or query.after:
        return False
    left = find_period(_WORD_LISTS["status"].sub(" ", sentence), as_of)[1]
    # ITU's own name is in no topic.
    return stem_set(left) <= stem_set(query.topics[0]) | {"itu"}


def asks_about_time(question: str, as_of: date) -> bool:
    """Whether a question names a period, or asks for dates or what became of them."""
    return _asks(expand_shorthand(question), as_of)


# Several steps of an answer read the same texts, here and in `find_period`.
@lru_cache(maxsize=64)
def word_lists_in(text: str) -> frozenset[str]:
    """Return the names of the lists of words that a text has a word of: "when", "off"."""
    return frozenset(name for name, pattern in _WORD_LISTS.items() if pattern.search(text))


def _asks(text: str, as_of: date) -> bool:
    return bool(word_lists_in(text) & _ASKS_TIME) or find_period(text, as_of)[0] is not None


def _plain(question: str) -> str:
    """Return the question with shorthand spelled out and words for the documents themselves removed."""
    text = expand_shorthand(" ".join(question.replace("’", "'").split())[:_MOST_CHARS])
    return PATTERNS["sources"].sub(" ", re.sub(r"\s[+&]\s", " and ", text))


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads the texts of one question."""

    as_of: date
    search: EntrySearch
    in_documents: Callable[[str], bool]

    def read(self, text: str) -> RegisterQuery | None:
        """Return the query of the first sentence, or else clause, that has one."""
        if PATTERNS["not_dates"].search(text):
            return None
        sentences = [part for part in _SENTENCE.split(text) if len(part.split()) > 2]
        clauses = dict.fromkeys((*sentences, text, *_CLAUSE.split(text)))
        query = next((query for clause in clauses if (query := self._clause(clause))), None)
        if query is None or not query.is_everything:
            return query
        # "Anything ahead?" may have its conditions in another clause. All dates, or all of a kind, are no answer to who
        # names something.
        query = replace(query, period=find_period(text, self.as_of)[0], kinds=_kinds_in(text))
        named = any(not _is_kind_word(word.text) for word in _naming(text))
        return None if named and not query.period else query

    def _clause(self, text: str) -> RegisterQuery | None:
        if PATTERNS["not_dates"].search(text):
            return None
        # Find the period, the events that bound it, the place and the topics; each is cut out of the text.
        period, rest = find_period(text, self.as_of)
        before, after, rest = _cut_bounds(rest, self.search)
        place, unplaced = _cut_place(rest, self.search)
        words, kinds = word_lists_in(rest), _kinds_in(rest)
        bounded, lists, asks_one = bool(period or before or after), "lists" in words, bool(words & _ASKS_ONE)
        # "Anything I must tell the ambassador next week?" names no ambassador.
        known = self.search.knows if bounded and lists else self.in_documents
        named = _find_topics(unplaced, self.search, known)
        if named and named.topics and place:
            # A place next to a name is part of the name.
            named = _find_topics(rest, self.search, known)
        if named is None:
            return None
        topics = named.topics
        if not topics and place and asks_one and not bounded and "next" not in words:
            topics = (f"{place} {_kind_words(unplaced)}".strip(),)
        if period and "ahead" in words:
            period = period.upcoming(self.as_of)
        over = "over" in word_lists_in(text)
        query = RegisterQuery(
            period=period, kinds=kinds, place=place, before=before, after=after, asks_if_over=over
        )
        if topics:
            query = replace(query, place="", kinds=frozenset(), topics=topics)
            return _of_topics(query, text, words, named.unknown, self.search)
        if "off" in words:
            return replace(query, relation="off")
        if "missed" in words:
            return replace(query, relation="past")
        if "next" in words and not bounded and (kinds or place):
            return replace(query, relation="next")
        fits = bounded and (not named.unknown or kinds or place or _is_short(rest))
        return query if lists or fits else None

    def followed_up(
        self, query: RegisterQuery | None, asked: Question, turn: str, context: str
    ) -> RegisterQuery | None:
        """Return the query of a follow-up question: its own words, completed from the query before.

        "And next month?" after "Any deadlines this month?" asks for deadlines; "is it still on?" for the topic before.
        Other follow-ups, such as "and where?", have their context from `bot/question/understanding.py`.
        """
        before = self.read(context)
        period, rest = find_period(turn, self.as_of)
        place, unplaced = _cut_place(rest, self.search)
        own, kinds = _find_topics(unplaced, self.search, self.search.knows), _kinds_in(rest)
        if before and own and not own.topics and (period or place or kinds):
            left = replace(before, before="", after="", period=period) if period else before
            return replace(left, kinds=kinds or left.kinds, place=place or left.place)
        if PATTERNS["not_dates"].search(turn) or not word_lists_in(turn) & {"when", "status", "off"}:
            return query
        points = asked.points_back or not query
        named = _find_topics(context, self.search, self.search.knows) if points else None
        if named is None or not named.topics:
            return query
        if query and query.topics:
            if name_terms(asked.turn):
                return query
            # "When does registration for it close?" asks for one entry, and not for any registration.
            return replace(query, topics=(" ".join([*query.topics, *named.topics]),), documents_first=True)
        return RegisterQuery("one", topics=named.topics)


def _of_topics(
    query: RegisterQuery, text: str, words: frozenset[str], unknown: bool, search: EntrySearch
) -> RegisterQuery | None:
    """Return the query of a clause that names topics, with its relation.

    `words` are the word lists in the clause without its period and bounds.
    """
    bounded = bool(query.period or query.before or query.after)
    if len(query.topics) > 1:
        return (
            replace(query, relation="one")
            if "compared" in word_lists_in(text)
            else query
            if bounded
            else None
        )
    asks = words & _ASKS_ONE
    if PATTERNS["about_one"].search(text) and "what_dates" not in word_lists_in(text) and "off" not in asks:
        return None
    if not asks:
        if bounded and "lists" not in words and " " in query.topics[0]:
            # "The robotics challenge is on Saturday, right?"
            return replace(query, relation="one", documents_first=True)
        return query if bounded and ("lists" in words or not unknown) else None
    if "off" in asks:
        return replace(query, relation="off") if PATTERNS["asked"].search(text) else None
    if "next" in asks and not query.period:
        return replace(query, relation="next")
    documents_first = "when" in asks and not bounded and not PATTERNS["left"].search(text)
    if documents_first and "due" in word_lists_in(text):
        # Sentences state more about an event than about its deadlines.
        documents_first = find_entries(search, query.topics[0])[0].entry.kind != "deadline"
    return replace(query, relation="one", documents_first=documents_first)


@dataclass(frozen=True, slots=True)
class _Topics:
    """The events that a text names; `unknown` if it has other words, of no document."""

    topics: tuple[str, ...] = ()
    unknown: bool = False


class _NamingWord(NamedTuple):
    """A word of a text; `small`: it is in lower case, so that it names something only where others have it."""

    text: str
    start: int
    small: bool


def _cut_place(text: str, search: EntrySearch) -> tuple[str, str]:
    """Return the place of the register that a text names, and the text without it.

    "Outside of Geneva" names none.
    """
    names: list[re.Match[str]] = []
    rest = text
    for match in reversed(list(_NAME_WORD.finditer(text))):
        word = match.group().casefold()
        # "New" is one only in "New York".
        begins = names and word in search.places and not text[match.end() : names[-1].start()].strip()
        if begins or _is_place(word, search):
            names.append(match)
            rest = f"{rest[: match.start()]} {rest[match.end() :]}"
    if not names or PATTERNS["elsewhere"].search(text[: names[-1].start()]):
        return "", rest
    return " ".join(m.group() for m in reversed(names)), rest


def _is_place(word: str, search: EntrySearch) -> bool:
    return word in search.places and word not in STOP_WORDS and stem(word) not in TALK


def _cut_bounds(text: str, search: EntrySearch) -> tuple[str, str, str]:
    """Return the events that bound the question, (before, after), "" for none, and the text without them."""
    found = PATTERNS["bound"].search(text)
    if found is None or PATTERNS["both"].search(text) or PATTERNS["left"].search(text[: found.start()]):
        return "", "", text
    way, event = found["way"].casefold(), found["event"].strip()
    rest = f"{text[: found.start()]} {text[found.end() :]}".strip(" ,")
    if way == "between":
        pair = re.split(r"\s+and\s+(?:the\s+)?", event, maxsplit=1)
        ends = [_event(end, search)[0] for end in pair]
        return (ends[1], ends[0], rest) if len(ends) == 2 and all(ends) else ("", "", text)
    event, left = _event(event, search)
    rest = f"{rest} {left}".strip()
    if not rest or not event:
        return "", "", text
    return ("", event, rest) if way in {"after", "following", "since"} else (event, "", rest)


def _event(text: str, search: EntrySearch) -> tuple[str, str]:
    """Return the beginning of a text that names an event best, and the rest."""
    words = [word for word in _naming(text) if not word.small or search.knows(word.text)]
    best: tuple[float, int, str] = (0.0, 0, "")
    for count in range(1, len(words) + 1):
        name = " ".join(word.text for word in words[:count])
        if found := find_entries(search, name):
            best = max(best, (found[0].rank, count, name))
    _, count, name = best
    return name, text[words[count].start :] if name and count < len(words) else "" if name else text


def _find_topics(text: str, search: EntrySearch, in_documents: Callable[[str], bool]) -> _Topics | None:
    """Return what a text names in the register; None if it names something else.

    Lower-case words that are in no entry and no document are ignored.
    """
    words = _naming(text)
    kept = [w for w in words if not w.small or search.knows(w.text) or in_documents(w.text)]
    unknown = any(word not in kept and not _is_kind_word(word.text) for word in words)
    if all(_is_kind_word(word.text) for word in kept):
        return _Topics((), unknown)
    whole = " ".join(word.text for word in kept)
    found = find_entries(search, whole)
    if found and found[0].score >= FULL_SCORE:
        return _Topics((whole,), unknown)
    pair, position = list[str](), 0
    for joint in (*PATTERNS["joined"].finditer(text), None):
        stop = joint.start() if joint else len(text)
        part = " ".join(word.text for word in kept if position <= word.start < stop)
        position = joint.end() if joint else stop
        if (
            part
            and not _is_kind_word(part)
            and (m := find_entries(search, part))
            and m[0].score >= FULL_SCORE
        ):
            pair.append(part)
    if len(pair) == 2 and not _same(pair, search):
        return _Topics(tuple(pair), unknown)
    return _Topics((whole,), unknown) if found else None


def _same(topics: list[str], search: EntrySearch) -> bool:
    first, second = ({m.entry.chain_id for m in find_entries(search, topic)} for topic in topics)
    return bool(first & second)


def _naming(text: str) -> list[_NamingWord]:
    """Return the words of a text that may name something: all but words of asking."""
    kept = []
    for place, match in enumerate(_NAME_WORD.finditer(text)):
        word = match.group()
        folded = word.casefold().removesuffix("'s")
        # "Good" is part of a name, "good" of a greeting.
        asks = folded in STOP_WORDS or (
            stem(folded) in TALK and (place == 0 or word == folded or len(word) < 4)
        )
        if len(folded) > 1 and not asks:
            kept.append(_NamingWord(word, match.start(), folded.isalpha() and word == folded))
    return kept


def _kinds_in(text: str) -> frozenset[Kind]:
    return frozenset(kind for kind, pattern in _KINDS.items() if pattern.search(text))


def _is_kind_word(word: str) -> bool:
    """Whether a word is the name of a kind of event: "meeting"."""
    return any(pattern.fullmatch(word) for pattern in _KINDS.values())


def _kind_words(text: str) -> str:
    return " ".join(word for word in _NAME_WORD.findall(text) if _is_kind_word(word))


def _is_short(text: str) -> bool:
    """Whether a text has so few words that it cannot ask for something else."""
    return len(_NAME_WORD.findall(text)) <= 3


@lru_cache(maxsize=64)
def find_period(text: str, as_of: date) -> tuple[Period | None, str]:
    """Return the period that `text` names, None for none, and `text` without its words.

    A date without a year is the next one, or in a question about the past the last one.
    """
    text = PATTERNS["of_year"].sub(
        lambda match: f"{match[1]} {as_of.year + _OFFSETS.get(match[2].casefold(), 0)}", text
    )
    for days, pattern in _PERIODS:
        if match := pattern.search(text):
            try:
                return _limited(_counted(days, match, as_of), text, match.span(), as_of)
            except _IMPOSSIBLE:
                continue
    may_date = as_of.year < 9990 and _DATE_WORDS.search(text)
    dates = find_dates(text, reference=as_of, bare=True) if may_date else []
    dated = [found for found in dates if found.start and found.end]
    dated = [found for found in dated if not found.named] or dated
    if not dated:
        return None, text
    past = _WORD_LISTS["over"].search(text) is not None
    first = last = dated[0]
    start, end = _year_of(first, as_of, past)
    # "from May to the end of July" may be read as two.
    if len(dated) > 1 and _JOINING.fullmatch(text[first.span[1] : dated[1].span[0]]):
        last = dated[1]
        _, end = _year_of(last, as_of if past else max(as_of, start), past)
    if end < start:
        return None, text
    return _limited(Period(start, end), text, (first.span[0], last.span[1]), as_of)


def _year_of(dated: DateExpression, as_of: date, past: bool) -> tuple[date, date]:
    """Return the days of an expression; one without a year, month or week gets the likeliest one."""
    first, last = dated.start or as_of, dated.end or as_of
    if not dated.year_inferred or _WORD_LISTS["reckoned"].search(dated.text):
        return first, last
    unit = "year"
    if re.fullmatch(r"\D*day", dated.text, re.I):
        unit = "week"
    elif re.fullmatch(r"(?:the )?\d{1,2}(?:st|nd|rd|th)", dated.text):
        unit = "month"
    exact = dated.precision == "day"
    ways = [way for count in (-2, -1, 0, 1, 2) if (way := _moved(first, last, count, unit, exact))]
    before = [way for way in ways if way[0] <= as_of]
    ahead = [way for way in ways if way[1] >= as_of]
    if before and (past or not ahead or (exact and ahead[0][0] - as_of > _FAR)):
        return before[-1]
    return ahead[0] if ahead else (first, last)


def _moved(first: date, last: date, count: int, unit: str, exact: bool) -> tuple[date, date] | None:
    try:
        start = _later(first, count, unit)
        if not exact and (last + timedelta(days=1)).day == 1:
            # The end of February is another day in a leap year.
            return start, _unit_of("month", _later(last.replace(day=1), count, unit))[1]
        return start, _later(last, count, unit)
    except _IMPOSSIBLE:
        return None


def _limited(found: Period, text: str, where: tuple[int, int], as_of: date) -> tuple[Period, str]:
    """Return the period as limited by the word before it ("until", "since"), and the text without both."""
    limit = _LIMIT.search(text[: where[0]])
    word = limit.lastgroup if limit else None
    rest = f"{text[: limit.start() if limit else where[0]]} {text[where[1] :]}"
    start, end = found.start or as_of, found.end or as_of
    if word == "rest":
        return Period(max(start, as_of), end), rest
    if word in ("before", "until"):
        last = add_days(start, -1) if word == "before" else end
        return Period(None if last < as_of else as_of, last), rest
    if word == "after":
        return Period(add_days(end, 1), None), rest
    if word == "since":
        return Period(start, as_of if start <= as_of else None), rest
    if word == "open" and (start == end or re.match(r"\s*(?:on|onwards?)\b", text[where[1] :])):
        return Period(start, None), rest
    return found, rest


def _counted(days: str, match: re.Match[str], as_of: date) -> Period:
    """Return the days that a match names. Raises ValueError, OverflowError for impossible ones.

    `days`: "rolling" from today over a number of units, three for "coming weeks"; the unit that was so many "ago";
    "calendar", the whole unit; its "rest"; its "weekend"; the "numbered" week.
    """
    words = {name: group.strip().casefold() for name, group in match.groupdict("").items()}
    unit, way = words.get("unit") or "week", _OFFSETS.get(words.get("way", ""), 0)
    count = _number(words["count"]) if words.get("count") else 3 if match.group()[-1] in "sS" else 1
    if days == "rolling":
        other = _later(as_of, -count if way < 0 else count, unit)
        return Period(min(as_of, other), max(as_of, other))
    if days == "ago":
        return Period(*_unit_of(unit, _later(as_of, -count, unit)))
    if days == "numbered":
        year = int(words["year"] or as_of.isocalendar().year)
        return Period(*_unit_of("week", date.fromisocalendar(year, int(words["number"]), 1)))
    start, end = _unit_of(unit, as_of, way)
    return Period({"rest": as_of, "weekend": add_days(end, -1)}.get(days, start), end)


def _later(value: date, count: int, unit: str) -> date:
    if unit == "hour":
        count = -(-count // 24)
    if unit in _DAYS_OF:
        return value + timedelta(days=count * _DAYS_OF[unit])
    return add_months(value, count * _MONTHS_OF[unit])


def _unit_of(unit: str, value: date, offset: int = 0) -> tuple[date, date]:
    """Return the calendar week, month, quarter or year of `value`, or the `offset`-th one after it."""
    if unit in _MONTHS_OF:
        months = _MONTHS_OF[unit]
        first = add_months(
            value.replace(day=1, month=(value.month - 1) // months * months + 1), offset * months
        )
    else:
        first = value - timedelta(days=value.weekday() if _DAYS_OF[unit] > 1 else 0)
        first += timedelta(days=offset * min(_DAYS_OF[unit], 7))
    return first, _later(first, 1, unit) - timedelta(days=1)


def _number(words: str) -> int:
    bare = words if words in _VAGUE else words.removeprefix("a ")
    if bare in _VAGUE:
        return _VAGUE[bare]
    return int(bare) if bare.isdigit() else int(text2num(bare.replace("-", " "), "en"))
