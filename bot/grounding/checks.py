"""The hard checks: what a statement says of numbers, days, symbols, links and names has to stand in its passages.

Each is a named rule that can be run and counted by itself. What no rule can see, such as who did what to whom, is the
judge's.
"""

from __future__ import annotations

from bot.grounding.days import missing_day
from bot.grounding.facts import Facts, symbols, without_dates, without_symbols
from bot.grounding.interface import Check, Violation
from bot.grounding.links import links
from bot.grounding.numbers import numbers, stated
from ingest.dates import find_dates

# In characters; the longest sentences of reports have about 500.
_LONGEST = 800


def _length(text: str, facts: Facts) -> str | None:
    return None if len(text) <= _LONGEST else f"{text[:40]}…"


def _links(text: str, facts: Facts) -> str | None:
    found = (text[start:end] for start, end in links(text))
    return next((link for link in found if link.casefold() not in facts.text), None)


def _symbols(text: str, facts: Facts) -> str | None:
    return next((symbol for symbol in symbols(text) if symbol not in facts.symbols), None)


def _days(text: str, facts: Facts) -> str | None:
    return missing_day(find_dates(text, reference=facts.reference), facts.days)


def _numbers(text: str, facts: Facts) -> str | None:
    counted = numbers(without_symbols(without_dates(text, facts.reference)))
    return next((str(n) for n in counted if not stated(n, facts.numbers)), None)


def _names(text: str, facts: Facts) -> str | None:
    return facts.names.unknown(without_symbols(without_dates(text, facts.reference)), facts.forms)


CHECKS = (
    Check("length", _length),
    Check("links", _links),
    Check("symbols", _symbols),
    Check("days", _days),
    Check("numbers", _numbers),
    Check("names", _names),
)


def violations(text: str, facts: Facts) -> list[Violation]:
    """Return what each check objects to, in the order of CHECKS; empty where all hard facts are supported."""
    found = []
    for check in CHECKS:
        missing = check.missing(text, facts)
        if missing is not None:
            found.append(Violation(check.name, _reason(check.name, missing)))
    return found


def _reason(check: str, missing: str) -> str:
    return "it is too long for a sentence" if check == "length" else f"the passage does not have “{missing}”"
