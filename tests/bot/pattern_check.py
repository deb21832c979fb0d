"""A check of delivered sentences that shares no code with the program: patterns of digits, days, capitals, symbols and
quotations. Counts in words up to ten are left to the judge."""

from __future__ import annotations

import re

_MONTHS = "January February March April May June July August September October November December".split()
_NUMBER_WORDS = dict(zip("two three four five six seven eight nine ten".split(), range(2, 11), strict=True))
_MONTH = rf"(?:{'|'.join(_MONTHS)})"
# "22 September", and in "22-23 September", "27 to 30 May", "9 and 10 May" both days.
_DAYS = re.compile(
    rf"(?<![\d.])((?:\d{{1,2}}(?:st|nd|rd|th)?\s*(?:-|–|to|and|,|&)\s*)*\d{{1,2}})(?:st|nd|rd|th)?\s+({_MONTH})"
)
_AMERICAN = re.compile(rf"({_MONTH})\s+(\d{{1,2}})(?!\d)")
_QUOTED = re.compile(r"[“\"]([^”\"]{3,})[”\"]")


def unsupported(answer: str, cited: dict[int, str]) -> list[str]:
    """Return what the sentences of an answer have and the texts that they cite (by marker) lack."""
    missing: list[str] = []
    for sentence, markers in _sentences(answer):
        source = " ".join(cited.get(marker, "") for marker in markers)
        if not source:
            missing.append(f"no source: {sentence}")
            continue
        missing += [f"{token} in: {sentence}" for token in _tokens(sentence) if not _there(token, source)]
        missing += [f"{day} {month} in: {sentence}" for day, month in sorted(_days(sentence) - _days(source))]
        missing += [
            f"“{words}” in: {sentence}" for words in _quoted(sentence) if words not in _folded(source)
        ]
    return missing


def _sentences(answer: str) -> list[tuple[str, list[int]]]:
    return [
        (said.strip(), [int(n) for n in re.findall(r"\d+", markers)])
        for said, markers in re.findall(r"(.+?)((?:\s*\[\d+\])+)", answer, re.S)
    ]


def _days(text: str) -> set[tuple[int, str]]:
    """Return (day, month) of the days of a text."""
    found = {(int(d), month) for days, month in _DAYS.findall(text) for d in re.findall(r"\d+", days)}
    return found | {(int(day), month) for month, day in _AMERICAN.findall(text)}


def _quoted(sentence: str) -> list[str]:
    """Return the quotations of a sentence, folded."""
    return [_folded(words) for words in _QUOTED.findall(sentence)]


def _folded(text: str) -> str:
    return " ".join(re.sub(r"[^\w\s]", " ", text.casefold()).split())


def _tokens(sentence: str) -> list[str]:
    numbers = re.findall(r"(?<![\w.])\d+(?:[.,]\d+)*(?!\w)|\b\d+[A-Za-z]\w*", sentence)
    # The first word is capitalised whatever it is.
    names = [w for w in re.findall(r"(?<!^)(?<![.!?“‘(\[]\s)\b[A-ZÀ-Þ][\w-]{2,}", sentence) if w != "The"]
    symbols = re.findall(r"\b[A-Z]+\d*(?:/[A-Z0-9]+)+", sentence)
    return [*numbers, *names, *symbols]


def _there(token: str, source: str) -> bool:
    bare = re.sub(r"[\s,\u00a0]", "", token).casefold()
    text = re.sub(r"(?<=\d)[\s,\u00a0](?=\d{3})", "", source).casefold()
    if token in _MONTHS:
        return token.casefold() in text
    if bare.isdigit() and int(bare) in _NUMBER_WORDS.values():
        word = next(w for w, n in _NUMBER_WORDS.items() if n == int(bare))
        return re.search(rf"\b{bare}\b|\b{word}\b", text) is not None
    return bare.removesuffix("s") in text.replace("’", "'")
