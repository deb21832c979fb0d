"""The words with which people ask for dates, as data: closed lists, each for one thing that is asked."""

from __future__ import annotations

import re

from store.records import Kind
from store.terms import stem


def _any(*phrases: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(phrases)})\b", re.I)


_SPANS = r"(?:days|weeks|months|nights|sleeps)"
_POLITE = r"^\W*(?:(?:hi|hello|hey|so|and|please|ok|but)\b[,\s]*)*"

KINDS: tuple[tuple[re.Pattern[str], Kind], ...] = (
    (
        _any(r"deadlines?", r"due dates?", r"submissions?", r"expir\w+", r"closing dates?", r"time limits?"),
        "deadline",
    ),
    (
        _any(
            r"meetings?",
            r"conferences?",
            r"summits?",
            r"fora|forums?",
            r"sessions?",
            r"workshops?",
            r"consultations?",
        ),
        "meeting",
    ),
    (_any(r"publications?", r"releases?"), "publication"),
    (_any(r"milestones?"), "milestone"),
)
# When is it, how long until it: the dates of one thing.
WHEN = _any(
    r"when(?:'s|s)?", r"(?:what|which|exact|new) (?:date|day)s?", r"dates?", r"how (?:soon|far)", r"how long (?:\w+ ){0,3}(?:until|to|left)",
    rf"how many (?:\w+ )?{_SPANS}", rf"(?:{_SPANS}|time|long) (?:left|remaining|until|to)", r"countdown", r"deadline", r"what time",
)  # fmt: skip
# What became of it.
STATUS = _any(
    r"still", r"over", r"done", r"happen(?:ed|ing)?", r"tak(?:e|en|ing) place", r"took place", r"finished", r"already",
    r"yet", r"go(?:es|ing)? ahead", r"on track", r"as planned", r"confirmed", r"overlaps?", r"clash(?:es)?", r"conflicts?",
    r"collision", r"past", r"held", r"open", r"closed?",
)  # fmt: skip
# Until when: a deadline.
DUE = _any(r"(?:until|by) (?:when|what)", r"last day", r"deadline", r"due", r"clos(?:es|ing)")
# Of a period, what is still to come.
AHEAD = _any(r"left", r"remain(?:s|ing)?", r"still", r"upcoming", r"coming", r"due", r"ahead")
# Two events side by side.
COMPARED = _any(
    r"overlaps?", r"overlapping", r"clash(?:es)?", r"conflicts?", r"collisions?", r"collide", r"same (?:time|days?|week|dates?)",
    r"first", r"earlier", r"later", r"before", r"or", r"both",
)  # fmt: skip
# A command, or a text that only speaks of something called off, asks nothing.
ASKED = re.compile(
    rf"\?|{_POLITE}(?:is|are|was|were|has|have|had|did|does|do|will|which|what|when|how|any|can|could|may|status)\b",
    re.I,
)
# Whether it is over: of what recurs, the last one may be meant.
OVER = _any(
    r"did",
    r"over",
    r"done",
    r"finished",
    r"happened",
    r"took place",
    r"already",
    r"yet",
    r"held",
    r"past",
    r"was",
    r"were",
    r"since",
)
# What has become of it is no sentence of a document's.
SINCE = _any(r"still", r"already", r"yet", r"over", r"finished")
OFF = _any(
    r"postpon\w+", r"cancel\w+", r"resched\w+", r"moved?", r"called off", r"put off", r"delayed", r"dropped", r"shifted", r"exten(?:d|ded|sions?)",
    r"brought forward", r"date changes?", r"changes? of dates?",
)  # fmt: skip
MISSED = _any(r"miss(?:ed)?", r"overdue", r"expired", r"lapsed", r"(?:have|has|just|already|recently) passed")
NEXT = _any(r"next", r"nearest", r"soonest")
# What is there, for a list.
LISTS = _any(
    r"anything", r"something", r"everything", r"list", r"agenda", r"calendar", r"upcoming", r"coming up", r"due", r"ahead",
    r"events", r"things", r"dates", r"deadlines", r"meetings", r"conferences", r"sessions", r"workshops", r"publications",
    r"what(?:'s|s| is| are| do we have)? (?:\w+ )?(?:on|up|due|coming|planned|scheduled|happening|foreseen|expected|left|there)",
    r"what (?:has |have |will )?happen(?:s|ed)?", r"what(?:'s|s| is) in", r"what comes", r"what do (?:we|i|you) (?:still )?have", r"(?:is|are) there any",
)  # fmt: skip
# "How many days are left until", before what is counted to.
LEFT = re.compile(rf"\bhow\s+(?:long|many|far|soon)\b|\b(?:{_SPANS}|time|left|countdown)\b.{{0,12}}$", re.I)
# Who, why, how, where, what somebody did: no question for a register of dates.
NOT_DATES = re.compile(
    rf"{_POLITE}(?:who|whom|whose|why|where(?!.*\bwhen\b)|how(?!\s+(?:long|soon|far|many\s+(?:\w+\s+)?{_SPANS}))"
    r"|what\s+(?:did(?! (?:we|i) (?:(?:just )?miss|have\b))|does|do(?! (?:we|i|you)\b)|was\s+(?!on\b|due|moved|postponed|cancelled|missed|planned)|were\s+(?!the dates)))\b",
    re.I,
)
# "What is the summit about?" asks for a sentence, and so does what else begins so, unless it asks for dates.
ABOUT_ONE = re.compile(rf"{_POLITE}(?:what|which)(?:'s|s)?\b", re.I)
WHAT_DATES = _any(
    r"(?:what|which) (?:\w+ )?(?:dates?|days?|time)", r"(?:new|exact) dates?", r"(?:is|are|'s|whats) the (?:\w+ )?(?:dates?|deadlines?)",
    r"first", r"earlier", r"later", r"next", r"left", r"status",
)  # fmt: skip
# The documents themselves, where they are only what is asked.
SOURCES = re.compile(
    r"(?:\b(?:in|of|from|do|does)\s+)?\b(?:our|the|your|these|this)\s+(?:\w+\s+)?(?:papers?|documents?|reports?|library)"
    r"(?:\s+[A-Z0-9]+/\S+)?(?!\s+(?:for|of|on)\b)",
    re.I,
)
# Stems of words that are said in asking, and name nothing.
TALK = frozenset(
    stem(word)
    for word in """agenda ahead anyone anything around ask attend begin bring calendar cancel check clash close come confirm
    conflict collision countdown date day delay done drop due earlier end event everything exact expect expire extend fall
    finish first foresee foreseen forward good got happen held hello hey hi i'm itu important kindly know last late later
    left limit list long look made make many may miss month move much near nearest new next night now ok old open overlap
    pass past pending period place plan please postpone question quick ready remain remind reschedule right run say schedule set
    shift short show since sleep somebody something soon sorry start state status stay still stuff sure take taken tell
    term thank thing think time today told took un until upcoming way week went wonder year yes yet""".split()
)
