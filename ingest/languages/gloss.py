"""Writes a text of another language in the words of the grammar, phrase by phrase, with the way back to each position.

A pack lists, for words that say when, whether and what kind of thing happens, the English words by which the grammar of
dates and the cues of events know them. Every other word becomes a placeholder, so that no word of the language is
mistaken for an English one: French "on" is not a preposition. Nothing is translated for people.

    gloss("du 22 au 23 septembre 2025 à Genève", "fr").text == "from 22 to 23 September 2025 at Zxqwer"
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from unicodedata import combining, normalize
from zlib import crc32

import snowballstemmer
from rapidfuzz.distance import Prefix

from ingest.languages.pack import MONTHS, WEEKDAYS, Pack, languages, load_pack

# Start and end in a text.
Span = tuple[int, int]

# A phrase of a pack has no more tokens than this.
_LONGEST_PHRASE = 12
_TOKEN = re.compile(
    r"""
      (?P<kept>(?:^|(?<=\n))\(?(?:[a-z]|[ivx]{1,5})\)|(?:https?://|www\.)[!-~]{1,2000}|[A-Za-z0-9_.+-]{1,64}@[A-Za-z0-9.-]{1,255}
        |(?<![A-Za-z0-9])(?=[!-~]{0,40}\d)(?=[a-z]*[A-Z0-9])[A-Za-z][A-Za-z0-9.()&]{0,30}(?:[/-][A-Za-z0-9.()&]{1,30}){1,12}(?<![.)])
        |(?<![A-Za-z0-9])\d[A-GI-Z][A-Z]{0,4}(?![A-Za-z0-9]))
    | (?P<ideograph>[\u3005\u3400-\u9fff])
    | (?P<word>[^\W\d_\u3005\u3400-\u9fff]+)
    | (?P<number>\d+)
    | (?P<sign>[^\w\s])
    """,
    re.VERBOSE,
)
# The figures of other scripts, for `str.translate`.
FIGURES = {zero + n: str(n) for zero in (0x660, 0x6F0, 0xFF10) for n in range(10)}
# Figures and punctuation of other scripts.
_SIGNS = FIGURES | str.maketrans(
    dict.fromkeys("\u00a0\u202f\u2009\u3000", " ")
    | dict(zip("，、；：？！（）［］。．～／－﹣٬،؛؟۔’○", ",,;:?!()[]..-/--,,;?.'〇", strict=True))
)
_WIDE = frozenset("，、；：？！。")
_STOPS = frozenset(".!?:;,")
# What abbreviations at the end of a date or an hour say.
_UNITS = frozenset(["", "year", "am", "pm"])
# A name may follow "In 2026 г.", with fewer tokens in front.
_LEAST_SENTENCE = 8
# The first letter of a sentence or line.
_OPENING = re.compile(r"(?:^|(?<=[.!?]\s)|(?<=\n))[a-z]")
# Vowel marks and the letter that stretches a word (Arabic), and marks of direction.
_UNWRITTEN = re.compile("[\u064b-\u065f\u0670\u0640\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
# Letters of Arabic and Russian that are written in several ways.
_LETTERS = str.maketrans("أإآٱىةё", "اااايهе")

# What the patterns of word order abbreviate.
_ABBREVIATED = {
    "{MONTH}": f"(?:{'|'.join(MONTHS)})",
    "{DAY}": f"(?:{'|'.join(WEEKDAYS)})",
    "{YEAR}": r"(?:(?:19|20)\d\d)",
    "{SPAN}": r"(?:(?:working |calendar )?(?:days?|weeks?|months?|years?))",
    "{PART}": "(?:Q[1-4]|H[12]|early|mid|late|spring|summer|autumn|winter|(?:beginning|end|middle"
    "|(?:first|second) (?:half|fortnight)|(?:first|second|third|fourth|last) week) of)",
}
# What another language puts in another order than English: pattern -> replacement. Packs have further ones.
_ORDER = (
    (r"\bof (?:(?:from|of|the|in|on) )+", "of "),
    (r"(?<!instead )\bof (?=(?:{DAY} )?\d{1,2}(?:th)?(?: {MONTH})?(?: {YEAR})? to )", "from "),
    (r"({MONTH})\s?[/(]\s?\1\b\)?", r"\1"),  # two names of one month
    (r"(\d(?:th)?) of (?={MONTH})", r"\1 "),
    (r"({MONTH}),? (?:of )?(?:year )?({YEAR})\b", r"\1 \2"),
    (r"\b(?:the )?year ({YEAR})\b", r"\1"),
    (r"\b({YEAR}) year\b", r"\1"),
    (r"(\d)? at (?=(?:(?<=\d at )\d{1,2} )?{MONTH})", r"\1 to "),
    *(
        (rf"\b(?:{roman} quarter|quarter {roman})\b", f"Q{number}")
        for number, roman in enumerate(("I", "II", "III", "IV"), 1)
    ),
    (r"(\d(?:th)? {MONTH}) this\b(?! year)", r"\1"),
    (r"(?<!\d )(?<!\dth )({MONTH}|{DAY}|week|month|year|quarter) (next|last|this)\b", r"\2 \1"),
    (r"({MONTH}(?: {YEAR})?) ({PART})\b(?! (?:{MONTH}|{YEAR}))", r"\2 \1"),
    (r"\b({YEAR}) ({PART})\b(?! (?:{MONTH}|{YEAR}))", r"\2 \1"),
    (r"((?:Q[1-4]|H[12])(?: {YEAR})?) ((?:beginning|end) of|early|mid|late)\b(?! {MONTH})", r"\2 \1"),
)


@dataclass(frozen=True, slots=True)
class Gloss:
    """A text in the grammar's words; its character n stands for `original[starts[n] : ends[n]]`."""

    text: str
    starts: array[int]
    ends: array[int]

    def span(self, start: int, end: int) -> Span:
        """Return the span of the original text for a span of the gloss, which is not empty."""
        return min(self.starts[start:end]), max(self.ends[start:end])

    def rewritten(self, pattern: re.Pattern[str], replacement: str) -> Gloss:
        r"""Return the gloss with words, and groups such as "\1", in place of each match."""
        builder = _Builder()
        end = 0
        for match in pattern.finditer(self.text):
            builder.copy(self, end, match.start())
            for words, group in re.findall(r"([^\\]+)|\\(\d)", replacement):
                if words:
                    builder.write(words, self.span(*match.span()))
                elif match[int(group)]:
                    builder.copy(self, *match.span(int(group)))
            end = match.end()
        if not end:
            return self
        builder.copy(self, end, len(self.text))
        return builder.gloss()


