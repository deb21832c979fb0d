"""Vocabulary in data files: aliases, acronyms, relations, countries, small talk, replies in other languages."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Any

from store.terms import terms

ORDINALS = "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth".split()


@lru_cache(maxsize=1)
def aliases() -> Mapping[str, str]:
    """Return folded phrase -> the documents' own words for it."""
    return _load("aliases.toml")


@lru_cache(maxsize=1)
def abbreviations() -> Sequence[tuple[str, str]]:
    """Return (short, long): the acronyms that documents use without introducing them, then the aliases."""
    return [*acronyms().items(), *aliases().items()]


@lru_cache(maxsize=1)
def acronyms() -> Mapping[str, str]:
    """Return folded acronym -> its long form, for acronyms that documents use without introducing them."""
    return _load("acronyms.toml")


@lru_cache(maxsize=1)
def relations() -> Mapping[str, frozenset[frozenset[str]]]:
    """Return stemmed term -> the sets of terms that mean the same relation ("chaired" -> "presid")."""
    return _groups("relations.toml")


@lru_cache(maxsize=1)
def countries() -> tuple[str, ...]:
    """Return the names of the Member States of the United Nations, in English, with common variants."""
    return tuple((files("bot.question") / "countries.txt").read_text("utf-8").split("\n")[:-1])


@lru_cache(maxsize=1)
def small_talk() -> Mapping[str, str]:
    """Return example of small talk -> the reply."""
    kinds = _load("small_talk.toml").values()
    return {example: kind["reply"] for kind in kinds for example in kind["examples"]}


@lru_cache(maxsize=1)
def _vocabulary() -> Mapping[str, Any]:
    return _load("vocabulary.toml")


def asking_words() -> list[tuple[Any, str]]:
    """Return (kind of answer, the pattern of the phrases that ask for it), longest phrases first."""
    role = f"(?:{'|'.join(_vocabulary()['roles'])})"
    return [(asks["kind"], "|".join(asks["words"]).replace("{role}", role)) for asks in _vocabulary()["asks"]]


def word_list(name: str) -> frozenset[str]:
    """Return a list of words of vocabulary.toml."""
    return frozenset(_vocabulary()["words"][name].split())


@lru_cache(maxsize=1)
def english_only_sentences() -> Mapping[str, str]:
    """Return language code -> the reply, in that language, that the bot reads English only."""
    return _load("languages.toml")


def _load(name: str) -> dict[str, Any]:
    return tomllib.loads((files("bot.question") / name).read_text("utf-8"))


def _groups(name: str) -> Mapping[str, frozenset[frozenset[str]]]:
    related: dict[str, set[frozenset[str]]] = {}
    for line in _load(name)["groups"]:
        group = {form for member in line.split(",") if (form := frozenset(terms(member)))}
        for form in group:
            for term in form:
                related.setdefault(term, set()).update(group)
    return {term: frozenset(forms) for term, forms in related.items()}
