"""The language of a question."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from store.terms import STOP_WORDS, words

_SCRIPTS = {
    "ar": re.compile(r"[\u0600-\u06ff]"),
    "zh": re.compile(r"[\u4e00-\u9fff]"),
    "ru": re.compile(r"[\u0400-\u04ff]"),
}
# English function words that other languages have too.
_SHARED = frozenset(
    """a an as at am do in is me no on so was will i s t d m her his he not at or de to""".split()
)
_ENGLISH_AT_MOST = 0.16
_LEAST_WORDS = 2


def foreign_language(text: str) -> str | None:
    """Return the code of the language of `text` ("fr", "ar", ...), or None for English or if unsure.

    Names and acronyms of other languages do not make a question foreign.
    """
    letters = [c for c in text if c.isalpha()]
    for code, script in _SCRIPTS.items():
        if 2 * len(script.findall(text)) > len(letters):
            return code
    english = sum(word in STOP_WORDS and word not in _SHARED for word in words(text))
    # Names and acronyms belong to no language.
    tokens = re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)*", text)
    plain = [t for place, t in enumerate(tokens) if t.islower() or (place == 0 and not t[1:].isupper())]
    if english >= 2 or len(plain) < _LEAST_WORDS:
        return None
    values = _detector().compute_language_confidence_values(" ".join(plain))
    shares = {str(v.language.iso_code_639_1.name).casefold(): float(v.value) for v in values}
    # Related languages share the confidence, so only that of English counts.
    at_most = _ENGLISH_AT_MOST if english == 0 and len(plain) > 2 else _ENGLISH_AT_MOST / 4
    best = max(shares, key=shares.__getitem__)
    return best if shares["en"] < at_most else None


@lru_cache(maxsize=1)
def _detector() -> Any:
    # Loads its models, only for questions that are not clearly English.
    from lingua import Language, LanguageDetectorBuilder

    names = "ENGLISH FRENCH SPANISH GERMAN PORTUGUESE ITALIAN".split()
    return LanguageDetectorBuilder.from_languages(*(getattr(Language, name) for name in names)).build()
