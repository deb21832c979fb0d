"""The words of a language that the rules know, and a text as tokens of them.

A table a language (`tables/*.toml`) lists phrases by what they say: `[dates]` for the grammar of dates, `[words]` for
what happens on a date. English is a table like the others. Names of months and weekdays are those of CLDR.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import snowballstemmer

_FOLDER = Path(__file__).parent / "tables"
_STEMMERS = {"ar": "arabic", "es": "spanish", "fr": "french", "ru": "russian"}
# Shorter stems are those of unrelated words: of Arabic "June" and "Greece".
_LEAST_STEM = 4
# "Environnement" has the stem of "environ": an ending of more letters makes another word.
_LONGEST_ENDING = 4

# The figures and the punctuation of other scripts, one sign for one.
FIGURES = {zero + n: str(n) for zero in (0x660, 0x6F0, 0xFF10) for n in range(10)}
_SIGNS = FIGURES | str.maketrans(
    dict.fromkeys("\u00a0\u202f\u2009\u3000", " ")
    | dict(zip("，、；：？！（）［］。．～／－﹣٬،؛؟۔’○‑–—−", ",,;:?!()[]..-/--,,;?.'〇----", strict=True))
)
# Vowel marks and the letter that stretches a word (Arabic), and marks of direction.
_UNWRITTEN = re.compile("[\u064b-\u065f\u0670\u0640\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_LETTERS = str.maketrans("أإآٱىةё", "اااايهе")
_NUMERALS = "〇一二三四五六七八九十"
_NAME = r"[^\W\d_\u3005\u3400-\u9fff]"
_TOKEN = re.compile(
    rf"""
      (?P<address>(?:https?://|www\.)[^\s]{{1,2000}}|[\w.+-]{{1,64}}@[\w.-]{{1,255}})
    | (?P<full>(?<![\w/.])(?:(?:19|20)\d\d[-/.](?:0?[1-9]|1[0-2])[-/.](?:[12]\d|3[01]|0?[1-9])(?![^\WT]|[/-]|\.\d)
        |(?:[12]\d|3[01]|0?[1-9])(?P<sign>[./-])(?:0?[1-9]|[12]\d|3[01]|[IVX]{{1,4}})(?P=sign)(?:(?:19|20)\d\d|\d\d)(?![\w/-]|\.\d)))
    | (?P<span>(?<![\w/.-])(?:19|20)\d\d-(?:0[1-9]|1[0-2])-[0-3]\d/[0-3]\d(?![\w/-]))
    | (?P<stamp>(?<=\d)T\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:?\d\d)?(?!\w))
    |
    (?P<clock>(?<![\w.:,])(?:[01]?\d|2[0-4])(?:[:h][0-5]\d(?::\d\d)?(?![\w%]|[.:]\d)|\.[0-5]\d(?=\s?(?:[ap]\.?m\b|hours|hrs|h\b|\(?UTC|GMT|CES?T)))
        |(?<![\w.:,])[012]\d[0-5]\d(?=(?:\s?(?:-|to)\s?[012]\d[0-5]\d)?\s?(?:hours|hrs)\b))
    | (?P<code>(?<!\w)(?=[^\s]{{0,40}}\d)[A-Za-z][\w.()&]{{0,30}}(?:[/-][\w.()&]{{1,30}}){{1,12}}(?<![.)]))
    | (?P<amount>(?<!\w)[$€£]\s?\d[\d.,]*|\d+(?:[.,]\d+)+(?!\w)|\d+\s?%)
    |
    (?P<number>\d+|(?<![{_NUMERALS}])[{_NUMERALS}]{{1,4}}(?=\s?[年月日号])|(?<=[月至到和、,与及日-])[{_NUMERALS}]{{1,3}}(?=至|到|-|和|、))
    | (?P<ideograph>[\u3005\u3400-\u9fff])
    | (?P<word>{_NAME}(?:{_NAME}|[\u064b-\u065f\u0670\u0640\u200b-\u200f])*'?)
    | (?P<sign_>[^\w\s])
    | (?P<line>[\n\t])
    """,
    re.VERBOSE,
)


_HEAD = re.compile(r"[A-Za-z\u00c0-\u024f]+\d?(?=\.?[-/])")


class Token(NamedTuple):
    """A word, number or sign. `group` is the pattern that it matched: "word", "number", "sign_", "full", ..."""

    group: str
    fold: str
    start: int
    end: int
    capital: bool


class Found(NamedTuple):
    """A phrase of a table at `start` to `end` of a text; `role` is what it says."""

    role: str
    start: int
    end: int


def plain(text: str) -> str:
    """Return the text with figures and punctuation of other scripts as those of ours; each sign keeps its place."""
    return text.translate(_SIGNS)


def tokenise(text: str) -> Iterator[Token]:
    """Yield the tokens of a plain text."""
    for match in _TOKEN.finditer(text):
        group = str(match.lastgroup)
        word = match.group()
        yield Token("full" if group == "sign" else group, _fold(word), *match.span(), word[0].isupper())


def _at(tokens: Iterator[Token], start: int) -> Iterator[Token]:
    return (token._replace(start=token.start + start, end=token.end + start) for token in tokens)


def _fold(word: str) -> str:
    folded = word.casefold()
    return folded if folded.isascii() else _UNWRITTEN.sub("", folded).translate(_LETTERS)


def listed(text: str) -> list[str]:
    """Return the phrases of an entry of a table."""
    return [phrase for part in text.split("|") if (phrase := " ".join(part.split()))]


@dataclass
class _Phrases:
    """Phrases as tuples of folded words -> their roles; looked up as written, and by the stems of their words."""

    exact: dict[tuple[str, ...], str] = field(default_factory=dict)
    stemmed: dict[tuple[str, ...], tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    first: dict[str, int] = field(default_factory=dict)


class Lexicon:
    """The table of one language."""

    def __init__(self, language: str) -> None:
        table = tomllib.loads((_FOLDER / f"{language}.toml").read_text("utf-8"))
        self.language = language
        self.capitals = bool(table.get("capitals"))
        self.verbs_follow = bool(table.get("verbs_follow"))
        self.prefixes: Sequence[str] = table.get("prefixes", ())
        self.ordinals = frozenset(listed(table.get("ordinals", "")))
        self.hours = frozenset(listed(table.get("hours", "")))
        self._future = re.compile(table["future"]) if "future" in table else None
        self._past = re.compile(table["past"]) if "past" in table else None
        self._stemmer = _stemmer(language)
        self._dates = _Phrases()
        self._words = _Phrases()
        declined = bool(table.get("declined_names"))
        # "Sept" is seven in French, and September only with a full stop.
        for role in (role for role in table["dates"] if role.startswith(("day", "number"))):
            for phrase in listed(table["dates"][role]):
                self._add(self._dates, role, phrase)
        # A date in English stays one, in a paper that quotes it or whose language was misread.
        for role, name in _calendar(["en"], ("wide",)):
            self._add(self._dates, role, name, stems=False)
        for role, name in _calendar(table["locales"]):
            # "Marché" has the stem of "mars".
            self._add(self._dates, role, name, stems=declined)
        for role, phrases in table["dates"].items():
            for phrase in listed(phrases):
                self._add(self._dates, role, phrase)
        for role, phrases in table["words"].items():
            for phrase in listed(phrases):
                self._add(self._words, role, phrase)
        for phrase in listed(table.get("nothing", {}).get("words", "")):
            for phrases in (self._dates, self._words):
                self._add(phrases, "nothing", phrase, stems=False)
        self.months = frozenset(self._dates.exact) if self.capitals else frozenset()

    def _add(self, phrases: _Phrases, role: str, phrase: str, *, stems: bool = True) -> None:
        key = tuple(token.fold for token in tokenise(plain(phrase)))
        if not key:
            return
        known = phrases.exact.get(key)
        if phrases is self._words and known not in (None, "nothing") and role not in str(known).split():
            role = f"{known} {role}"  # "published": something is done, and what
            phrases.exact[key] = role
        phrases.exact.setdefault(key, role)
        phrases.first[key[0]] = max(len(key), phrases.first.get(key[0], 0))
        if stems and self.language in _STEMMERS:
            short = tuple(map(self._stemmer, key))
            before = phrases.stemmed.get(short)
            if before is None or (phrases is self._words and set(before[0].split()) < set(role.split())):
                phrases.stemmed[short] = (role, key)
            phrases.first[short[0]] = max(len(key), phrases.first.get(short[0], 0))

    def tokens(self, text: str) -> Iterator[Token]:
        """Yield the tokens of a text; "mid-2025" and "May/June 2025" only look like symbols."""
        written = plain(text)
        for token in tokenise(written):
            head = _HEAD.match(written, token.start) if token.group == "code" else None
            parts = list(tokenise(head.group())) if head is not None else []
            if head is not None and self.date_role(parts, 0)[1] == len(parts):
                yield from _at(iter(parts), token.start)
                yield from _at(self.tokens(written[head.end() : token.end]), head.end())
            else:
                yield token

    def date_role(self, tokens: Sequence[Token], at: int) -> tuple[str, int]:
        """Return what the longest phrase of dates at a token says, and its length in tokens; ("", 0) for none."""
        return self._longest(self._dates, tokens, at)

    def word_role(self, tokens: Sequence[Token], at: int) -> tuple[str, int]:
        """Return the same for what happens, for things and for their names; the first of several roles."""
        roles, length = self._longest(self._words, tokens, at)
        return roles.partition(" ")[0], length

    def words(self, text: str) -> list[Found]:
        """Return what the words of a text say, in order; longer phrases hide those inside them."""
        tokens = list(tokenise(plain(text)))
        found: list[Found] = []
        at = 0
        while at < len(tokens):
            role, length = self._longest(self._words, tokens, at)
            if role == "not" and (limit := self.date_role(tokens, at)[1]) > length:
                role, length = "", limit  # "not later than"
            if not length and self._future and self._future.fullmatch(tokens[at].fold):
                role, length = "planned", 1
            if length and role not in ("", "nothing"):
                span = tokens[at].start, tokens[at + length - 1].end
                found += [Found(one, *span) for one in role.split()]
            at += max(length, 1)
        return found

    def plain_words(self, roles: Sequence[str]) -> Iterator[str]:
        """Yield the words of dates, and those of some roles, alone and as parts of phrases."""
        wanted = set(roles)
        for key, role in (*self._dates.exact.items(), *self._words.exact.items()):
            if key in self._dates.exact or wanted & set(role.split()):
                yield from key if len(key) > 1 and key[0] >= "\u3400" else key[:1] if len(key) == 1 else ()

    def is_past(self, text: str) -> bool:
        """Whether a word of a text has a form of the past."""
        pattern = self._past
        return pattern is not None and any(pattern.fullmatch(token.fold) for token in tokenise(plain(text)))

    def share_known(self, text: str) -> float:
        """Return the share of the words of a text that the table has."""
        tokens = list(tokenise(plain(text)))
        known = count = at = 0
        while at < len(tokens):
            length = max(self.date_role(tokens, at)[1], self.word_role(tokens, at)[1])
            step = max(length, 1)
            count += step
            known += length
            at += step
        return known / max(count, 1)

    def _longest(self, phrases: _Phrases, tokens: Sequence[Token], at: int) -> tuple[str, int]:
        token = tokens[at]
        for fold in self._spellings(token):
            stem = self._stemmer(fold)
            most = max(phrases.first.get(fold, 0), phrases.first.get(stem, 0))
            for length in range(min(most, len(tokens) - at), 0, -1):
                key = (fold, *(t.fold for t in tokens[at + 1 : at + length]))
                role = phrases.exact.get(key)
                if role is None and phrases.stemmed:
                    known = phrases.stemmed.get(tuple(map(self._stemmer, key)))
                    if known and all(map(_is_ending, known[1], key)):
                        role = known[0]
                if role is not None:
                    return role, length
        return "", 0

    def _spellings(self, token: Token) -> Iterator[str]:
        """Yield a word, and the word without what is written together with it (Arabic)."""
        yield token.fold
        if token.group == "word":
            for prefix in self.prefixes:
                if token.fold.startswith(prefix) and len(token.fold) > len(prefix) + 1:
                    yield token.fold[len(prefix) :]


def _is_ending(phrase: str, word: str) -> bool:
    return abs(len(phrase) - len(word)) <= _LONGEST_ENDING


def _stemmer(language: str) -> Any:
    if language not in _STEMMERS:
        return str

    @lru_cache(maxsize=65536)
    def stemmed(word: str) -> str:
        # A new stemmer for each word: it has state, so threads cannot share one.
        short = str(snowballstemmer.stemmer(_STEMMERS[language]).stemWord(word))
        return short if len(short) >= _LEAST_STEM else word

    return stemmed


def _calendar(
    locales: Sequence[str], widths: Sequence[str] = ("wide", "abbreviated")
) -> Iterator[tuple[str, str]]:
    """Yield the names of months and weekdays in CLDR, with their roles."""
    from babel import Locale

    for locale in map(Locale.parse, locales):
        for context in ("format", "stand-alone"):
            for width in widths:
                for names, role, first in ((locale.months, "month", 0), (locale.days, "weekday", 0)):
                    for number, name in names[context][width].items():
                        yield f"{role}{number - first}", name
                        yield f"{role}{number - first}", name.rstrip(".")


@lru_cache
def tables() -> Mapping[str, Mapping[str, Any]]:
    """Return language -> its table, as it is written."""
    return {path.stem: tomllib.loads(path.read_text("utf-8")) for path in sorted(_FOLDER.glob("*.toml"))}


@lru_cache
def lexicon(language: str) -> Lexicon:
    """Return the table of a language; of English for one that has none."""
    return Lexicon(language if (_FOLDER / f"{language}.toml").exists() else "en")


def in_figures(numeral: str) -> int:
    """Return the number that "十二" or "二〇二五" writes, or that figures do."""
    if numeral.isdecimal():
        return int(numeral)
    if "十" not in numeral:
        return int("".join(str(_NUMERALS.index(sign)) for sign in numeral))
    tens, _, ones = numeral.partition("十")
    return (_NUMERALS.index(tens) if tens else 1) * 10 + (_NUMERALS.index(ones) if ones else 0)
