"""The words that people type and that documents use: the tables of `english/`, read and made into patterns here.

In a table a list of phrases is one regular expression, whose alternatives they are. {name} in it stands for one of the
table's [parts], {meeting} for the nouns for meetings of `ingest.dates`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence, Set
from functools import lru_cache
from importlib.resources import files
from typing import Any

from bot.locales import LANGUAGES
from ingest.dates import MEETINGS
from store.terms import terms

ORDINALS = "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth".split()
MONTHS = tuple(
    "January February March April May June July August September October November December".split()
)

_FOLDER = files("bot.question")


@lru_cache
def table(name: str) -> Mapping[str, Any]:
    """Return a table of `english/`, with its parts put into its phrases."""
    rows = tomllib.loads((_FOLDER / "english" / f"{name}.toml").read_text("utf-8"))
    # "Events" are of all kinds.
    parts = {"meeting": sorted(MEETINGS - {"event"})} | rows.pop("parts", {})

    def filled(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: filled(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [filled(inner) for inner in value]
        for part, phrases in parts.items():
            value = value.replace(
                f"{{{part}}}", alternatives(phrases) if isinstance(phrases, list) else phrases
            )
        return value

    return {key: filled(value) for key, value in rows.items()}


def alternatives(phrases: Iterable[str]) -> str:
    """Return the regular expression of a list of phrases."""
    return f"(?:{'|'.join(phrases)})"


def any_of(phrases: Iterable[str]) -> re.Pattern[str]:
    """Return the pattern that finds the phrases as whole words, in any case."""
    return re.compile(rf"\b{alternatives(phrases)}\b", re.I)


def word_list(name: str) -> frozenset[str]:
    """Return a list of words of asking.toml."""
    return frozenset(table("asking")["words"][name].split())


def abbreviations() -> Sequence[tuple[str, str]]:
    """Return (short, long): the acronyms that documents use without introducing them, then the aliases."""
    return [*table("acronyms").items(), *table("aliases").items()]


@lru_cache(maxsize=1)
def relations() -> Mapping[str, frozenset[frozenset[str]]]:
    """Return stemmed term -> the sets of terms that mean the same relation ("chaired" -> "presid")."""
    related: dict[str, set[frozenset[str]]] = {}
    for line in table("relations")["groups"]:
        group = {form for member in line.split(",") if (form := frozenset(terms(member)))}
        for form in group:
            for term in form:
                related.setdefault(term, set()).update(group)
    return {term: frozenset(forms) for term, forms in related.items()}


@lru_cache(maxsize=1)
def countries() -> tuple[str, ...]:
    """Return the names of the Member States of the United Nations, in English, with common variants."""
    return tuple((_FOLDER / "english" / "countries.txt").read_text("utf-8").split("\n")[:-1])


@lru_cache
def language_name(code: str) -> str:
    """Return the English name of a language (Unicode CLDR)."""
    # Imported late: only a chat model is told the name of a language.
    from babel import Locale

    return str(Locale(code).english_name)


def other_languages() -> Set[str]:
    """Return the codes of the languages of questions beside English."""
    return set(LANGUAGES) - {"en"}


def not_read(code: str) -> str | None:
    """Return the reply that the bot does not read a language, in that language; None for one without such words."""
    return _NOT_READ.get(code)


_NOT_READ = {
    "de": "Danke für Ihre Frage. Bisher lese ich kein Deutsch: Könnten Sie sie auf Englisch stellen?",
    "pt": "Obrigado pela sua pergunta. Por enquanto não leio português: poderia fazê-la em inglês?",
    "it": "Grazie per la domanda. Per ora non leggo l'italiano: potrebbe porla in inglese?",
}