class _Builder:
    """Collects a gloss."""

    def __init__(self) -> None:
        self._text: list[str] = []
        self._starts = array("I")
        self._ends = array("I")

    def write(self, text: str, origin: Span) -> None:
        """Add text that stands for a span."""
        if text:
            self._text.append(text)
            self._starts.extend([origin[0]] * len(text))
            self._ends.extend([origin[1]] * len(text))

    def copy(self, other: Gloss, start: int, end: int) -> None:
        """Add a part of another gloss."""
        if start < end:
            self._text.append(other.text[start:end])
            self._starts.extend(other.starts[start:end])
            self._ends.extend(other.ends[start:end])

    def word(self, text: str, origin: Span) -> None:
        """Add a word, after a space where it would touch another one."""
        if text and self._text and self._text[-1][-1].isalnum():
            self.write(" ", (origin[0], origin[0]))
        self.write(text, origin)

    def gloss(self) -> Gloss:
        """Return what was collected."""
        return Gloss("".join(self._text), self._starts, self._ends)


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    start: int
    end: int

    @property
    def key(self) -> str:
        return self.text.casefold().translate(_LETTERS)


def gloss(text: str, language: str) -> Gloss:
    """Return the gloss of a text. Linear in its length. Raises KeyError for a language without a pack."""
    return _glossed(text, _phrasebook(language))


