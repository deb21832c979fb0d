"""Stems of words, and their other forms: ordinals, codes such as PP-26, short and long names. Pure."""

from __future__ import annotations

import re
from functools import lru_cache

from text_to_num import alpha2digit

from bot.question.lexicon import ORDINALS, abbreviations
from store.terms import STOP_WORDS, stem, words

LONG_WORD = 6
_NTH = re.compile(r"(\d{1,3})(?:st|nd|rd|th)$")
_CODE = re.compile(r"([a-z]{2,})(\d{1,3})$")
# "Twenty-eighth"; shorter ordinals are ORDINALS.
_LONG_NUMBER = re.compile(r"\b[a-z]+ty-[a-z]+\b", re.I)
_NOISE = STOP_WORDS | {"un", "united", "nations"}


def stem_set(text: str) -> frozenset[str]:
    """Return the stems of a text without stop words."""
    return frozenset(stem_words(text))


def stem_words(text: str) -> list[str]:
    """Return the stems of a text without stop words: "#2" for "2nd", "#28" for "twenty-eighth", "pp26" for "PP-26"."""
    text = _LONG_NUMBER.sub(lambda number: _in_figures(number.group()), text)
    text = re.sub(r"(?i)\b([a-z]+)4([a-z]+)\b", r"\1 for \2", text)
    found = []
    for word in words(re.sub(r"\b([A-Za-z]{2,})[-+ ](\d{2,3})\b", r"\1\2", text)):
        nth, numbered = _NTH.match(word), _CODE.match(word)
        if nth or word in ORDINALS:
            found.append(f"#{nth[1] if nth else ORDINALS.index(word) + 1}")
        elif numbered:
            found.append(f"{short_stem(numbered[1])}{int(numbered[2])}")
        elif word not in _NOISE:
            found.append(short_stem(word))
    return found


@lru_cache(maxsize=1024)
def _in_figures(number: str) -> str:
    return str(alpha2digit(number.casefold(), "en"))


def short_stem(word: str) -> str:
    """Return the stem of a word; a short word, which may be a name, loses only a plural s."""
    return stem(word) if len(word) > 5 else word[:-1] if word.endswith("s") and len(word) > 3 else word


def code(stemmed: str) -> tuple[str, str] | None:
    """Return the name and the number of a code, ("pp", "26") for "pp26"; None if the word is none."""
    match = _CODE.match(stemmed)
    return (match[1], match[2]) if match else None


def with_code_names(stems: frozenset[str]) -> frozenset[str]:
    """Return words with the names that codes among them begin with: "pp" of "pp26"."""
    return stems | {found[0] for word in stems if (found := code(word))}


@lru_cache(maxsize=1)
def long_forms() -> dict[str, tuple[frozenset[str], ...]]:
    """Return short name -> sets of stems with the same meaning, from the acronyms and aliases."""
    found: dict[str, list[frozenset[str]]] = {}
    for short, full in abbreviations():
        if " " not in short:
            found.setdefault(short_stem(short), []).append(stem_set(full))
        for name in full.split():
            if name.isupper():
                found.setdefault(short_stem(name.casefold()), []).append(stem_set(short))
    return {short: tuple(forms) for short, forms in found.items()}


def variants(topic: str) -> list[str]:
    """Return a topic as it is, and with the short forms of the names in it: "zero draft GDC"."""
    folded = f" {' '.join(words(topic))} "
    names = _short_names()
    return [topic, *(folded.replace(full, short) for full, short in names if full in folded)]


@lru_cache(maxsize=1)
def _short_names() -> tuple[tuple[str, str], ...]:
    """Return the full names with a short form, and that form; each between spaces."""
    return tuple(
        (f" {' '.join(words(full))} ", f" {short.upper()} ")
        for short, full in abbreviations()
        if len(short) < LONG_WORD
    )


def initials(text: str, *, capitals: bool) -> str:
    """Return the first letters of words, as in "sf sof sotf" for "Summit of the Future".

    Words without a capital give a space instead where only `capitals` count.
    """
    found = re.findall(r"[^\W_]+", text)
    ways = (
        [w for w in found if w.casefold() not in STOP_WORDS],
        [w for w in found if w.casefold() not in {"the", "a", "an"}],
        found,
    )
    return " ".join(
        "".join(w[0] if not capitals or w[0].isupper() else " " for w in way) for way in ways
    ).casefold()
