"""Which questions are about time, and what they ask of the register.

Pure. A question about time is one whose answer changes with the day on which it is asked: what is
due, what was missed, whether something is still on. "When is the Summit of the Future?" is not: its
answer stands in a sentence, and the ordinary path finds that.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from bot.time_words import Stretch, find_stretch
from bot.window_words import FRAME, NOUN, WORD, clean, is_name, leftover, noun_of, split_place, without
from store.records import Kind

Ask = Literal["list", "next", "missed", "status", "countdown", "supposed"]


@dataclass(frozen=True, slots=True)
class Window:
    """What a question about time asks for.

    `start` and `end` are inclusive, None where open. `topic` are the question's words for what the
    entries are about, `place` those for where they are, `before` or `after` the event that bounds
    the window. `kinds` empty means every kind. `upcoming` leaves out what is over. "supposed" takes it for
    granted that the topic is off.
    """

    ask: Ask
    start: date | None = None
    end: date | None = None
    label: str = ""
    topic: str = ""
    place: str = ""
    kinds: frozenset[Kind] = frozenset()
    noun: str = "date"
    upcoming: bool = True
    before: str = ""
    after: str = ""


_UPCOMING = re.compile(
    r"\b(?:due|upcoming|coming up|coming|forthcoming|next|soon|ahead|remaining|on the horizon|"
    r"on (?:the|my|our) (?:agenda|calendar|radar|schedule)|in the pipeline|planned|scheduled|"
    r"deadlines|to attend|going on)\b",
    re.I,
)
_MISSED = re.compile(
    r"\b(?:(?:did|have|has|had)\s+(?:i|we)\s+(?:just\s+|already\s+|recently\s+)?miss(?:ed)?|"
    r"what(?:'s| is| was| has been)?\s+missed|"
    r"overdue|(?:have|has|just|already|recently)\s+(?:passed|lapsed|expired)|passed\s+already|"
    r"(?:deadlines?|dates?)\s+(?:that\s+)?(?:passed|lapsed|expired)|"
    r"(?:recent|past|missed)\s+(?:deadlines?|events?|meetings?|dates?))\b",
    re.I,
)
_PAST_TENSE = re.compile(r"\b(?:was|were|did|happened|took place|had|past|went|held|since|ago)\b", re.I)
_OPENING = (
    r"^(?:(?:hi|hello|hey|so|and|please|ok|okay|also|"
    r"(?:do you know|can you tell me)(?: if| whether)?)[,\s]+)*"
)
_STILL_ON = re.compile(
    _OPENING + r"(?:is|are|will|does|do|has|have|was|were)\s+(?P<topic>.+?)\s+"
    r"(?:be\s+|been\s+|being\s+|now\s+|already\s+)*"
    r"(?:still\s+(?:be\s+)?"
    r"(?:on\b|happening|scheduled|planned|going|taking place|take place|due|valid|confirmed|happen|go)"
    r"|going ahead|go ahead|on track|on schedule|called off|as planned"
    r"|(?:been\s+)?(?:postponed|cancell?ed|rescheduled|delayed|moved|put off|brought forward))\b.*$",
    re.I,
)
_OVER = re.compile(
    _OPENING + r"(?:is|are|has|have|was|were|did)\s+(?P<topic>.+?)\s+(?:already\s+|now\s+|yet\s+)*"
    r"(?:over|finished|(?:taken?|took) place|happen(?:ed)?|started?|begun|passed|behind us)"
    r"(?:\s+(?:yet|already|now|by now))?$",
    re.I,
)
_OFF = r"postpone(?:d|ment)|cancell?(?:ed|ation)|reschedul(?:ed|ing)|called off|put off|new dates?|revised dates?"
_SUPPOSES_OFF = re.compile(rf"\b(?:{_OFF})\b", re.I)
_ASKING = re.compile(r"(?i)\b(?:why|when|where|who|what|which|how|till|until)\b")
_STATUS_OF = re.compile(
    _OPENING + r"what(?:'s| is| was)\s+the\s+(?:current\s+)?status\s+of\s+(?P<topic>.+)$", re.I
)
_COUNTDOWN = re.compile(
    r"\bhow\s+(?:(?:long|soon|many\s+(?:more\s+)?(?:days|weeks|months))\b.*?\b"
    r"(?:until|till|before|to go (?:until|to|before))"
    r"|(?:far|soon)\s+(?:(?:away|off)\s+)?(?:is|are))\s+(?P<topic>.+)$",
    re.I,
)
_NEXT = re.compile(
    _OPENING + r"(?:when|what|which|where)(?:'s|\s+is|\s+are|\s+will)?\s+(?:be\s+)?"
    r"(?:(?:the|our|my|itu's|your)\s+)?(?:next|upcoming|nearest)\s+(?P<topic>.+)$",
    re.I,
)
_ASKS_WHAT = re.compile(r"\b(?:what(?:'s|s)?|which|happen\w*|due|coming|planned|scheduled)\b", re.I)
_WHEN_NAMED = re.compile(_OPENING + r"(?:when|where|who|why|how)\b", re.I)
_ABOUT = re.compile(
    r"\b(?:about|on|regarding|concerning|related to|relating to|relevant (?:to|for)|for|of|under)\s+"
    r"(?:the\s+)?(?P<about>[^,.;?]+)",
    re.I,
)
_ANCHOR = re.compile(
    r"\b(?P<way>before|ahead of|prior to|until|leading up to|in the run-up to|after|following)\s+"
    r"(?:the\s+)?(?P<event>.+)$",
    re.I,
)
_ANCHOR_FIRST = re.compile(
    r"(?P<bound>(?:before|ahead of|prior to|until|after|following)\s[^,]+),\s*(?P<rest>.+)$", re.I
)
# "the next council", "the next wsis forum": names are typed small, too; what is longer is a sentence.
_NAME_WORDS = 3

# Three months back is as far as "what did we miss?" reaches where it names no time of its own.
MISSED_DAYS = 90


def _next(question: str, as_of: date, topic: str) -> Window | None:
    """ "the next meeting in New York", "the next WSIS Forum": whose entries are upcoming."""
    stretch = find_stretch(topic, as_of)
    rest = without(topic, stretch.words) if stretch else topic
    rest, where = split_place(rest)
    if re.match(r"(?i)(?:steps?|stage|phase|generation|actions?|decade)\b", rest):
        return None
    noun = noun_of(rest)
    words = leftover(rest)
    about = _ABOUT.search(rest)
    if len(words) > _NAME_WORDS and not all(is_name(word) for word in words) and not about:
        return None
    named = [
        word
        for word in WORD.findall(rest)
        if words and (word in words or is_name(word) or NOUN.fullmatch(word))
    ]
    kinds, name = noun or (frozenset[Kind](), "date")
    if not noun and not named and not where:
        return None
    return Window(
        "next",
        start=stretch.start if stretch else None,
        end=stretch.end if stretch else None,
        label=stretch.label if stretch else "",
        topic=" ".join(named),
        place=where,
        kinds=frozenset() if named else kinds,
        noun=name,
    )


def _about_one(question: str) -> Window | None:
    ways: tuple[tuple[Ask, re.Pattern[str]], ...] = (
        ("status", _STATUS_OF),
        ("status", _STILL_ON),
        ("status", _OVER),
        ("countdown", _COUNTDOWN),
    )
    for ask, pattern in ways:
        found = pattern.search(question)
        if found:
            topic = clean(
                re.sub(r"(?i)\b(?:there|it|in order|left|still|days?|weeks?)\b", " ", found["topic"])
            )
            topic = re.sub(
                r"(?i)^until\s+(?:the\s+)?|\s+(?:starts?|begins?|opens?|is|away|takes? place)$", "", topic
            ).strip()
            # Without a name ("is it still on?") there is nothing to look up.
            if not leftover(topic):
                return None
            topic, where = split_place(topic)
            return Window(ask, topic=topic, place=where)
    return _supposed_off(question)


def _supposed_off(question: str) -> Window | None:
    """ "Why was the Summit cancelled?": whether it was is the register's to say."""
    if not _SUPPOSES_OFF.search(question) or not _ASKING.search(question):
        return None
    rest, where = split_place(_ASKING.sub(" ", _SUPPOSES_OFF.sub(" ", question)))
    words = [w for w in WORD.findall(rest) if w.casefold() not in FRAME]
    if not any(is_name(word) for word in words):
        return None
    return Window("supposed", topic=" ".join(words), place=where)