def _glossed(text: str, phrasebook: _Phrasebook) -> Gloss:
    written = _written(text)
    builder = _Builder()
    end = 0
    for kind, words, start, stop in phrasebook.read(written.text):
        builder.copy(written, end, start)
        origin = written.span(start, stop)
        if kind == "sign":
            builder.write(words, origin)
            if text[origin[0]] in _WIDE:
                builder.write(" ", (origin[1], origin[1]))
        else:
            builder.word(words, origin)
        end = stop
    builder.copy(written, end, len(written.text))
    result = builder.gloss()
    for pattern, replacement in phrasebook.order:
        result = result.rewritten(pattern, replacement)
    if phrasebook.has_no_case:
        opened = _OPENING.sub(lambda match: match.group().upper(), result.text)
        return replace(result, text=opened)
    return result


def in_words_of_rules(text: str, language: str) -> str:
    """Return the text of the gloss; the text itself in a language without a pack, as English is."""
    return gloss(text, language).text if language in languages() else text


def question_in_words_of_rules(text: str, language: str) -> str:
    """Return the gloss of a question without what stands for unknown words; `text` in a language without a pack."""
    if language not in languages():
        return text
    glossed = _glossed(text, _phrasebook(language, asking=True)).text
    return " ".join(_NO_WORDS.sub(" ", glossed).split())


def is_wholly_read(question: str, language: str) -> bool:
    """Whether the pack has each word of a question."""
    glossed = _glossed(question, _phrasebook(language, asking=True)).text
    return not any(map(str.isalpha, "".join(_NO_WORDS.findall(glossed))))


def share_known(text: str, language: str) -> float:
    """Return the share of the words that are in the pack: half of running text and more, of names a quarter at most."""
    written = _written(text).text
    known = unknown = 0
    for kind, words, start, stop in _phrasebook(language).read(written):
        part = written[start:stop]
        if kind == "word" and any(map(str.isalpha, part)):
            is_unknown = words == part or _PLACEHOLDER.fullmatch(words.rpartition(" ")[2]) is not None
            known, unknown = known + (not is_unknown), unknown + is_unknown
    return known / max(known + unknown, 1)


def _written(text: str) -> Gloss:
    """Return the text with figures and signs of other scripts as those of this one, and without vowel marks."""
    letters: list[str] = []
    starts, ends = array("I"), array("I")
    for n, letter in enumerate(text):
        if _UNWRITTEN.match(letter):
            continue
        # An accent that follows its letter.
        whole = normalize("NFC", letters[-1] + letter) if letters and combining(letter) else ""
        if len(whole) == 1:
            letters[-1], ends[-1] = whole, n + 1
            continue
        letters.append(letter)
        starts.append(n)
        ends.append(n + 1)
    return Gloss("".join(letters).translate(_SIGNS), starts, ends)


@lru_cache
def _phrasebook(language: str, *, asking: bool = False) -> _Phrasebook:
    pack = load_pack(language)
    return _Phrasebook(replace(pack, phrases={**pack.phrases, **pack.asking}) if asking else pack)


