"""Context of a date: the preposition that makes it a bound, the hour and its time zone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from ingest.dates.text.tokens import Token, kind_at, skip_word, word_at
from ingest.dates.text.words import ZONES, vocabulary
from store.records import Bound

_BY = frozenset(["by", "before", "until", "till", "due", "bis"])
_FROM = frozenset(["from", "since", "after", "starting", "commencing", "effective"])
_LEADS = _BY | _FROM | vocabulary("on in during for at of through throughout between within")
# Words that end at the date: "up to", "later than".
_LEADS_OF_TWO: dict[tuple[str, str], Bound] = {
    ("up", "to"): "by", ("prior", "to"): "by", ("later", "than"): "by", ("after", "than"): "by",
    ("earlier", "than"): "from", ("before", "than"): "from", ("sooner", "than"): "from",
}  # fmt: skip
_VAGUE = frozenset(["around", "about", "approximately", "circa", "roughly", "tentatively", "provisionally"])
# Words between the date and the one that introduces it, besides vague ones.
_MAY_FOLLOW_LEAD = frozenset(["the", "or", "date"])
# The word that introduces a date is at most so many tokens before it.
_FARTHEST_LEAD = 6
_FILLERS = vocabulary("at from by until between the on of hours hrs h noon")
_FIGURES = re.compile(r"(\d{1,2})[:.h]?(\d{2})?(?::\d{2})?\s?([ap])?", re.IGNORECASE)


class Lead(NamedTuple):
    """The word that introduces a date, the bound that it sets, and whether it makes the date approximate."""

    word: str
    bound: Bound
    vague: bool


class Hour(NamedTuple):
    """A time of day, "HH:MM", with its zone as stated, at tokens `first` to `stop`."""

    time: str
    timezone: str | None
    first: int
    stop: int


def lead_of(tokens: Sequence[Token], first: int, stop: int, ranged: bool) -> Lead:
    """Return the preposition of the date at tokens `first` to `stop`; "from" before a range is no bound."""
    at, vague = _lead_at(tokens, first)
    word, before = ("", "") if at is None else (tokens[at].fold, word_at(tokens, at - 1))
    if bound := _LEADS_OF_TWO.get((before, word)):
        return Lead(bound, bound, vague)
    if word in ("before", "until", "till") and before == "not":
        return Lead(word, "from", vague)
    if at is not None and word == "on" and _limits_hour(tokens, at - 1):
        return Lead("by", "by", vague)
    after = [word_at(tokens, k) for k in (stop, stop + 1, stop + 2)]
    if word == "of" and before == "as":
        word = "as of"
    if word in _BY or (after[:2] == ["at", "the"] and after[2] == "latest") or after[0] == "latest":
        return Lead(word or "by", "by", vague)
    starts = word in _FROM or word == "as of" or after[0] in ("onwards", "onward")
    starts = starts or (word == "on" and before in ("beginning", "starting", "effective"))
    return Lead(word, "from" if starts and not ranged else "on", vague)


def _lead_at(tokens: Sequence[Token], first: int) -> tuple[int | None, bool]:
    """Return the position of the word that introduces the date at `first`, if any, and whether it is vague."""
    vague = False
    for i in range(first - 1, max(first - 1 - _FARTHEST_LEAD, -1), -1):
        word = tokens[i].fold
        if word in _VAGUE:
            vague = True
            continue
        of_two = (word_at(tokens, i - 1), word) in _LEADS_OF_TWO
        if of_two or word in _LEADS or word in ("as", "deadline"):
            return i, vague
        if word not in _MAY_FOLLOW_LEAD and tokens[i].kind != "comma":
            return None, vague
    return None, vague


def _limits_hour(tokens: Sequence[Token], i: int) -> bool:
    """Return whether an hour that ends at token `i` is a limit: "by midnight (Geneva time) on", "until 17:00 on"."""
    seen = False
    for k in range(i, max(i - 9, -1), -1):
        token = tokens[k]
        if seen and (
            token.fold in ("by", "until", "before")
            or (token.fold == "than" and word_at(tokens, k - 1) == "later")
        ):
            return True
        seen = seen or token.kind == "time" or token.fold in ("midnight", "noon", "business")
        zone = (
            token.fold in ("(", ")", ",", "time", "hours", "hrs", "close", "of", "at", "the")
            or token.text[0].isupper()
        )
        if not (zone or token.kind == "time" or token.fold in ("midnight", "noon", "business")):
            return False
    return False


def hours_of(tokens: Sequence[Token]) -> list[Hour]:
    """Return the times of day in the text, in order; of a range only its start."""
    hours: list[Hour] = []
    for position, token in enumerate(tokens):
        within_last = bool(hours) and position < hours[-1].stop
        if token.kind == "time" and not within_last and (hour := _hour_at(tokens, position)):
            hours.append(hour)
    return hours


def _hour_at(tokens: Sequence[Token], i: int) -> Hour | None:
    time = _clock(tokens[i].text)
    if time is None:
        return None
    k = i + 1
    if (kind_at(tokens, k) == "dash" or word_at(tokens, k) in ("to", "and", "until")) and kind_at(
        tokens, k + 1
    ) == "time":
        k += 2
    k = skip_word(tokens, k, "hours", "hrs", "h", "hour")
    zone, stop = _zone(tokens, k)
    return Hour(time, zone, i, stop)


def _clock(text: str) -> str | None:
    match = _FIGURES.match(text.removeprefix("T"))
    if match is None:
        return None
    figures = match[1] + (match[2] or "")
    hour, minute = (int(figures[:-2]), int(figures[-2:])) if match[2] else (int(figures), 0)
    half = match[3]
    if half is None and not match[2]:
        return None
    if half and not 1 <= hour <= 12:
        return None
    if half:
        hour = hour % 12 + (12 if half in "pP" else 0)
    return f"{hour:02}:{minute:02}" if hour < 24 and minute < 60 else None


def _zone(tokens: Sequence[Token], k: int) -> tuple[str | None, int]:
    opened = word_at(tokens, k) in ("(", ",")
    j = k + opened
    j += word_at(tokens, j) in ("in", "at")
    if word_at(tokens, j) in ZONES:
        return tokens[j].text, j + 1 + (word_at(tokens, k) == "(" and word_at(tokens, j + 1) == ")")
    words: list[str] = []
    for m in range(j, min(j + 5, len(tokens))):
        token = tokens[m]
        if token.fold == "time" and words:
            closed = word_at(tokens, k) == "(" and word_at(tokens, m + 1) == ")"
            return " ".join([*words, token.text]), m + 1 + closed
        if token.kind != "word" or not (token.text[0].isupper() or token.fold == "local"):
            break
        words.append(token.text)
    return None, k


def hour_beside(
    tokens: Sequence[Token], hours: Sequence[Hour], at: int, first: int, stop: int
) -> Hour | None:
    """Return the time that belongs to the date at tokens `first` to `stop`: just after it, or just before.

    `at` is the index of the first hour that starts at or after `stop`.
    """
    following = hours[at] if at < len(hours) and hours[at].first - stop <= 4 else None
    if following and all(_between(tokens[k]) for k in range(stop, following.first)):
        return following
    if at > 0 and 0 <= first - hours[at - 1].stop <= 3:
        gap = range(hours[at - 1].stop, first)
        if gap and all(tokens[k].fold in ("on", "of", "the", ",") for k in gap):
            return hours[at - 1]
    return None


def _between(token: Token) -> bool:
    return token.kind in ("comma", "dash") or token.fold in _FILLERS or token.fold in ("(", ":", "\t")
