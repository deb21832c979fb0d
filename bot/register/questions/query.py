"""Questions as queries of the register: by period, kind, place and topic, each optional. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from bot.question import ContextualQuestion, name_terms
from bot.register.questions.period import Period, find_period
from bot.register.questions.search import EntrySearch
from bot.register.questions.topics import (
    find_bounds,
    find_entries,
    find_place,
    find_topics,
    is_short,
    kind_words,
    may_have_bounds,
)
from bot.register.questions.vocabulary import (
    PATTERNS,
    expand_shorthand,
    kinds_in,
    says,
)
from store.records import Kind

Relation = Literal["list", "one", "next", "past", "off"]

_LONGEST = 500
_SENTENCE = re.compile(r"[?!.]+(?:\s+|$)|\s*[()]+\s*")
_CLAUSE = re.compile(r"[?!.;:()]+\s*|,\s+|\s+[-–]+\s+")


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
    text = expand_shorthand(question)
    asks = says(text, "when", "status", "off", "missed", "next", "lists")
    return asks or find_period(text, as_of)[0] is not None


def may_ask_dates(question: str) -> bool:
    """Return whether a question has words of one about dates, without the register and without reading dates.

    False only where `read_query` returns None.
    """
    text = _plain(question)
    if PATTERNS["not_dates"].search(text):
        return False
    words = says(text, "when", "status", "off", "missed", "next", "lists", "compared")
    return words or find_period(text, date(2024, 5, 1))[0] is not None or may_have_bounds(text)


def read_query(
    question: str, as_of: date, search: EntrySearch, in_documents: Callable[[str], bool]
) -> RegisterQuery | None:
    """Return the query of a question, None if it asks for something else.

    `in_documents(word)` is whether the word is anywhere in the documents.
    """
    text = _plain(question)
    if PATTERNS["not_dates"].search(text):
        return None
    sentences = [part for part in _SENTENCE.split(text) if len(part.split()) > 2]
    for clause in dict.fromkeys((*sentences, text, *_CLAUSE.split(text))):
        query = _read(clause, as_of, search, in_documents)
        if query is not None:
            return query
    return None


def _plain(question: str) -> str:
    """Return the question with shorthand spelled out and words for the documents themselves removed."""
    text = expand_shorthand(" ".join(question.replace("’", "'").split())[:_LONGEST])
    return PATTERNS["sources"].sub(" ", re.sub(r"\s[+&]\s", " and ", text))


def _read(
    text: str, as_of: date, search: EntrySearch, in_documents: Callable[[str], bool]
) -> RegisterQuery | None:
    """Return the query of one sentence or clause, None if it asks for something else."""
    if PATTERNS["not_dates"].search(text):
        return None
    # Find the period, the events that bound it, the place and the topics; each is cut out of the text.
    period, rest = find_period(text, as_of)
    before, after, rest = find_bounds(rest, search)
    place, unplaced = find_place(rest, search)
    bounded, lists = bool(period or before or after), says(rest, "lists")
    asks_one = says(rest, "when", "status", "off", "next")
    if bounded and lists:
        # "Anything I must tell the ambassador next week?" names no ambassador.
        in_documents = search.knows
    named = find_topics(unplaced, search, in_documents)
    if named and named.topics and place:
        # A place next to a name is part of the name.
        named = find_topics(rest, search, in_documents)
    if named is None:
        return None
    kinds = kinds_in(rest)
    topics = named.topics
    if not topics and place and asks_one and not bounded and not says(rest, "next"):
        topics = (f"{place} {kind_words(unplaced)}".strip(),)
    if period and says(rest, "ahead"):
        period = period.upcoming(as_of)
    query = RegisterQuery("list", period, kinds, place, (), before, after, asks_if_over=says(text, "over"))
    if topics:
        query = replace(query, place="", kinds=frozenset(), topics=topics)
        return _of_topics(query, text, rest, named.unknown, search)
    if named.unknown and not (lists or asks_one or is_short(rest)):
        return None
    if says(rest, "off"):
        return replace(query, relation="off")
    if says(rest, "missed"):
        return replace(query, relation="past")
    if says(rest, "next") and not bounded and (kinds or place):
        return replace(query, relation="next")
    return query if lists or (bounded and (not named.unknown or kinds or place or is_short(rest))) else None


def _of_topics(
    query: RegisterQuery, text: str, rest: str, unknown: bool, search: EntrySearch
) -> RegisterQuery | None:
    """Return the query of a clause that names topics, with its relation; `rest` is `text` without the period."""
    bounded = bool(query.period or query.before or query.after)
    if len(query.topics) > 1:
        return replace(query, relation="one") if says(text, "compared") else query if bounded else None
    asks = {name for name in ("when", "status", "off", "next") if says(rest, name)}
    if PATTERNS["about_one"].search(text) and not says(text, "what_dates") and "off" not in asks:
        return None
    if not asks:
        if bounded and not says(rest, "lists") and " " in query.topics[0]:
            # "The robotics challenge is on Saturday, right?"
            return replace(query, relation="one")
        return query if bounded and (says(rest, "lists") or not unknown) else None
    if "off" in asks:
        return replace(query, relation="off") if PATTERNS["asked"].search(text) else None
    if "next" in asks and not query.period:
        return replace(query, relation="next")
    documents_first = "when" in asks and not (bounded or PATTERNS["left"].search(text) or says(text, "since"))
    if documents_first and says(text, "due"):
        # Sentences state more about an event than about its deadlines.
        documents_first = find_entries(search, query.topics[0])[0].entry.kind != "deadline"
    return replace(query, relation="one", documents_first=documents_first)


def follow_up_query(
    query: RegisterQuery | None,
    asked: ContextualQuestion,
    before: RegisterQuery | None,
    as_of: date,
    search: EntrySearch,
) -> RegisterQuery | None:
    """Return the query of a follow-up question: its own words, completed from the query `before`.

    "And next month?" after "Any deadlines this month?" asks for deadlines; "is it still on?" for the topic before.
    Other follow-ups, such as "and where?", have their context from `bot/question/follow_ups.py`.
    """
    text = _plain(asked.turn)
    period, rest = find_period(text, as_of)
    place, unplaced = find_place(rest, search)
    own, kinds = find_topics(unplaced, search, search.knows), kinds_in(rest)
    if before and own and not own.topics and (period or place or kinds):
        left = replace(before, before="", after="", period=period) if period else before
        return replace(left, kinds=kinds or left.kinds, place=place or left.place)
    if PATTERNS["not_dates"].search(text) or not says(text, "when", "status", "off"):
        return query
    named = (
        find_topics(_plain(asked.context), search, search.knows) if asked.points_back or not query else None
    )
    if named is None or not named.topics:
        return query
    if query and query.topics:
        if name_terms(asked.turn):
            return query
        # "When does registration for it close?" asks for one entry, and not for any registration.
        return replace(query, topics=(" ".join([*query.topics, *named.topics]),), documents_first=True)
    return RegisterQuery("one", topics=named.topics)
