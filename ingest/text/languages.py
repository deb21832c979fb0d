"""The languages that the program knows, and that of a text: by its script, by English words, or by a detector."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ingest.text.lexicon import lexicon, listed, tables


@dataclass(frozen=True, slots=True)
class Language:
    """One of the official languages of the United Nations."""

    code: str
    name: str
    """Its name in English."""
    letter: str
    """The last letter of ITU's symbols of documents in it."""


LANGUAGES = {
    one.code: one
    for one in (
        Language("en", "English", "E"),
        Language("fr", "French", "F"),
        Language("es", "Spanish", "S"),
        Language("ru", "Russian", "R"),
        Language("ar", "Arabic", "A"),
        Language("zh", "Chinese", "C"),
    )
}

_SCRIPTS = (
    ("ja", re.compile(r"[\u3040-\u30ff]"), 0.1),
    ("zh", re.compile(r"[\u4e00-\u9fff]"), 0.3),
    ("ko", re.compile(r"[\uac00-\ud7af]"), 0.3),
    ("ar", re.compile(r"[\u0600-\u06ff]"), 0.5),
    ("ru", re.compile(r"[\u0400-\u04ff]"), 0.5),
)
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f\u1e00-\u1eff]")
_LETTER = re.compile(r"[^\W\d_]")
_WORD = re.compile(r"[^\W\d_]+")
_ENGLISH = frozenset("the of and to in for with that is on by as are at from".split())
# In English they are a third of the words, in other languages less than a tenth.
_ENGLISH_SHARE = 0.15
_LEAST_WORDS = 8
# Of running text the tables know half of the words, of names a quarter at most.
_LEAST_KNOWN = 0.3
# A shorter part of a document is in the language of the whole.
_LEAST_CHARS = 60


def detect_language(text: str) -> str | None:
    """Return the ISO 639-1 code of the language of `text`; None if the text is too short, or of names alone.

    "und" for one in a script that is not known.
    """
    letters = len(_LETTER.findall(text))
    for code, script, share in _SCRIPTS:
        if len(script.findall(text)) > share * letters:
            return code
    if 2 * len(_LATIN.findall(text)) < letters:
        return "und"
    words = _WORD.findall(text.casefold())
    if len(words) < _LEAST_WORDS:
        return None
    if _is_english(words):
        return "en"
    found = _detector().detect_language_of(text)
    detected = "" if found is None else str(found.iso_code_639_1.name).casefold()
    # An English list of names may look like any language, and the table of a wrong one would miss its dates.
    certain = detected not in {"fr", "es"} or lexicon(detected).share_known(text) >= _LEAST_KNOWN
    return detected or None if certain else None


# Each step that reads dates asks for the same sections.
@lru_cache(maxsize=4096)
def language_of_part(text: str, document: str) -> str:
    """Return the language of a part of a document: that of the `document`, unless it is surely another with a table."""
    if len(text) < _LEAST_CHARS or (document == "en" and _is_english(_WORD.findall(text.casefold()))):
        return document
    found = detect_language(text)
    return found if found in LANGUAGES else document


@lru_cache
def paragraph_words() -> frozenset[str]:
    """Return what documents call a paragraph in all languages, before its number or around it: "par.", "第…段"."""
    return frozenset(word for table in tables().values() for word in listed(table["paragraph"]))


def _is_english(words: list[str]) -> bool:
    return sum(word in _ENGLISH for word in words) > _ENGLISH_SHARE * len(words)


@lru_cache(maxsize=1)
def _detector() -> Any:
    # It loads its models, so it is used only for a text that is not clearly English.
    from lingua import Language as Lingua
    from lingua import LanguageDetectorBuilder

    latin = (
        Lingua.ENGLISH, Lingua.FRENCH, Lingua.SPANISH, Lingua.GERMAN, Lingua.PORTUGUESE, Lingua.ITALIAN,
    )  # fmt: skip
    return LanguageDetectorBuilder.from_languages(*latin).with_low_accuracy_mode().build()
