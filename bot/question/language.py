"""In which language a question is asked."""

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
# English function words that are spelt like words of the other languages ("me", "no", "a") tell nothing.
_SHARED = frozenset(
    """a an as at am do in is me no on so was will i s t d m her his he not at or de to""".split()
)
_ENGLISH_AT_MOST = 0.16
_LEAST_WORDS = 2


def foreign_language(text: str) -> str | None:
    """Return the code of the language of `text` ("fr", "ar", ...), or None for English and for what is unsure.

    Names and acronyms of other languages do not make a question foreign.
    """
    letters = [c for c in text if c.isalpha()]
    for code, script in _SCRIPTS.items():
        if 2 * len(script.findall(text)) > len(letters):
            return code
    spoken = words(text)
    english = sum(word in STOP_WORDS and word not in _SHARED for word in spoken)
    # Names and acronyms are of no language: without them there may be too little left to tell.
    tokens = re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)*", text)
    plain = [t for place, t in enumerate(tokens) if t.islower() or (place == 0 and not t[1:].isupper())]
    if english >= 2 or len(plain) < _LEAST_WORDS:
        return None
    values = _detector().compute_language_confidence_values(" ".join(plain))
    shares = {str(v.language.iso_code_639_1.name).casefold(): float(v.value) for v in values}
    # Among its neighbours a language may get little more than half; that it is not English is what counts.
    at_most = _ENGLISH_AT_MOST if english == 0 and len(plain) > 2 else _ENGLISH_AT_MOST / 4
    best = max(shares, key=shares.__getitem__)
    return best if shares["en"] < at_most else None


@lru_cache(maxsize=1)
def _detector() -> Any:
    # Loads its models: only where a question does not read as English at once.
    from lingua import Language, LanguageDetectorBuilder

    return LanguageDetectorBuilder.from_languages(
        Language.ENGLISH,
        Language.FRENCH,
        Language.SPANISH,
        Language.GERMAN,
        Language.PORTUGUESE,
        Language.ITALIAN,
    ).build()
