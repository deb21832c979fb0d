"""Finds the title of a document, which is no letterhead and more than a word for its kind ("Report")."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest.document.dates import is_dated
from ingest.document.head import FIELD, GATHERING, HeadLine
from ingest.document.symbols import states_symbol

# A longer title is cut.
_TITLE_CHARS = 200
_MOST_WORDS = 40
_LABEL = re.compile(r"subject|title|re|objet|asunto|sujet|document title|título|titre")
_KIND = re.compile(
    r"\b(?:report|minutes|records?|agenda|programme|program|plan|time ?table|calendar|schedule|dates?|information|"
    r"notes?|notice|call|invitation|guide|guidelines|rules|regulations|resolution|decision|recommendations?|"
    r"declaration|statement|communiqué|proposals?|proposed|review|strategy|budget|draft|revision|amendments?|list|"
    r"survey|terms|road ?map|follow-up|implementation|contribution|outcomes?|framework|agreement|study|paper|update|"
    r"progress|highlights|memorandum|guidance|conclusions|status|overview|role|use|measures|policy|preparations?)\b",
    re.IGNORECASE,
)
_BODY = re.compile(
    r"\b(?:union|nations|organi[sz]ation|organisation|bureau|sector|commission|council|committee|secretariat|team|group|"
    r"department|office|facility|network|alliance|centre|ministry|board|agency|administrations?|directorate|division|service|authority|institute|"
    r"assembly|fund|parties)\b",
    re.IGNORECASE,
)
_UNITED_NATIONS = re.compile(
    r"(?:the )?united nations(?: \w+){0,4}|world \w+ (?:organi[sz]ation|programme)", re.IGNORECASE
)
# Names only: capitals and the small words between them.
_NAME_WORD = re.compile(r"[A-ZÀ-Þ(\"“&–—-]\S*|\d+|and|of|for|on|the|in|de|des|et|la|du|y")
_FORMAT = re.compile(
    r"(?:(?:press release|media (?:advisory|release)|news(?:letter)?|information notice|(?:administrative |"
    r"tsb )?circular(?: letter)?|collective letter)(?: (?:no\.? ?)?[\w./-]*\d[\w./-]*)?(?: \(\d{4}\))?$|"
    r"note by the (?:secretar|director|chair|president)|embargo|for immediate|call for inputs?$|special procedures|"
    r"informative only|english only|original|distr\b|summary(?: and .*)?$|abstract|(?:table of )?contents|annex|"
    r"attachment|item \d|(?:provisional )?agenda item|when replying|study period|action (?:required|proposed)|"
    r"background|introduction|about\b|objectives|general$|purpose|references|key dates$|td$|contribution$|document$|"
    r"issue \d|volume \d|vol\.|page \d|confidential|restricted|provisional$|draft$|home\b|share\b|not (?:for|an)\b|"
    r"to:? |cc |\(?submitted by|\(?presented by|\(?prepared by|\(?transmitted by|source|participants|first week|"
    r"part [ivx\d]+$|(?:\w+-)?\w+(?:th|st|nd|rd|first|second) session$|\w+ (?:ordinary |extraordinary )?session$|"
    r"questions?\b.*/\d|(?:resolution|decision) adopted|\[?adopted|done at|version \d|draft \d|rev\. ?\d|read more|"
    r"skip to|print|search)",
    re.IGNORECASE,
)
# A line below the title that names the author.
_AUTHOR = re.compile(
    r"(?:report|note|memorandum|proposal|contribution|submission) (?:by|of|from) (?:the )?[\w-]+(?: [\w-]+)?",
    re.IGNORECASE,
)
_NOISE = re.compile(r"@|https?:|www\.|©|\s[>»›]\s|^\W*$|^\(.*\)$|(?:^|\s)\+\d\d\b|\b[tT]el\.")
_GENERIC_WORD = re.compile(
    r"draft|provisional|tentative|revised|final|annotated|proposed|summary|daily|weekly|information|minutes|records?|"
    r"agenda|programme|work|plan|time|timetable|report|notes?|for|participants|delegates|list|documents|calendar|schedule|"
    r"invitation|conclusions|of|the|on|at|a|and|session|meeting|sitting|teleconference|call|\w*\d\w*|first|second|third|"
    r"fourth|fifth|sixth|seventh|eighth|ninth|tenth|last|special|ordinary|extraordinary|no|rev|corr|add|[–—-]",
    re.IGNORECASE,
)
_NO_TITLE = re.compile(
    r"(?:microsoft word|microsoft powerpoint|untitled|\(\w+\)$|document\d*$|title$|powerpoint presentation|template|"
    r"normal\.dot|slide \d|.*\.(?:docx?|pdf|rtf|pptx?|indd|html?)$)",
    re.IGNORECASE,
)


def title_in(lines: Sequence[HeadLine], marked: str | None) -> str | None:
    """Return the title in a head; `marked` is the text that the file marks as title, which may be a letterhead."""
    for line in lines:
        if line.labelled(_LABEL) and len(line.text.split()) > 1:
            return tidy(line.text)
    if marked is not None and _fits(HeadLine(marked)):
        return _with_context(tidy(marked), lines)
    fit = [(place, line) for place, line in enumerate(lines) if _fits(line)]
    if not fit:
        return None
    # Of equal lines, the first one.
    place, line = max(fit, key=lambda one: (_score(lines, *one), -one[0]))
    return _with_context(tidy(line.whole), lines[:place]) if _score(lines, place, line) > 0 else None


def name_in(lines: Sequence[HeadLine]) -> str | None:
    """Return the name of a meeting or body in a head without a title."""
    named = [line for line in lines if _is_context(line)] + [line for line in lines if _fits(line)]
    return tidy(named[0].whole) if named else None


def of_properties(stated: str | None, stem: str) -> str | None:
    """Return the title from a file's properties, without the name of the site; None if it is no title."""
    parts = [part.strip() for part in re.split(r"\s[|»]\s", stated or "") if part.strip()]
    title = tidy(max(parts[:2], key=len)) if parts else ""
    fits = title and not _NO_TITLE.match(title) and title.casefold() != stem.casefold()
    return title if fits and not states_symbol(HeadLine(title)) else None