def _bounds(
    stretch: Stretch | None, as_of: date, past: bool, upcoming: bool
) -> tuple[date | None, date | None]:
    if stretch is None:
        return (None, as_of) if past else (as_of, None)
    start, end = stretch.start, stretch.end
    if start is None and end is not None and end >= as_of and not past:
        start = as_of
    if upcoming and start is not None and start < as_of and (end is None or end >= as_of):
        start = as_of
    return start, end


def time_window(question: str, as_of: date) -> Window | None:
    """Return what a question asks of the register as of a day, or None if it is no question about time."""
    text = " ".join(question.replace("’", "'").split())[:500].strip(" ?!.")
    if not text:
        return None
    one = _about_one(text)
    if one:
        return one
    turned = _ANCHOR_FIRST.match(text)
    if turned:
        text = f"{turned['rest']} {turned['bound']}"
    following = _NEXT.match(text)
    missed = _MISSED.search(text)
    past = bool(missed or _PAST_TENSE.search(text))
    stretch = find_stretch(text, as_of, past=past)
    if following and not (
        stretch
        and stretch.words.lower() in f"the next {following['topic'].lower()}"
        and re.match(r"(?i)(?:the\s+)?next\b", stretch.words)
    ):
        return _next(text, as_of, following["topic"])
    if _WHEN_NAMED.match(text):
        return None
    rest = without(text, stretch.words) if stretch else text
    before = after = ""
    anchor = None if stretch else _ANCHOR.search(rest)
    if anchor and any(is_name(word) for word in leftover(anchor["event"])):
        event = clean(anchor["event"])
        before, after = ("", event) if anchor["way"].lower() in {"after", "following"} else (event, "")
        rest = rest[: anchor.start()]
    noun = noun_of(rest)
    asks_ahead = _UPCOMING.search(rest) is not None
    if missed:
        rest = _MISSED.sub(" events ", rest)
    elif not (stretch or before or after or asks_ahead) or not (noun or _ASKS_WHAT.search(rest)):
        return None
    # "the deadline for written inputs" is one thing that a sentence states.
    if not (missed or stretch or before or after) and re.search(
        r"(?i)\b(?:the|its) (?:deadline|date|meeting|event)\b(?! up)", rest
    ):
        return None
    rest, where = split_place(rest)
    words = leftover(rest)
    about = _ABOUT.search(rest) if noun or asks_ahead else None
    spoken = set(WORD.findall(about["about"])) if about else set()
    # "What did Guy Ryder do in July 2023?" asks a sentence; "any SIDS meetings in May?" asks the register.
    if any(word not in spoken and not (noun and is_name(word)) for word in words):
        return None
    kinds, name = noun or (frozenset[Kind](), "date")
    # "What's planned for 2025?" asked in 2026 is about what was.
    over = stretch is not None and stretch.end is not None and stretch.end < as_of
    upcoming = not past and not over and (asks_ahead or stretch is None)
    start, end = _bounds(stretch, as_of, past, upcoming)
    label = stretch.label if stretch else ""
    if missed and stretch is None:
        start, label = (
            as_of - min(timedelta(days=MISSED_DAYS), as_of - date.min),
            f"the last {MISSED_DAYS} days",
        )
    if before or after:
        label = f"the time {'before' if before else 'after'} the {before or after}"
    return Window(
        "missed" if missed else "list",
        start=start,
        end=end,
        label=label,
        topic=" ".join(words),
        place=where,
        kinds=kinds,
        noun=name,
        upcoming=upcoming,
        before=before,
        after=after,
    )
