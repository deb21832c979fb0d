"""Questions as queries of the register: by period, kind, place and topic, each optional. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal, NamedTuple

from bot.question import ContextualQuestion, name_terms
from bot.register.questions.period import Period, find_period
from bot.register.questions.search import FULL_SCORE, EntrySearch, find_entries
from bot.register.questions.vocabulary import KINDS, PATTERNS, TALK, expand_shorthand, kinds_in, said
from store.records import Kind
from store.terms import STOP_WORDS, stem

Relation = Literal["list", "one", "next", "past", "off"]

# The lists of words (vocabulary.toml) that ask about time, and those that ask about one event.
_ASKING = frozenset({"when", "status", "off", "missed", "next", "lists"})
_ONE = frozenset({"when", "status", "off", "next"})
_LONGEST = 500
_SENTENCE = re.compile(r"[?!.]+(?:\s+|$)|\s*[()]+\s*")
_CLAUSE = re.compile(r"[?!.;:()]+\s*|,\s+|\s+[-–]+\s+")

_WORD = re.compile(r"[^\W_]+(?:[-’'&./+][^\W_]+)*")


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


def asks_about_time(question: str, as_of: date) -> bool:
    """Return whether a question names a period, or asks for dates or what became of them."""
    return _asks(expand_shorthand(question), as_of)


def _asks(text: str, as_of: date) -> bool:
    return bool(said(text) & _ASKING) or find_period(text, as_of)[0] is not None


def read_query(
    asked: ContextualQuestion,
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
        and (_asks(text, as_of) or "compared" in said(text) or PATTERNS["bound"].search(text))
        for text in filter(None, (turn, context))
    ):
        return None
    reader = _Reader(as_of, entries(), in_documents)
    query = reader.read(turn)
    return reader.followed_up(query, asked, turn, context) if context else query


def _plain(question: str) -> str:
    """Return the question with shorthand spelled out and words for the documents themselves removed."""
    text = expand_shorthand(" ".join(question.replace("’", "'").split())[:_LONGEST])
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
        return next((query for clause in clauses if (query := self._clause(clause))), None)

    def _clause(self, text: str) -> RegisterQuery | None:
        if PATTERNS["not_dates"].search(text):
            return None
        # Find the period, the events that bound it, the place and the topics; each is cut out of the text.
        period, rest = find_period(text, self.as_of)
        before, after, rest = _cut_bounds(rest, self.search)
        place, unplaced = _cut_place(rest, self.search)
        words, kinds = said(rest), kinds_in(rest)
        bounded, lists, asks_one = bool(period or before or after), "lists" in words, bool(words & _ONE)
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
        over = "over" in said(text)
        query = RegisterQuery("list", period, kinds, place, (), before, after, asks_if_over=over)
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
        self, query: RegisterQuery | None, asked: ContextualQuestion, turn: str, context: str
    ) -> RegisterQuery | None:
        """Return the query of a follow-up question: its own words, completed from the query before.

        "And next month?" after "Any deadlines this month?" asks for deadlines; "is it still on?" for the topic before.
        Other follow-ups, such as "and where?", have their context from `bot/question/follow_ups.py`.
        """
        before = self.read(context)
        period, rest = find_period(turn, self.as_of)
        place, unplaced = _cut_place(rest, self.search)
        own, kinds = _find_topics(unplaced, self.search, self.search.knows), kinds_in(rest)
        if before and own and not own.topics and (period or place or kinds):
            left = replace(before, before="", after="", period=period) if period else before
            return replace(left, kinds=kinds or left.kinds, place=place or left.place)
        if PATTERNS["not_dates"].search(turn) or not said(turn) & {"when", "status", "off"}:
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
    """Return the query of a clause that names topics, with its relation; `words` are said beside the period."""
    bounded = bool(query.period or query.before or query.after)
    if len(query.topics) > 1:
        return replace(query, relation="one") if "compared" in said(text) else query if bounded else None
    asks = words & _ONE
    if PATTERNS["about_one"].search(text) and "what_dates" not in said(text) and "off" not in asks:
        return None
    if not asks:
        if bounded and "lists" not in words and " " in query.topics[0]:
            # "The robotics challenge is on Saturday, right?"
            return replace(query, relation="one")
        return query if bounded and ("lists" in words or not unknown) else None
    if "off" in asks:
        return replace(query, relation="off") if PATTERNS["asked"].search(text) else None
    if "next" in asks and not query.period:
        return replace(query, relation="next")
    documents_first = "when" in asks and not bounded and not PATTERNS["left"].search(text)
    if documents_first and "due" in said(text):
        # Sentences state more about an event than about its deadlines.
        documents_first = find_entries(search, query.topics[0])[0].entry.kind != "deadline"
    return replace(query, relation="one", documents_first=documents_first)


@dataclass(frozen=True, slots=True)
class _Topics:
    """The events that a text names; `unknown` if it has other words, of no document."""

    topics: tuple[str, ...] = ()
    unknown: bool = False


class _Word(NamedTuple):
    """A word of a text; `small`: it is in lower case, so that it names something only where others have it."""

    text: str
    start: int
    small: bool


def _cut_place(text: str, search: EntrySearch) -> tuple[str, str]:
    """Return the place of the register that a text names, and the text without it.

    "Outside of Geneva" names none.
    """
    names = [m for m in _WORD.finditer(text) if _is_place(m.group().casefold(), search)]
    rest = text
    for match in reversed(names):
        rest = f"{rest[: match.start()]} {rest[match.end() :]}"
    if not names or PATTERNS["elsewhere"].search(text[: names[0].start()]):
        return "", rest
    return " ".join(m.group() for m in names), rest


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
        ends = [_event(one, search)[0] for one in pair]
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


def _naming(text: str) -> list[_Word]:
    """Return the words of a text that may name something: all but words of asking."""
    kept = []
    for place, match in enumerate(_WORD.finditer(text)):
        word = match.group()
        folded = word.casefold().removesuffix("'s")
        # "Good" is part of a name, "good" of a greeting.
        asks = folded in STOP_WORDS or (
            stem(folded) in TALK and (place == 0 or word == folded or len(word) < 4)
        )
        if len(folded) > 1 and not asks:
            kept.append(_Word(word, match.start(), folded.isalpha() and word == folded))
    return kept


def _is_kind_word(word: str) -> bool:
    """Return whether a word is the name of a kind of event: "meeting"."""
    return any(pattern.fullmatch(word) for pattern in KINDS.values())


def _kind_words(text: str) -> str:
    """Return the words of a text that name kinds of events."""
    return " ".join(word for word in _WORD.findall(text) if _is_kind_word(word))


def _is_short(text: str) -> bool:
    """Return whether a text has so few words that it cannot ask for something else."""
    return len(_WORD.findall(text)) <= 3
