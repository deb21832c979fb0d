"""What somebody typed, before it is understood: cleaned, its language, its misspelled words and shorthand."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any

from rapidfuzz import fuzz, process
from spellchecker import SpellChecker

from bot.errors import QuestionError
from bot.locales import _, ngettext, number
from bot.question.lexicon import MONTHS, table
from store.terms import STOP_WORDS, stem, words

# Ten times the longest reasonable question; a pasted document is refused.
LONGEST_QUESTION = 2_000


def read_question(typed: str) -> str:
    """Return `typed` as one line of text.

    Line breaks and tabs become spaces; invisible format characters that come with pasted text (soft
    hyphens, zero-width spaces, direction marks) go. Raises QuestionError for what is empty, longer
    than LONGEST_QUESTION characters, or holds other control characters.
    """
    visible = "".join(c for c in typed if unicodedata.category(c) != "Cf")
    question = " ".join(visible.split())
    if not question:
        raise QuestionError(
            _("the question is empty; ask something, as in: When is the Summit of the Future?")
        )
    if len(question) > LONGEST_QUESTION:
        raise QuestionError(
            ngettext(
                "the question has {count} character; ask it in {most} or fewer",
                "the question has {count} characters; ask it in {most} or fewer",
                len(question),
                most=number(LONGEST_QUESTION),
            )
        )
    for character in question:
        if unicodedata.category(character) in ("Cc", "Cs"):
            code = f"U+{ord(character):04X}"
            raise QuestionError(
                _(
                    "the question holds the control character {character}; type it as plain text",
                    character=code,
                )
            )
    return question


_SCRIPTS = {
    "ar": re.compile(r"[\u0600-\u06ff]"),
    "zh": re.compile(r"[\u4e00-\u9fff]"),
    "ru": re.compile(r"[\u0400-\u04ff]"),
}
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")
_LATIN_WORD = re.compile(r"[A-Za-z\u00c0-\u024f]{2}")
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


def language_of(text: str, otherwise: str = "en") -> str:
    """Return the code of the language of a text; `otherwise` where it is unsure: without a word of any language."""
    found = question_language(text)
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


# Shorter words are near to too many others.
_LONG_WORD = re.compile(r"\b[^\W\d_]{5,}\b")
# Words of a text; each takes some 30 milliseconds. A text with more is hardly a question with slips.
_MOST_MISSPELLED = 5


def misspellings(
    text: str, is_known: Callable[[str], bool], frequencies: Callable[[Collection[str]], Mapping[str, int]]
) -> dict[str, str]:
    """Return each misspelled word of `text`, as typed, with the word that it is read as.

    A word is misspelled if neither the documents nor a dictionary of English has it. It is read as the word of the
    documents, with the same first letter, from which it differs by one letter too many, too few, wrong, or changed with
    the next one; of several as the most frequent one. Acronyms, and misspelled words after the first five, are read as
    they are.

    `is_known(word)` is whether the documents have a word in any form; `frequencies` returns stem -> number of sections
    for those of the given stems that the documents have.
    """
    found: dict[str, str] = {}
    typed = (word for word in dict.fromkeys(_LONG_WORD.findall(text)) if word[1:].islower())
    folded = {word: "".join(words(word)) for word in typed}
    unknown = [one for one, word in folded.items() if not is_known(word) and word not in _dictionary()]
    for as_typed in unknown[:_MOST_MISSPELLED]:
        word = folded[as_typed]
        near = {
            other for other in _dictionary().edit_distance_1(word) if other[0] == word[0] and _is_word(other)
        }
        counts = frequencies({stem(other) for other in near})
        best = max(
            near, key=lambda other: (counts.get(stem(other), 0), other in _dictionary(), other), default=""
        )
        if counts.get(stem(best)):
            found[as_typed] = best.capitalize() if as_typed[0].isupper() else best
    return found


def _is_word(form: str) -> bool:
    """Whether a word may be written so: a form of an English word is in the dictionary, a name need not be."""
    return form in _dictionary() or stem(form) not in _dictionary()


def corrected(text: str, misspelled: Mapping[str, str]) -> str:
    """Return `text` with the words of `misspelled` read as their values."""
    return _LONG_WORD.sub(lambda match: misspelled.get(match.group(), match.group()), text)


# Loading takes 0.2 seconds and 40 MB; most questions have no word that needs it.
@lru_cache(maxsize=1)
def _dictionary() -> SpellChecker:
    return SpellChecker()


_SHORT: Mapping[str, str] = table("time")["short"]
_SLIPS: Sequence[str] = table("time")["slips"]["words"].split()
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_NAMES = {name.casefold(): name for name in (*MONTHS, *_WEEKDAYS)}
_SHORT_NAMES = {name[:3].casefold(): name for name in (*MONTHS, *_WEEKDAYS)} | {"sept": "September"}
# In small letters these are months and days only in some positions (`_is_date`).
_DOUBTFUL = frozenset({"may", "march", "mar", "mon", "wed", "fri", "sun", "sat"})
# Least letters of a word of time that may be misspelled, and least similarity, of 100, to the right word.
_LEAST_LETTERS = 6
_LEAST_SIMILARITY = 85
_TYPED_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_LEADS = re.compile(
    r"(?:\b(?:in|of|on|by|since|until|for|from|to|and|this|next|last|early|mid|late|before|after|end)"
    r"|\d(?:st|nd|rd|th)?|[+&/])[\s-]*$",
    re.I,
)


# Each step of an answer that reads dates spells the question out.
@lru_cache(maxsize=64)
def expand_shorthand(text: str) -> str:
    """Return `text` with shorthand spelled out, words of time mended, months and weekdays capitalised."""
    return _TYPED_WORD.sub(lambda match: _expanded(text, match), text)


def _expanded(text: str, match: re.Match[str]) -> str:
    typed = match.group()
    word = typed.casefold()
    if word in _SHORT and not (typed.isupper() and len(word) < 2):
        return _SHORT[word]
    name = _NAMES.get(word) or _SHORT_NAMES.get(word)
    if name is not None:
        sure = word not in _DOUBTFUL or _is_date(text, match) or (typed != word and match.start() > 0)
        return name if sure else word
    if len(word) >= _LEAST_LETTERS and typed[1:].islower() and word not in _SLIPS:
        like = process.extractOne(word, (*_NAMES, *_SLIPS), scorer=fuzz.ratio, score_cutoff=_LEAST_SIMILARITY)
        # "happened" is no slip of "happening", nor "meetings" one of "meeting".
        if like and stem(word) != stem(like[0]):
            return _NAMES.get(like[0], like[0])
    return typed


def _is_date(text: str, match: re.Match[str]) -> bool:
    before, after = text[: match.start()], text[match.end() : match.end() + 2]
    alone = not before.strip() and after.startswith("?")
    return alone or _LEADS.search(before) is not None or after.strip(" ?!.,").isdigit()
