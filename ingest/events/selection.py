"""Selects the dates that are events; not the date of a document, a period, or a year mentioned in passing."""

from __future__ import annotations

import re
from datetime import date, timedelta

from ingest.dates import DateExpression
from ingest.events.pieces import Piece
from ingest.events.titles import says_nothing
from ingest.events.words import DUE, HELD, LIMIT, STEP, names_gathering, phrases

# Longer dates are periods of validity or plans, not events.
_LONGEST_EVENT = timedelta(days=400)
_WRITING = (
    r"(?:letters?|circulars?|decisions?|resolutions?|documents?|notifications?|memorand\w+|e-?mails?|version|issue|bulletin"
    r"|notes? verbales?|recommendations?|opinions?|directives?|regulations?|law|act|agreement|report|press release"
    r"|edition|communiqu\w+|supplement|paper|td|contribution|addendum|corrigendum|invoice|ref|reference|statement|declaration"
    r"|treaty|announcement|invitation|addressed)"
)
# Text before the date of another document: "circular letter CA/288 of", "Resolution 99 (Rev. Dubai,", "A/RES/79/1 (".
_OF_A_DOCUMENT = re.compile(
    rf"\b{_WRITING}(?:,? (?!that\b|dates?\b)[\w().,/&:+–-]+){{0,5}}?,? (?:of|dated)(?: the)?\s*$|\bdated(?: the)?\s*$"
    r"|\brev(?:ised|\.|ision)?\s*[\d.]*[,:]?\s*\(?$"
    r"|\b(?:decision|resolution|recommendation|document|letter|circular)s?\b[^.;()]{1,60}\((?![^()]*adopted)[^().;]{0,24}$"
    r"|(?:\b(?=[\w./]*\d)\w+(?:/[\w.]+)+|\b(?:TD|Add|Rev|Corr)\.?\s?[\w-]+|\bNo\.? ?\d+)(?:,| of| \()\s*$|\bas at\s*$"
    r"|\b(?:(?:last )?(?:updated?|modified|revised|posted|printed|accessed)|version)\b(?: on| as of)?:?\s*$",
    re.I,
)
_PERIOD = re.compile(
    r"\b(?:period|bienni\w+|budget|plan|cycle|quadrennium|triennium|financial year|fiscal|term|years?|statistic\w*"
    r"|covers|covering|reporting|between|since|throughout)\b[\w\s,()]{0,24}$",
    re.I,
)
_REPORTED = phrases(r"report\w* | covers? | covering | period | budget | statistic\w*")
_ISSUED = phrases("issued | prepared | published | distr | submitted | dated | released")
_DATED = phrases(r"date of (?:issue|this \w+|document|the document) | distr | version")
_VERB = phrases(r"is | are | was | were | will | shall | has | have | had | took | takes | be | \w+ed")
_AHEAD = phrases(r"""
    will | shall | to be | next | publish\w* | updat\w+ | review\w* | aims? | celebrat\w+ | planned | scheduled | target
""")

_TIMES = frozenset(["every", "each", "once", "twice", "three", "four"])


def is_no_event(
    expression: DateExpression, text: str, piece: Piece, document_date: date | None, clause: str
) -> bool:
    """Whether a rule excludes a date expression of the piece from the events."""
    begin, stop = expression.span
    start, end = expression.start, expression.end
    if start is None or end is None:
        return True
    before, after = text[piece.start : begin], text[stop : piece.end]
    single = start == end or (expression.precision == "month" and expression.text.count(" ") < 2)
    if _is_code(expression, piece, text):
        return True
    if single and _OF_A_DOCUMENT.search(before[-120:]):
        return True
    if single and start == document_date and _is_own_date(before, after, piece, text):
        return True
    if end - start > _LONGEST_EVENT and expression.precision in ("year", "month", "day"):
        return True
    if expression.lead in ("since", "throughout") and expression.precision != "day":
        return True
    alone = piece.form == "line" and says_nothing(f"{before} {after}".replace(" in ", " "))
    if expression.precision == "year":
        return alone or _in_passing(expression, before, clause)
    if expression.precision == "month" and alone:
        return True  # a caption above days, or the month of an issue
    of_report = _PERIOD.search(before) and _REPORTED.search(before) and not names_gathering(before)
    return not single and bool(of_report)


def is_undated_event(expression: DateExpression, text: str, piece: Piece, dated: bool) -> bool:
    """Whether a recurrence or a distance is an event.

    "Every Thursday" and "the Group meets annually" are; "the annual report" is not. A distance is one if something is
    due within it, or if it lies before something, which `extraction` has to date.
    """
    begin, stop = expression.span
    if expression.kind == "relative":
        asked = DUE.search(text[max(piece.start, begin - 90) : begin])
        return expression.relation == "before" or (expression.relation == "within" and asked is not None)
    if expression.text.split()[0].casefold() in _TIMES:
        return not re.match(r"\W*(?:on|in) \W*\d", text[stop : stop + 8])
    if dated:
        return False
    named = begin > piece.start and text[stop : stop + 2].strip()[:1].isupper()
    alone = not re.match(r" [^\W\d_]", text[stop : stop + 2])
    return named or alone or HELD.search(text[max(piece.start, begin - 40) : begin]) is not None


def _is_code(expression: DateExpression, piece: Piece, text: str) -> bool:
    """Whether the expression is no date: "Q2" may be a Question of a study group, "9/2" an item of a list."""
    cell = piece.cell_at(expression.span[0])
    label = cell.label if cell else ""
    if re.fullmatch(r"[QH]\d", expression.text) and not re.search(r"\d{4}", label):
        return True
    if cell and text[cell.start : cell.end].strip() == expression.text:
        return re.fullmatch(r"(?:#|nos?|id|items?|ref)\.?", label, re.I) is not None
    return re.fullmatch(r"(?:#|nos?|id)\.?", label, re.I) is not None


def _is_own_date(before: str, after: str, piece: Piece, text: str) -> bool:
    """Whether the document's date is stated here as its own: alone, after a place or label, without a verb."""
    if not (before.strip(" \t,;:()–—-|") or after.strip(" .,;:()–—-|")):
        return True
    if piece.form == "row":
        return any(_DATED.search(f"{cell.label} {text[cell.start : cell.end]}") for cell in piece.cells)
    if _VERB.search(_ISSUED.sub("", text[piece.start : piece.end])):
        return False
    if _ISSUED.search(before) is not None:
        return True
    return len(before.split()) <= 6 and ":" not in before and not _happens(f"{before} {after}")


def _happens(text: str) -> bool:
    """Whether a text names something that happens: a limit, something due, a step, a gathering."""
    return any(pattern.search(text) for pattern in (LIMIT, DUE, STEP)) or names_gathering(text)


def _in_passing(expression: DateExpression, before: str, clause: str) -> bool:
    """Whether a bare year is mentioned in passing: nothing happens in it."""
    if expression.lead in ("during", "since", "throughout"):
        return True
    if expression.named:
        # "the 2027 session" and "Council 2027" are only names; "the WSIS Forum 2023" may be the only date of the event.
        return re.search(r"[A-Z]\w+ (?:(?:of|the|on|for) )*[A-Z]\w+ $", before) is None
    if expression.bound == "by" or expression.lead == "before":
        return False  # "By 2030 every school is connected" is a target, and so is "not before 2030"
    happens = any(
        pattern.search(clause) or pattern.search(before[-160:]) for pattern in (STEP, HELD, LIMIT, _AHEAD)
    )
    return not (happens or names_gathering(clause))