class _Phrasebook:
    """Reads the phrases of a pack in a text."""

    def __init__(self, pack: Pack) -> None:
        self._pack = pack
        self._stem = lru_cache(maxsize=65536)(_stemmer(pack.language))
        self._exact: dict[tuple[str, ...], str] = {}
        self._stemmed: dict[tuple[str, ...], list[tuple[str, ...]]] = {}
        for phrase, words in pack.phrases.items():
            tokens = list(_tokens(_written(phrase).text))
            keys = tuple(token.key for token in tokens)
            self._exact[keys] = words
            if phrase not in pack.exact:
                self._stemmed.setdefault(self._stems(tokens), []).append(keys)
        self._known = {key for phrase in self._exact for key in phrase}
        self._days = {
            tuple(token.key for token in self._split(_tokens(_written(day).text))): figures
            for day, figures in pack.days.items()
        }
        self._day_starts = {day[0] for day in self._days}
        self._first = {phrase[0] for phrase in (*self._exact, *self._stemmed)}
        self._units = _chain(pack)
        self._tenses = [(words, re.compile(form)) for words, form in pack.tenses.items()]
        self.has_no_case = any(phrase[0].isalpha() and _has_no_case(phrase) for phrase in pack.phrases)
        self.order = [(_in_full(pattern), replacement) for pattern, replacement in (*_ORDER, *pack.order)]

    def read(self, text: str) -> Iterator[tuple[str, str, int, int]]:
        """Yield kind, words, start and end of each part of a text; what is between them stays."""
        at = 0
        for start, end, words in self._units(text):
            yield from self._read(list(self._split(_tokens(text, at, start))), opens=at == 0)
            yield "word", words, start, end
            at = end
        yield from self._read(list(self._split(_tokens(text, at, len(text)))), opens=at == 0)

    def _read(self, tokens: Sequence[_Token], *, opens: bool) -> Iterator[tuple[str, str, int, int]]:
        k = 0
        while k < len(tokens):
            token = tokens[k]
            words, stop = self._numeral(tokens, k) if token.kind == "number" else self._day(tokens, k)
            if words is None and token.kind != "kept":
                words, stop = self._phrase(tokens, k)
                if words in _UNITS and _closes(tokens, k, stop):
                    stop -= 1
                if words is not None and token.text[0].isupper():
                    words = words[:1].upper() + words[1:]
            if words is None:
                words, stop = token.text, k + 1
                if token.kind in ("word", "ideograph"):
                    while token.kind == "ideograph" and stop < len(tokens) and self._unknown(tokens, stop):
                        stop += 1
                    key = "".join(map(self._stem, (t.key for t in tokens[k:stop])))
                    after_stop = tokens[k - 1].text in _STOPS if k else opens
                    words = self._tense(token.key) + _placeholder(token.text, key, after_stop)
            plain = stop == k + 1 and token.kind == "sign" and words == token.text
            yield "sign" if plain else "word", words, token.start, tokens[stop - 1].end
            k = stop

    def _unknown(self, tokens: Sequence[_Token], k: int) -> bool:
        return tokens[k].kind == "ideograph" and self._phrase(tokens, k)[0] is None

    def _phrase(self, tokens: Sequence[_Token], k: int) -> tuple[str | None, int]:
        """Return the words of the longest phrase at token `k` and where it stops; (None, k) without one."""
        if tokens[k].key not in self._first and self._stem(tokens[k].key) not in self._first:
            return None, k
        for stop in range(min(len(tokens), k + _LONGEST_PHRASE), k, -1):
            inside = tokens[k:stop]
            keys = tuple(token.key for token in inside)
            words = self._exact.get(keys)
            if words is None:
                alike = self._stemmed.get(self._stems(inside), ())
                words = next((self._exact[other] for other in alike if self._is_form(keys, other)), None)
            if words is not None:
                return words, stop
        return None, k

    def _is_form(self, words: Sequence[str], phrase: Sequence[str]) -> bool:
        """Whether words that have the stems of a phrase are forms of its words: no ending makes another word.

        "Environnement" has the stem of "environ".
        """
        most = self._pack.longest_ending
        return most is None or all(
            max(len(word), len(other)) - Prefix.similarity(word, other) <= most
            for word, other in zip(words, phrase, strict=True)
        )

    def _tense(self, word: str) -> str:
        """Return the English words, with a space, that a word says by its form; "" for none."""
        return next((f"{words} " for words, form in self._tenses if form.fullmatch(word)), "")

    def _stems(self, tokens: Sequence[_Token]) -> tuple[str, ...]:
        return tuple(self._stem(token.key) for token in tokens)

    def _numeral(self, tokens: Sequence[_Token], k: int) -> tuple[str | None, int]:
        """Return an ordinal or an hour at the number `k`: "1er", "2-е", "14 h 30"."""
        number = tokens[k].text
        after = tokens[k + 1 : k + 4]
        dashed = any(token.text in "-." for token in after[:1])
        ending = after[dashed] if len(after) > dashed else None
        if ending and ending.key in self._pack.ordinals and len(number) <= 2:
            return f"{number}th", k + 2 + dashed
        if after and after[0].key in self._pack.hours and len(number) <= 2 and int(number) < 24:
            minutes = after[1].text if len(after) > 1 and re.fullmatch(r"[0-5]\d", after[1].text) else ""
            stop = k + 2 + bool(minutes)
            stop += bool(minutes) and len(after) > 2 and after[2].key in self._pack.minutes
            return f"{number}:{minutes or '00'}", stop
        return None, k

    def _day(self, tokens: Sequence[_Token], k: int) -> tuple[str | None, int]:
        """Return the figures of a day in words before a month at token `k`: "treize mars", "trece de marzo"."""
        lengths = range(k + 3, k, -1) if tokens[k].key in self._day_starts else ()
        for stop in lengths:
            figures = self._days.get(tuple(token.key for token in tokens[k:stop]))
            if figures is not None and stop < len(tokens):
                words, after = self._phrase(tokens, stop)
                if words in ("of", "from") and after < len(tokens):
                    words, _ = self._phrase(tokens, after)
                return (figures, stop) if words in MONTHS else (None, k)
        return None, k

    def _split(self, tokens: Iterable[_Token]) -> Iterator[_Token]:
        """Yield the tokens; letters that a language writes together with the next word are words of their own."""
        for token in tokens:
            parts = self._prefixed(token) if token.kind == "word" and self._pack.prefixes else None
            yield from parts or [token]

    def _prefixed(self, token: _Token) -> list[_Token] | None:
        if token.key in self._known:
            return None
        for prefix, replaced in self._pack.prefixes.items():
            rest = replaced + token.key.removeprefix(prefix)
            if token.key.startswith(prefix) and rest in self._known:
                middle = token.start + len(prefix) - len(replaced)
                return [
                    _Token("word", prefix[:1], token.start, middle),
                    _Token("word", rest, middle, token.end),
                ]
        return None


