"""Context of a date: alone in its cell, asked for, before a noun; the preposition that makes it a bound; its hour."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from ingest.dates.reading import past_remark
from ingest.dates.tokens import Token, kind_at, skip_word, word_at
from ingest.dates.words import NAMES_BEFORE_YEAR, NUMBERED_NOUNS, ZONES, vocabulary
from store.records import Bound

_OPENING = frozenset("\n\t;:([|")
_CLOSING = frozenset("\n\t;:)]|")
_ASKING = vocabulary("""
    on by until till before from since to after was is of due done held sent received opened opens closed
    closes closing ended ends end started starts start begins began dated date off between and or starting
    commencing deadline approx approximately around about til effective issued published new now were
    """)
# After these words figures with a stroke or a full stop are no date.
_NUMBERED = NUMBERED_NOUNS | NAMES_BEFORE_YEAR
_NUMBERED |= vocabulary("""
    order orders v ver clause clauses issue issues rule rules contribution contributions letter letters
    circular addendum corrigendum ref reference file case tel phone fax ext extension score scores ratio
    pp p building hall floor gate seat flight bus tram line size level appendix appendices volume vol
    """)
# What may follow a date that is only a number. If a noun follows, the number belongs to it ("the 12th session").
_AFTER = vocabulary("""
    at in to until till from for with on by and or but as because if when while which who where that than
    the a an we you they it he she i will shall would is are was were has had have can cannot could may must should
    please at only latest not inclusive onwards noon midnight cob before after during between since so
    respectively also again instead through unless although though there this these our your their its his
    her my then now already yesterday today tomorrow local starting beginning tbc tbd same here
    """)


def opens(tokens: Sequence[Token], i: int) -> bool:
    """Whether a cell, a line or a bracket opens before token `i`."""
    return i <= 0 or (tokens[i - 1].kind == "break" and tokens[i - 1].text in _OPENING)


def closes(tokens: Sequence[Token], i: int) -> bool:
    """Whether a cell, a line or a bracket ends before token `i`, with or without a full stop."""
    i += word_at(tokens, i) in (".", "?") and (i + 1 >= len(tokens) or tokens[i + 1].text in _CLOSING)
    return i >= len(tokens) or (tokens[i].kind == "break" and tokens[i].text in _CLOSING)


def alone(tokens: Sequence[Token], first: int, stop: int) -> bool:
    """Whether tokens `first` to `stop` are a whole cell or line, or all that follows its label."""
    if word_at(tokens, first - 1) == ")" and word_at(tokens, first - 3) == "(":
        first -= 3  # "(p) 4th quarter": a provisional date
    if not opens(tokens, first):
        return False
    if closes(tokens, stop) or closes(tokens, past_remark(tokens, stop)):
        return True
    if first == 0 or tokens[first - 1].text not in ":;|\t(":
        return False
    return kind_at(tokens, stop) in ("comma", "dash") or word_at(tokens, stop) in ("(", "[", ".")


def asked(tokens: Sequence[Token], i: int) -> bool:
    """Whether the word before token `i`, past an article, asks for a date."""
    i -= word_at(tokens, i - 1) == "the"
    return kind_at(tokens, i - 1) == "word" and word_at(tokens, i - 1) in _ASKING


def numbered(tokens: Sequence[Token], i: int) -> bool:
    """Whether the word before token `i` makes it a number, not a date ("Document 12/3")."""
    dot = word_at(tokens, i - 1) == "."
    return word_at(tokens, i - 1 - dot) in _NUMBERED


def before_noun(tokens: Sequence[Token], i: int) -> bool:
    """Whether the word at token `i` is likely a noun that a number before it counts or ranks."""
    token = tokens[i] if i < len(tokens) else None
    return token is not None and token.kind in ("word", "code", "other") and token.fold not in _AFTER


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
    """Whether an hour that ends at token `i` is a limit: "by midnight (Geneva time) on", "until 17:00 on"."""
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
