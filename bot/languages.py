"""The language that a text is in, and its name."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from bot.locales import LANGUAGES
from store.terms import STOP_WORDS, words

_SCRIPTS = {code: re.compile(f"[{own.letters}]") for code, own in LANGUAGES.items() if own.letters}
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")
_LATIN_WORD = re.compile(r"[A-Za-z\u00c0-\u024f]{2}")
# The code of a language that cannot be told.
UNKNOWN = "und"
# Capitalised words, with the small words that join them, and words with digits.
_LATIN_NAME = re.compile(
    r"[A-Z][\w’'/&.-]*(?:\s+(?:(?:of|the|for|and|on|to|in)\s+){0,2}[A-Z0-9][\w’'/&.-]*)*|[a-z]+\d\w*", re.A
)
# English function words that other languages have too.
_SHARED_WORDS = frozenset(
    """a an as at am do in is me no on so was will i s t d m her his he not at or de to""".split()
)
# The detector's most confidence in English, as a share of that in the best language, for a text without such words and
# with one. None of the tests' 700 questions in English has less, and of 330 in French and Spanish one has more.
_MOST_ENGLISH, _MOST_ENGLISH_WITH_A_WORD = 0.4, 0.12
_LEAST_FOREIGN_WORDS = 2
_SURELY_ENGLISH = 2


def question_language(text: str) -> str:
    """Return the code of the language of a question, "en" if unsure, "und" for one that is not known.

    Names in Latin letters may be longer than what is asked about them in another script.
    """
    around = _LATIN_NAME.sub(" ", text)
    if not _LATIN_WORD.search(around):
        for code, script in _SCRIPTS.items():
            if sum(c.isalpha() for c in script.findall(around)) > 1:
                return code
    return foreign_language(text) or "en"


def language_of(text: str, otherwise: str = "en", found: str = "") -> str:
    """Return the code of the language of a text; `otherwise` where it is unsure: without a word of any language.

    `found` is what `question_language` said of the text, where that is known.
    """
    found = found or question_language(text)
    return found if found != "en" or _english_words(text) else otherwise


def foreign_language(text: str) -> str | None:
    """Return the code of the language of `text` ("fr", "ar", ...), or None for English or if unsure.

    "und" for one that is not known. Names and acronyms of other languages do not make a text foreign.
    """
    letters = [c for c in text if c.isalpha()]
    for code, script in _SCRIPTS.items():
        if 2 * len(script.findall(text)) > len(letters):
            return code
    if 2 * len(_LATIN.findall(text)) < len(letters):
        return "und"
    english = _english_words(text)
    # Names and acronyms belong to no language.
    tokens = re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)*", text)
    plain = [t for place, t in enumerate(tokens) if t.islower() or (place == 0 and not t[1:].isupper())]
    if english >= _SURELY_ENGLISH or len(plain) < _LEAST_FOREIGN_WORDS:
        return None
    values = _detector().compute_language_confidence_values(" ".join(plain))
    shares = {str(v.language.iso_code_639_1.name).casefold(): float(v.value) for v in values}
    # Related languages share the confidence, so only that of English counts.
    at_most = _MOST_ENGLISH if english == 0 and len(plain) > 2 else _MOST_ENGLISH_WITH_A_WORD
    best = max(shares, key=shares.__getitem__)
    return best if shares["en"] < at_most * shares[best] else None


def is_in(text: str, language: str) -> bool:
    """Whether a text may be in a language: it is in no other one, as far as that is sure."""
    if language in _SCRIPTS:
        return question_language(text) == language
    found = foreign_language(text)
    if found is None:
        # Too short or too full of names to tell, in Latin letters; in English it is sure by its function words.
        return language == "en" or _english_words(text) < _SURELY_ENGLISH
    # Of related languages the detector is not sure.
    return found == language or (language != "en" and found not in (*_SCRIPTS, "und"))


def _english_words(text: str) -> int:
    return sum(word in STOP_WORDS and word not in _SHARED_WORDS for word in words(text))


def load_language_models() -> None:
    """Load what tells languages apart: for a second, in which no other thread of the process runs."""
    _detector()


@lru_cache(maxsize=1)
def _detector() -> Any:
    # Takes 200 MB, and only questions that are not clearly English need it.
    from lingua import Language, LanguageDetectorBuilder

    names = "ENGLISH FRENCH SPANISH GERMAN PORTUGUESE ITALIAN".split()
    builder = LanguageDetectorBuilder.from_languages(*(getattr(Language, name) for name in names))
    return builder.with_preloaded_language_models().build()


@lru_cache
def language_name(code: str) -> str:
    """Return the English name of a language (Unicode CLDR); of one that is not known, words that stand for it."""
    # Imported late: only a chat model is told the name of a language.
    from babel import Locale, UnknownLocaleError

    try:
        name = Locale.parse(code).english_name
    except (UnknownLocaleError, ValueError):
        name = None
    return str(name) if name and code != UNKNOWN else "the language of the question"
