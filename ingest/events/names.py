"""The names of gatherings in a text, and the place where something is held."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.text.lexicon import Lexicon, Token, lexicon, plain, tokenise

# Words before the noun, or after it.
_NAME_WORDS = 14
# What may follow a name in its sentence.
_VERBS = frozenset(
    [
        "planned",
        "held",
        "done",
        "cancelled",
        "not_held",
        "postponed",
        "moved",
        "moved_to",
        "not",
        "originally",
    ]
)
# Small words in front of a name.
_MOST_DESCRIBING = 3
# Words inside a name that have no capital.
_LINKS = frozenset(
    """of for on and the in & de des du la le les d' l' et sur pour del los las el y sobre para en
    по и о в для""".split()
)
_ORDINAL = re.compile(
    r"(?:first|second|third|fifth|ninth|twelfth|[a-z-]+th|[a-z]+-(?:first|second|third)|premi\w+|deuxi\w+|\w+ième|primer\w*|segund\w+|tercer\w*)",
    re.I,
)
_PLACE = re.compile(
    r"(?:^|[\s,(])(?:in|at|à|en)\s+((?:[A-ZÀ-ÞА-Я][\w'’.-]+)(?:(?:[\s-]|, )(?:de |of |the )?[A-ZÀ-ÞА-Я][\w'’.-]+){0,3})"
)
_BEHIND = re.compile(
    r"^,?\s+(?:(?:in|at|à|en)\s+)?((?:[A-ZÀ-ÞА-Я][\w'’-]+)(?:(?:[\s-]|, )[A-ZÀ-ÞА-Я][\w'’-]+){0,3})\s*(?:[.);,]|$)"
)
_NO_PLACE = re.compile(r"(?:UTC|GMT|CES?T|Monday|Tuesday|Wednesday|Thursday|Friday|TBC|TBD|Q[1-4])\b")


@dataclass(frozen=True, slots=True)
class GatheringName:
    """The proper name of a gathering at `start` to `end` of a text."""

    text: str
    start: int
    end: int


def gatherings(text: str, language: str) -> list[GatheringName]:
    """Return the gatherings that `text` names by a proper name, in order: "Summit of the Future", "SIDS4".

    Without capitals (Arabic, Chinese) no name is told from the words around it.
    """
    words = lexicon(language)
    tokens = list(tokenise(plain(text)))
    found: list[GatheringName] = []
    at = 0
    while at < len(tokens):
        if not _is_head(tokens, at, words):
            at += 1
            continue
        first = _left(tokens, at, words)
        stop = _right(tokens, at, words)
        inside = tokens[first:stop]
        # The noun alone, with a capital because it opens the sentence, is no name.
        proper = any(t.capital for t in inside[1:]) or (len(inside) > 1 and inside[0].capital and first > 0)
        whole = _is_whole(tokens, at, stop, words)
        if (proper and len(inside) > 1 and whole) or inside[0].group == "code":
            name = " ".join(text[tokens[first].start : tokens[stop - 1].end].split()).strip(" ,;:–-")
            found.append(
                GatheringName(name[:1].upper() + name[1:], tokens[first].start, tokens[stop - 1].end)
            )
        at = stop
    return found


def _is_head(tokens: Sequence[Token], at: int, words: Lexicon) -> bool:
    token = tokens[at]
    if token.group == "code":
        return is_code_of_gathering(token)
    role, length = words.word_role(tokens, at)
    return token.group == "word" and role in ("gathering", "body") and length == 1


def _is_whole(tokens: Sequence[Token], head: int, stop: int, words: Lexicon) -> bool:
    """Whether a name has all its words: not "Exhibition" of a centre, nor the first of several small words."""
    behind = tokens[head + 1 : stop]
    if words.capitals:
        # "Busan Exhibition Centre" is no exhibition; "WSIS Forum High-Level Event" is one.
        joined = bool(behind) and _is_named(behind[0]) and behind[0].group == "word"
        return not joined or any(_is_head(tokens, k, words) for k in range(head + 1, stop))
    while stop < len(tokens) - 1 and tokens[stop].fold in _LINKS:
        stop += 1
    if stop >= len(tokens) or words.date_role(tokens, stop)[0] or words.word_role(tokens, stop)[0] in _VERBS:
        return True
    return tokens[stop].group != "word" or tokens[stop].capital


def is_code_of_gathering(token: Token) -> bool:
    """Whether a symbol is that of a gathering, which ends in its number: "WTSA-24", "PP-26"."""
    return re.fullmatch(r"[a-z]{2,9}-?\d{1,3}", token.fold) is not None and token.capital


def _left(tokens: Sequence[Token], head: int, words: Lexicon) -> int:
    """Return where the name with this noun begins."""
    first = head
    # Only English and, for one adjective, Russian have the words that describe a noun in front of it.
    most = {"en": _NAME_WORDS, "ru": 1}.get(words.language, 0)
    while first > 0 and head - first < max(most, 1):
        before = tokens[first - 1]
        if before.group == "number" and first >= 2 and head - first < 3:
            break
        if (_is_named(before) and most) or (_ORDINAL.fullmatch(before.fold) and before.group == "word"):
            first -= 1
        elif (
            before.fold in _LINKS
            and first > 1
            and tokens[first].capital
            and _is_named(tokens[first - 2])
            and before.fold not in ("in", "en", "в")
        ):
            first -= 2
        else:
            break
    while first > 0 and tokens[first - 1].end == tokens[first].start and _joins(tokens[first - 1]):
        first -= 1  # "High-Level", "dix-neuvième", "Partner2Connect"
    first = _described(tokens, first, words) if most == _NAME_WORDS else first
    # A sentence begins with a capital: "The Summit", "During the Summit".
    while first < head and (tokens[first].fold in _LINKS or _opens(tokens, first, words)):
        first += 1
    return first


def _glues(tokens: Sequence[Token], hyphen: int) -> bool:
    following = tokens[hyphen + 1] if hyphen + 1 < len(tokens) else None
    return following is not None and following.start == tokens[hyphen].end and following.capital


def _joins(token: Token) -> bool:
    return token.group in ("word", "number") or token.fold == "-"


def _described(tokens: Sequence[Token], first: int, words: Lexicon) -> int:
    """Return where the small words begin that describe a name: "the fourth international conference"."""
    at = first
    while (
        at > 0
        and first - at < _MOST_DESCRIBING
        and tokens[at - 1].group == "word"
        and not tokens[at - 1].capital
    ):
        role = words.date_role(tokens, at - 1)[0]
        if role == "the":
            return at
        if role or words.word_role(tokens, at - 1)[0]:
            return first
        at -= 1
    return at if at > 0 and words.date_role(tokens, at - 1)[0] == "the" else first


def _opens(tokens: Sequence[Token], at: int, words: Lexicon) -> bool:
    role = words.date_role(tokens, at)[0]
    return (bool(role) and not role.startswith(("day", "number", "Q"))) or words.word_role(tokens, at)[0] in (
        "not",
        "planned",
        "done",
        "proposed",
    )


def _right(tokens: Sequence[Token], head: int, words: Lexicon) -> int:
    """Return the place after the last word of the name with this noun."""
    stop = head + 1
    while stop < len(tokens) and stop - head < _NAME_WORDS:
        token = tokens[stop]
        if _is_named(token) and not words.date_role(tokens, stop)[0].startswith(("month", "weekday")):
            stop += 1
            continue
        if token.fold == "-" and tokens[stop - 1].end == token.start and _glues(tokens, stop):
            stop += 2  # "CWG-RSM"
            continue
        links = stop
        while links < len(tokens) and links - stop < 3 and tokens[links].fold in _LINKS:
            links += 1
        if (
            links > stop
            and links < len(tokens)
            and _is_named(tokens[links])
            and tokens[links - 1].fold != "in"
        ):
            if tokens[stop].fold in ("in", "en", "в") or words.date_role(tokens, links)[0].startswith(
                ("month", "weekday")
            ):
                break
            stop = links + 1
            continue
        if (
            token.fold == "("
            and stop + 2 < len(tokens)
            and tokens[stop + 2].fold == ")"
            and tokens[stop + 1].capital
        ):
            return stop + 3
        if (
            token.fold == "("
            and stop + 3 < len(tokens)
            and tokens[stop + 3].fold == ")"
            and tokens[stop + 1].capital
            and tokens[stop + 2].group == "number"
        ):
            return stop + 4
        break
    return stop


def _is_named(token: Token) -> bool:
    return token.capital and token.group in ("word", "code")


def location_of(text: str, begin: int, stop: int, language: str) -> str | None:
    """Return the place next to the date at `text[begin:stop]`: "Kigali"."""
    behind = _BEHIND.match(text[stop:])
    before = list(_PLACE.finditer(text[max(begin - 120, 0) : begin]))
    after = _PLACE.search(text[stop : stop + 60])
    for match in (behind, before[-1] if before else None, after):
        if match is None or _NO_PLACE.match(match[1]) or match[1].split()[0].isupper():
            continue
        if not lexicon(language).date_role(list(tokenise(match[1])), 0)[0]:
            return match[1].strip(" .,")
    return None