def _closes(tokens: Sequence[_Token], k: int, stop: int) -> bool:
    """Whether the full stop of an abbreviation at token `k` ends a sentence too: "... 2026 г. Отчет ..."."""
    before = tokens[max(k - _LEAST_SENTENCE, 0) : k]
    return (
        tokens[stop - 1].text == "."
        and stop < len(tokens)
        and tokens[stop].text[0].isupper()
        and len(before) == _LEAST_SENTENCE
        and not any(token.text in _STOPS for token in before if token.text != ",")
    )


def _in_full(pattern: str) -> re.Pattern[str]:
    """Return a pattern of word order with its abbreviations written out."""
    for short, full in _ABBREVIATED.items():
        pattern = pattern.replace(short, full)
    return re.compile(pattern)


def _tokens(text: str, start: int = 0, end: int | None = None) -> Iterator[_Token]:
    for match in _TOKEN.finditer(text, start, len(text) if end is None else end):
        yield _Token(str(match.lastgroup), match.group(), *match.span())


def _stemmer(language: str) -> Callable[[str], str]:
    """Return the function that stems words; words whose stems say too little stay as they are."""
    if language not in _STEMMERS:
        return str

    def stemmed(word: str) -> str:
        # A new stemmer for each word: it has state, so threads cannot share one.
        short = str(snowballstemmer.stemmer(_STEMMERS[language]).stemWord(word))
        return short if len(short) >= _LEAST_STEM else word

    return stemmed


# Shorter stems are those of unrelated words: of Arabic "June" and "Greece".
_LEAST_STEM = 4
_STEMMERS = {"ar": "arabic", "es": "spanish", "fr": "french", "ru": "russian"}


_PLACEHOLDER = re.compile(r"[Zz]x[a-z]*|zz")
_NO_WORDS = re.compile(rf"\b(?:{_PLACEHOLDER.pattern})\b|(?<!\w)[^\w\s?]+|[^\w\s?](?!\w)")


