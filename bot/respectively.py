"""Who does which, where a paragraph says "A and B were X and Y respectively"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from store.terms import STOP_WORDS, stem, words

_PAIR = re.compile(
    r"\b(?P<a>[A-ZÀ-Þ][\w-]*(?:\s[A-ZÀ-Þ][\w-]*){0,3}) and (?P<b>[A-ZÀ-Þ][\w-]*(?:\s[A-ZÀ-Þ][\w-]*){0,3})\b"
)
_ENDS = re.compile(r"(?P<x>[^,;.]{3,60}?) and (?P<y>[^,;.]{3,60}?),? respectively\b", re.I)
_SENTENCE = re.compile(r"[^.;]+(?:\.(?=\S)[^.;]+)*")
_CLAUSE = re.compile(r",?\s(?:and|while|but|whereas)\s(?=(?:the\s)?[A-ZÀ-Þ])|[,;]\s")
_AT_LEAST = 4


@dataclass(frozen=True, slots=True)
class _Pairing:
    names: tuple[frozenset[str], frozenset[str]]
    told: tuple[frozenset[str], frozenset[str]]


def crossed(sentence: str, there: str) -> str | None:
    """Return the name of which is said what the paragraph says of the other of the two, or None."""
    for pairing in _pairings(there):
        for clause in _CLAUSE.split(sentence):
            stems = [stem(w) for w in words(clause)]
            for mine, other in ((0, 1), (1, 0)):
                if not pairing.names[mine] <= set(stems) or pairing.names[other] <= set(stems):
                    continue
                own = pairing.told[mine] - pairing.told[other]
                theirs = pairing.told[other] - pairing.told[mine]
                if theirs & set(stems) and not own & set(stems):
                    return f"“{' '.join(sorted(theirs & set(stems)))}” is said of the other one there"
    return None


def _pairings(text: str) -> Iterator[_Pairing]:
    if "respectively" not in text:
        return
    for sentence in _SENTENCE.findall(text):
        end = _ENDS.search(sentence)
        if end is None:
            continue
        names = list(_PAIR.finditer(sentence, 0, end.start("y")))
        if not names:
            continue
        yield _Pairing(
            (_stems(names[-1]["a"]), _stems(names[-1]["b"])),
            (_stems(_last(end["x"])), _stems(_first(end["y"]))),
        )


def _last(told: str) -> str:
    return " ".join(told.split()[-_AT_LEAST:])


def _first(told: str) -> str:
    return " ".join(told.split()[:_AT_LEAST])


def _stems(text: str) -> frozenset[str]:
    return frozenset(stem(w) for w in words(text) if w not in STOP_WORDS)
