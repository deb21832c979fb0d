"""The hard checks: the passages have each number, day, time, symbol, link, name and quotation of a statement.

Each check is a named rule that can be run and counted by itself. Meaning, such as who did what to whom, is left to the
judge.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from bot.facts.stated import (
    CitedPassage,
    PassageFacts,
    blank,
    clocks,
    links,
    numbers,
    read_facts,
    stated,
    symbols,
    without_dates_and_symbols,
)
from bot.languages import UNKNOWN, is_in, language_name
from ingest.text.dates import DateExpression, find_dates
from store.records import Hit
from store.terms import words

# In characters; the longest sentences of reports have about 500. Longer statements are not compared.
LONGEST_STATEMENT = 800
# Text in quotation marks claims to be verbatim; a single word in them may be no quotation.
_QUOTED = re.compile(r"[“„\"]([^“”„\"]+)[“”\"]|«([^»]+)»|‘([^‘]+?)’(?!\w)")


@dataclass(frozen=True, slots=True)
class Violation:
    """Why a statement is not supported: the name of the check that failed, and one clause for the user.

    `fact` is what the passages do not have.
    """

    check: str
    reason: str
    fact: str = ""


def _length(text: str, facts: PassageFacts) -> Iterable[str]:
    return () if len(text) <= LONGEST_STATEMENT else (f"{text[:40]}…",)


def _language(text: str, facts: PassageFacts) -> Iterable[str]:
    text = blank(text, links(text))
    return () if facts.of_draft or facts.language == UNKNOWN or is_in(text, facts.language) else (text,)


def _links(text: str, facts: PassageFacts) -> Iterable[str]:
    found = (text[start:end] for start, end in links(text))
    return (link for link in found if link.casefold() not in facts.links)


def _symbols(text: str, facts: PassageFacts) -> Iterable[str]:
    # In a draft, "24/02/2027" and "19/20 October" are dates.
    stated = (s for s in symbols(text) if not facts.of_draft or any(map(str.isalpha, s)))
    return (symbol for symbol in stated if symbol not in facts.symbols)


def _days(text: str, facts: PassageFacts) -> Iterator[str]:
    """Check the dates; a statement may also name one of the days of the documents and the request."""
    for claimed in find_dates(text, reference=facts.reference, language=facts.language):
        if facts.of_draft and claimed.precision != "day":
            continue
        of_request = claimed.start == claimed.end and claimed.start in facts.reference_days
        if not of_request and not any(
            _is_stated(reading, facts.days) for reading in _readings(claimed, facts)
        ):
            yield claimed.text


def _readings(claimed: DateExpression, facts: PassageFacts) -> Iterator[DateExpression]:
    """Yield a date as counted from the first document's day; one in words alone also from the day of the request.

    "This week" means that of the answer.
    """
    yield claimed
    if _is_in_words(claimed):
        for day in facts.reference_days:
            yield from find_dates(claimed.text, reference=day, language=facts.language)


def _is_in_words(claimed: DateExpression) -> bool:
    return not any(map(str.isnumeric, claimed.text))


def _is_stated(claimed: DateExpression, stated: Sequence[DateExpression]) -> bool:
    """Whether the same days are stated, or a finer date within them, or both ends as ends of dates.

    "Opens on 27 May" is supported by "27 to 30 May": the judge decides which end it is.
    """
    if claimed.start is None or claimed.end is None:
        # Recurring and relative dates have no day to compare; their numbers are checked as numbers.
        return True
    days = [(d.start, d.end) for d in stated if d.start is not None and d.end is not None]
    if claimed.precision != "day" and any(claimed.start <= a and b <= claimed.end for a, b in days):
        return True
    if _is_in_words(claimed) and any(claimed.start <= day <= claimed.end for both in days for day in both):
        # What begins on Sunday is of "this week", though it ends on Monday.
        return True

    def key(day: date) -> tuple[int, ...]:
        """Return a day for comparison: without its year if the statement names none."""
        return (day.month, day.day) if claimed.year_inferred else (day.year, day.month, day.day)

    return {key(claimed.start), key(claimed.end)} <= {key(day) for both in days for day in both}


def _times(text: str, facts: PassageFacts) -> Iterable[str]:
    return (text[slice(*span)] for span, time in clocks(text) if time not in facts.times)


def _numbers(text: str, facts: PassageFacts) -> Iterable[str]:
    plain = without_dates_and_symbols(text, facts.reference, facts.language)
    counted = numbers(plain, facts.language)
    return (str(n) for n in counted if not stated(n, facts.numbers, rounded=facts.of_draft))


def _names(text: str, facts: PassageFacts) -> Iterable[str]:
    if facts.language != "en" or facts.of_draft:
        # Names and acronyms are other ones in another language: the judge decides.
        return ()
    return facts.names.unknown(without_dates_and_symbols(text, facts.reference, facts.language), facts.forms)


def _quotations(text: str, facts: PassageFacts) -> Iterable[str]:
    quoted = (next(filter(None, match.groups())).strip() for match in _QUOTED.finditer(text))
    return (q for q in quoted if len(q.split()) > 1 and f" {' '.join(words(q))} " not in facts.words)


# Each returns the facts of a text that the passages lack, in order.
CHECKS: Mapping[str, Callable[[str, PassageFacts], Iterable[str]]] = {
    "length": _length,
    "language": _language,
    "links": _links,
    "symbols": _symbols,
    "days": _days,
    "times": _times,
    "numbers": _numbers,
    "names": _names,
    "quotations": _quotations,
}


def violations(text: str, facts: PassageFacts) -> list[Violation]:
    """Return the violations of a text, in the order of CHECKS; empty if the passages support all its facts."""
    return [
        Violation(name, _reason(name, missing, facts.language), missing)
        for name, check in CHECKS.items()
        for missing in check(text, facts)
    ]


def missing_facts(
    text: str, hits: Sequence[Hit], as_of: date, language: str, written: date
) -> list[Violation]:
    """Return the hard facts of a statement that somebody else wrote on a day, which passages together do not have.

    It may also name the day as of which it is checked.
    """
    passages = [CitedPassage(hit.section, hit.document) for hit in hits]
    return violations(text, read_facts(passages, {}, [as_of], language, draft_of=written))


def _reason(check: str, missing: str, language: str) -> str:
    if check == "length":
        return "it is too long for a sentence"
    if check == "language":
        return f"it is not in {language_name(language)}"
    return f"the passage does not have “{missing}”"