def _placeholder(word: str, key: str, opens: bool) -> str:
    """Return what stands for a word that no rule knows: an acronym itself, else letters that are the same for its stem.

    Where a script has no capitals, a word that opens a sentence has one.
    """
    if word.isascii() and word.isupper() and len(word) > 1:
        return word
    number, letters = crc32(key.encode()), "x"
    while number:
        number, rest = divmod(number, 26)
        letters += chr(ord("a") + rest)
    capital = word[0].isupper() or (opens and _has_no_case(word))
    return ("Z" if capital else "z") + letters


def _complete(stated: dict[str, str | None], before: Mapping[str, str | None]) -> None:
    """Add the year and the month that the date before states; not the year from December to January."""
    if stated["year"] or not (stated["month"] or stated["day"]):
        return
    if stated["month"] is None:
        stated["month"] = before.get("month")
    elif int(stated["month"]) < int(before.get("month") or 1):
        return
    stated["year"] = before.get("year")


def _numerals(signs: str) -> dict[str, str]:
    """Return the numbers to 31 in the `signs` for 0 to 10, with their figures."""
    ten = signs[10]
    tens = ("", ten, signs[2] + ten, signs[3] + ten)
    return {tens[n // 10] + (signs[n % 10] if n % 10 else ""): str(n) for n in range(1, 32)}


def _in_figures(said: str | None, numerals: Mapping[str, str]) -> str | None:
    """Return a year, a month or a day in figures."""
    if said is None or said.isdecimal():
        return said
    return numerals.get(said) or "".join(numerals.get(sign, "0") for sign in said)


def _has_no_case(word: str) -> bool:
    return word[0].lower() == word[0].upper()


def _chain(pack: Pack) -> Callable[[str], Iterable[tuple[int, int, str]]]:
    """Return a function that yields start, end and English words of each date that a text writes with the year first.

    What a date leaves out is stated by the one before it, if a sign of a list or a range joins them.
    """
    if not pack.units:
        return lambda _: ()
    year, month, day, join = (pack.units[name] for name in ("year", "month", "day", "join"))
    signs = pack.units["numerals"]
    numerals = _numerals(signs)
    # Longer ones first.
    days, months = (
        "|".join(sign for sign, figures in reversed(numerals.items()) if int(figures) <= most)
        for most in (31, 12)
    )
    one = re.compile(
        rf"(?<![\d{signs}])(?:(?P<year>(?:19|20)\d\d|(?:{signs[1]}{signs[9]}|{signs[2]}{signs[0]})[{signs[:10]}]{{2}})"
        rf"\s?(?:{year})\s?)?(?:(?P<month>1[0-2]|0?[1-9]|{months})\s?(?:{month})\s?)?"
        rf"(?:(?P<day>[12]\d|3[01]|0?[1-9])\s?(?:(?:{day})|(?=\s?(?:{join})\s?\d{{1,2}}\s?(?:{day})))"
        rf"|(?P<written>{days})(?:{day}))?"
    )
    joined = re.compile(rf"\s?(?:{join})\s?")

    def read(text: str) -> Iterator[tuple[int, int, str]]:
        before: dict[str, str | None] = {}
        end = 0
        for match in one.finditer(text):
            if not match.group():
                continue
            stated = {name: _in_figures(said, numerals) for name, said in match.groupdict().items()}
            written = stated.pop("written")
            stated["day"] = stated["day"] or written
            if joined.fullmatch(text, end, match.start()):
                _complete(stated, before)
            elif written and not stated["month"]:
                continue  # "三日" may be three days
            parts = [stated["day"], stated["month"] and MONTHS[int(stated["month"]) - 1], stated["year"]]
            words = " ".join(part for part in parts if part)
            if stated["day"] and not stated["month"]:
                words = f"the {stated['day']}th"
            end = match.start() + len(match.group().rstrip())
            yield match.start(), end, words
            before = stated

    return read
