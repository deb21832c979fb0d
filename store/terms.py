"""Words of a text: its search terms as in the full text, and the acronyms that it introduces.

Search terms are in lower case, without accents and stop words, and stemmed: in Latin letters as in English, in Cyrillic
letters as in Russian, in Arabic letters as in Arabic. Chinese is written without spaces, so each two neighbouring signs
are a word.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

import snowballstemmer

_HAN = "\u3400-\u4dbf\u4e00-\u9fff"
_WORD = re.compile(rf"[^\W_{_HAN}]+|[{_HAN}]+")
_SIGNS = re.compile(f"[{_HAN}]+")
_STEMMERS = (("russian", re.compile("[\u0400-\u04ff]")), ("arabic", re.compile("[\u0600-\u06ff]")))

# Rules of Porter's own program (tartarus.org/martin/PorterStemmer), which SQLite has too and Snowball has not: a word
# of two letters stays; "assembly" is "assembl" and "technology" "technolog", but not "biology", which lacks a vowel and
# a consonant before.
_SHORTEST = 3
_DEPARTED = re.compile(r"^([a-z]*[aeiouy][^aeiouy][a-z]*(?:bl|log))i$")
# Words that are too common for a search, and question words.
STOP_WORDS = frozenset(
    """a about above after again against all also am an and any are aren as at be because been before being
    below between both but by can cannot could couldn d did didn do does doesn doing don down during each
    few for from further get gets got had hadn has hasn have haven having he her here hers herself him
    himself his how i if in into is isn it its itself just ll m me might mightn more most must mustn my
    myself need no nor not now of off on once only or other ought our ours ourselves out over own please re
    s same shall shan she should shouldn so some such t tell than that the their theirs them themselves then
    there these they this those through to too under until up us ve very was wasn we were weren what whats
    when where wheres which while who whom whos whose why will with won would wouldn you your yours yourself
    yourselves""".split()
)

# Words of a conversation with the assistant, which do not describe the content of a report.
_CONVERSATIONAL = frozenset(
    """actually currently doc document ever exactly give going happen happened far held hello hey hi know like list
    ok paper place please pls report said say says show still take taking tell thank thanks think want yet""".split()
)


class _WithoutAccents(dict[int, str]):
    """Character -> its compatibility decomposition without accents.

    Normalising a whole text would also sort the accents of a letter, of which it may have a million.
    """

    def __missing__(self, code: int) -> str:
        decomposed = unicodedata.normalize("NFKD", chr(code))
        self[code] = "".join(c for c in decomposed if not unicodedata.combining(c))
        return self[code]


_WITHOUT_ACCENTS = _WithoutAccents()


def words(text: str) -> list[str]:
    """Return the words of `text`, folded to lower case without accents, in order, with repeats."""
    folded = text.casefold()
    if folded.isascii():
        return _WORD.findall(folded)
    return [part for word in _WORD.findall(folded.translate(_WITHOUT_ACCENTS)) for part in _parts(word)]


def _parts(word: str) -> list[str]:
    """Return each two neighbouring signs of a Chinese word; any other word as it is."""
    if len(word) < 3 or not _SIGNS.fullmatch(word):
        return [word]
    return [word[at : at + 2] for at in range(len(word) - 1)]


def content_words(text: str) -> list[str]:
    """Return the folded words of a question that describe its subject."""
    return [w for w in words(text) if w not in STOP_WORDS and w not in _CONVERSATIONAL and len(w) > 1]


# An answer compares the same sentences several times, and the next one often has some of them.
@lru_cache(maxsize=4096)
def terms(text: str) -> tuple[str, ...]:
    """Return the stemmed words of `text` that are no stop words, in order, with repeats."""
    return tuple(stem(word) for word in words(text) if word not in STOP_WORDS)


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """Return the stem of a folded word; in Latin letters that of SQLite's `porter` tokenizer."""
    name = next((name for name, script in _STEMMERS if script.search(word)), "porter")
    if name == "porter" and len(word) < _SHORTEST:
        return word
    # A new stemmer for each word: it has state, so threads cannot share one.
    return _DEPARTED.sub(r"\1", str(snowballstemmer.stemmer(name).stemWord(word)))


_IN_BRACKETS = re.compile(
    r"[(\[]\s*(?:the\s+|hereafter\s+)?[\"“‘']?(?P<short>[A-Za-z][A-Za-z0-9&/-]{1,14})[\"”’']?\s*[)\]]"
)
# A name has at most so many characters; more text before the brackets is not searched.
_NAME_CHARS = 1000
_LINKING = frozenset("""of the and for on in to a an with at by & de des la le et""".split())


def acronyms(texts: Iterable[str]) -> list[tuple[str, str]]:
    """Return (short, long) of the acronyms introduced in the texts, in folded words, each once.

    One is introduced as in "Global Digital Compact (GDC)": a word in brackets is an acronym if its letters are the
    initials of the words before the brackets.
    """
    found: dict[tuple[str, str], None] = {}
    for text in texts:
        for match in _IN_BRACKETS.finditer(text):
            short = match["short"]
            if sum(c.isupper() for c in short) < 2:
                continue
            name = _name_before(text[max(0, match.start() - _NAME_CHARS) : match.start()], short)
            if name:
                found[" ".join(words(short)), name] = None
    return list(found)


def _name_before(text: str, short: str) -> str | None:
    """Return the shortest run of words at the end of `text` whose initials spell `short`."""
    letters = [c for c in short.casefold() if c.isalpha()]
    before = words(re.split(r"[.;:!?()\n]", text)[-1])[-(2 * len(letters) + 2) :]
    for start in range(len(before) - 1, -1, -1):
        if before[start] not in _LINKING and _spells(before[start:], letters):
            return " ".join(before[start:])
    return None


def _spells(name: list[str], letters: list[str]) -> bool:
    """Whether the letters are the initials of the words, in order; only linking words may be left out."""
    matched = 0
    for word in name:
        if matched < len(letters) and word[0] == letters[matched]:
            matched += 1
        elif word not in _LINKING:
            # Letters inside words ("Telecommunication/ICT Policy") are not supported.
            return False
    return matched == len(letters)