def tidy(text: str) -> str:
    """Return a title on one line, without formatting marks and full stop; a long one is cut between words."""
    text = re.sub(r"^\d+/\d+\.?\s+(?=[A-Z])", "", " ".join(text.split())).strip(" *_#>")
    text = text[:-1] if text.endswith(".") and not text.endswith("..") else text
    return (
        text
        if len(text) <= _TITLE_CHARS
        else text[: _TITLE_CHARS - 1].rsplit(" ", 1)[0].rstrip(" ,;:–-") + "…"
    )


def _fits(line: HeadLine) -> bool:
    text = line.whole
    words = text.split()
    if (
        line.prose
        or not 1 < len(words) <= _MOST_WORDS
        or words[0][0].islower()
        or text.endswith((",", ";", ":"))
    ):
        return False
    if line.label and FIELD.fullmatch(line.label):
        return False
    return not (
        _FORMAT.match(text) or _NOISE.search(text) or _is_body(text) or states_symbol(line) or is_dated(line)
    )


def _is_body(text: str) -> bool:
    if _UNITED_NATIONS.fullmatch(text):
        return True
    named = _BODY.search(text) is not None and all(_NAME_WORD.fullmatch(word) for word in text.split())
    return named and not (_names_kind(text) or GATHERING.search(text))


def _names_kind(text: str) -> bool:
    """Whether a line names a kind of document; "Summit on the Information Society" does not."""
    name = min(
        (m.start() for p in (_BODY, GATHERING) if (m := p.search(text)) is not None), default=len(text)
    )
    kinds = [match.span() for match in _KIND.finditer(text)]
    return any(start < name or end == len(text) or ": " in text[name:start] for start, end in kinds)


def _score(lines: Sequence[HeadLine], place: int, line: HeadLine) -> int:
    """Score a line as title: it names a kind of document, is a heading or in capitals, follows the letterhead."""
    text = line.whole
    above = lines[place - 1] if place else None
    kind = _names_kind(text)
    below_mark = above is not None and (is_dated(above) or states_symbol(above) or bool(above.label))
    return (
        3 * kind
        + 2 * (text.isupper() or line.level is not None)
        + below_mark
        + (len(text.split()) >= 4)
        - (not kind and (_BODY.search(text) or GATHERING.search(text)) is not None)
        - 2 * (text.endswith(".") or bool(line.label))
        - 3 * (_AUTHOR.fullmatch(text) is not None)
    )


def _with_context(title: str, lines: Sequence[HeadLine]) -> str:
    """Put the name of the meeting or body before "Minutes of the third session", which any of them could have."""
    words = re.findall(r"[\w.'’]+|[–—-]", title)
    if not all(_GENERIC_WORD.fullmatch(word.strip(".'’")) for word in words):
        return title
    above = [line for line in lines if title not in tidy(line.whole) and _is_context(line)]
    return tidy(f"{tidy(above[-1].whole)}: {title}") if above else title


def _is_context(line: HeadLine) -> bool:
    text = line.whole
    words = text.split()
    named = (_BODY.search(text) or GATHERING.search(text)) and not _UNITED_NATIONS.fullmatch(text)
    plain = not (line.prose or line.label or is_dated(line) or states_symbol(line) or _NOISE.search(text))
    return (
        bool(named) and plain and 3 <= len(words) <= 20 and not text[0].islower() and not _FORMAT.match(text)
    )
