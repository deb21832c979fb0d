"""Detects the language of a text."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

_SCRIPTS = (
    ("ja", re.compile(r"[\u3040-\u30ff]"), 0.1),
    ("zh", re.compile(r"[\u4e00-\u9fff]"), 0.3),
    ("ko", re.compile(r"[\uac00-\ud7af]"), 0.3),
    ("ar", re.compile(r"[\u0600-\u06ff]"), 0.5),
    ("ru", re.compile(r"[\u0400-\u04ff]"), 0.5),
)
_ENGLISH = frozenset("the of and to in for with that is on by as are at from".split())
# In English they are a third of the words, in other languages less than a tenth.
_ENGLISH_SHARE = 0.15
_LEAST_WORDS = 8


def language_of(text: str) -> str | None:
    """Return the ISO 639-1 code of the language of `text`; None if the text is too short."""
    letters = re.findall(r"[^\W\d_]", text)
    for code, script, share in _SCRIPTS:
        if len(script.findall(text)) > share * len(letters):
            return code
    words = re.findall(r"[^\W\d_]+", text.casefold())
    if len(words) < _LEAST_WORDS:
        return None
    if sum(word in _ENGLISH for word in words) > _ENGLISH_SHARE * len(words):
        return "en"
    found = _detector().detect_language_of(text)
    return None if found is None else str(found.iso_code_639_1.name).casefold()


@lru_cache(maxsize=1)
def _detector() -> Any:
    # It loads its models, so it is used only for a text that is not clearly English.
    from lingua import Language, LanguageDetectorBuilder

    latin = (
        Language.ENGLISH,
        Language.FRENCH,
        Language.SPANISH,
        Language.GERMAN,
        Language.PORTUGUESE,
        Language.ITALIAN,
    )
    return LanguageDetectorBuilder.from_languages(*latin).with_low_accuracy_mode().build()
