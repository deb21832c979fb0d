"""Finds the symbol or reference under which a document is filed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ingest.dates import find_dates
from ingest.document.head import HeadLine

# What is longer is no symbol.
_SYMBOL_CHARS = 45
_LABEL = re.compile(
    r"(?:document|doc|(?:document )?symbol|(?:our )?r[eé]f(?:erence)?|document (?:no|number|reference)|doc\.? no|"
    r"ref(?:erence)?\.? (?:no|number)|document symbol|file(?: no)?|signatura|cote)"
)
_NAMED = re.compile(
    r"(?:document symbol|document|doc\.?|symbol|(?:our )?ref(?:erence|\.)?|united nations|"
    r"(?:[A-Z]+ |administrative )?circular(?: letter)?|(?:press|media|news) release|media advisory|notification)"
    r"(?: no\.?)?\s*:?\s+(?=[A-Z])",
    re.IGNORECASE,
)
_CIRCULAR = re.compile(r"(?:[A-Za-z]+ )?circular(?: letter)? (?:no\.? ?)?(?=[A-Z][A-Z-]*/)", re.IGNORECASE)
# "Reference: Resolution 71" names another document.
_OTHERS = re.compile(
    r"(?:resolution|decision|recommendation|agenda|your|letter of|item|annex|see)\b", re.IGNORECASE
)
# After a reference: the initials of those who wrote a letter, and the kind of paper.
_AFTER = re.compile(r"\s+(?:[A-Z]{2,4}(?:/[A-Z]{2,4})+|\([^()\d]*\))$")
# "Addendum 1 to", "CORRIGENDUM TO DOCUMENT C25/31-E", and in French, whose words are the same, "Addendum 1 au".
_CHANGES = re.compile(
    r"(?P<change>R[eé]vision|Addendum|Corrigendum) (?:(?P<times>\d{1,2}) (?:to|au|du)\b\s*"
    r"|(?:to|au|du)\b\s*(?=$|Document\b))(?P<rest>.*)",
    re.IGNORECASE,
)
_MARKS = {"R": "Rev", "A": "Add", "C": "Corr"}
_MARK = re.compile(r"\((?:Rev|Add|Corr)\.\d+\)")
_PAGE = re.compile(r"\s*[–-]?\s*\d{0,3}\s*[–-]?$")
_SIGNS = re.compile(r"(?:[A-Z]|\d{1,2}/[A-Z]|\d{1,3} [A-Z]{2})[\w&./()–+-]*(?: [\w&./()–+-]+){0,7}")
_WORD = re.compile(r"[A-Z]{1,6}(?:/[A-Z]{1,6})*|[^\W\d_]+\.|\S*\d\S*|Doc|Rev|Add|Corr|[–-]")
# Labels of the lines near a symbol.
_BESIDE_SYMBOL = frozenset(["original", "distr.", "agenda item", "subject"])
# A symbol has parts, separated by these; a name with a figure ("WRC-27") is none.
_PARTS = re.compile(
    r"[A-Za-z\d.)]/(?:[A-Za-z\d])|[A-Z]\(\d\d\)\d|[A-Z]\d*-(?:C|DT|LS|R|TD)\d|\bDoc\.? ?\d|\bINF\.? ?\d"
    r"|\b(?:LS|TD) \d|^\d+ [A-Z]+/\d"
    r"|^\d/[A-Z]+/\d"
)
# These are no symbols: questions and working parties, quarters of years, words with a stroke, names with a year.
_NO_SYMBOL = re.compile(r"(?:(?:Q|WP|JWP|QUESTION ?)\d+/Q?\d+|[QH]\d/.*|[A-Z][a-z]+/.*|.*\s\(\d{4}\))")
# Documents with a number but no series: their kind is part of the symbol ("Circular letter 12").
_LETTER = re.compile(
    r"(?:[A-Z]{2,5} )?(?:circular|collective|notification|(?:press|media|news) release|media advisory|bulletin|note)"
    r"(?: letter)? (?:no\.? ?)?\d[\d/-]*(?:/(?:add|corr|rev)\.\d+)?(?: \(\d{4}\))?",
    re.IGNORECASE,
)
_RESOLUTION = re.compile(
    r"(?P<kind>RESOLUTION|DECISION|RECOMMENDATION|OPINION)\s+(?:No\.?\s*)?"
    r"(?P<number>(?:ITU-[RTD] )?[A-Z]{0,3}\.?\d[\w./-]*)"
    r"(?P<held>\s+\([^()]*\d{4}[^()]*\)|\s+\([A-Z]+[\w, .-]*\))?",
    re.IGNORECASE,
)
_ITU_FILE = re.compile(
    r"S(?P<year>\d\d)-CL-(?P<series>C|INF|DT|DL)-0*(?P<number>\d+)!(?:(?P<change>[RAC])(?P<times>\d+))?!\w+-(?P<language>[EFSRAC])",
    re.IGNORECASE,
)
# The United Nations' names for its files, with the slashes of the symbol as underscores: A_RES_79_1-EN.
_UN_FILE = re.compile(r"(?P<symbol>(?:A|S|E|ST|TD|CEB|HRC)(?:_[A-Z0-9.]+){1,5})(?:-[A-Z]{2})?")


def symbol_in(lines: Sequence[HeadLine]) -> str | None:
    """Return the symbol that a head states: after a label, alone on its line, or as the number of a resolution."""
    for line in lines:
        if line.labelled(_LABEL) and (found := _referred(line.text)) is not None:
            return found
    mark = ""
    for line in lines:
        text = line.text
        if (changes := _CHANGES.match(text)) is not None:
            mark = f"{_MARKS[changes['change'][0].upper()]}.{changes['times'] or 1}"
            text = changes["rest"] or text
        if line.label or line.prose or (symbol := _letter(text) or _alone(text)) is None:
            continue
        if mark and mark.partition(".")[0] not in symbol:
            return re.sub(r"(-[EFSRAC])?$", rf"({mark})\g<0>", symbol, count=1)
        return symbol
    return next((found for line in lines if (found := _resolution(line)) is not None), None)


def is_mark(line: HeadLine) -> bool:
    """Whether a line identifies the document, so that its date may be near."""
    if line.label:
        return line.labelled(_LABEL) or line.label.casefold() in _BESIDE_SYMBOL
    if re.match(r"english only\b", line.text, re.IGNORECASE):
        return True
    return _alone(line.text) is not None or _letter(line.text) is not None


def states_symbol(line: HeadLine) -> bool:
    """Whether a line is a symbol or the number of a resolution, and nothing else."""
    known = _alone(line.text) or _letter(line.text) or _resolution(line)
    return not line.label and known is not None


def symbol_of_name(text: str | None) -> str | None:
    """Return the symbol at the beginning of a page's title ("CL-26/23 - Elections")."""
    return _alone(re.split(r"\s[|–—-]\s|: ", text or "")[0].strip())


def symbol_of_file(stem: str) -> str | None:
    """Return the symbol in a file's name, as ITU (S25-CL-C-0901!R1!MSW-E) and the United Nations name theirs."""
    if (itu := _ITU_FILE.fullmatch(stem)) is not None:
        series = "" if itu["series"].upper() == "C" else itu["series"].upper() + "/"
        mark = f"({_MARKS[itu['change'].upper()]}.{itu['times']})" if itu["change"] else ""
        return f"C{itu['year']}/{series}{itu['number']}{mark}-{itu['language'].upper()}"
    un = _UN_FILE.fullmatch(stem)
    return un["symbol"].upper().replace("_", "/") if un and any(c.isdigit() for c in un["symbol"]) else None


def without_mark(symbol: str) -> str:
    """Return "C25/31-E" for "C25/31(Add.1)-E"."""
    return _MARK.sub("", symbol)


def first_symbol(lines: Iterable[HeadLine]) -> str | None:
    """Return the first symbol that is alone on its line."""
    return next((found for line in lines if not line.label and (found := _alone(line.text))), None)


def _alone(text: str) -> str | None:
    if len(text) > _SYMBOL_CHARS + 20:
        return None
    bare = _PAGE.sub("", text) if re.search(r"\s[–-]?\s*\d{1,3}\s*[–-]?$", text) else text
    for candidate in (text, bare):
        named = _NAMED.match(candidate)
        code = candidate[named.end() :] if named else candidate
        if _is_code(code) and _PARTS.search(code) and not _NO_SYMBOL.fullmatch(code):
            return code.rstrip("-. ")
    return None


def _referred(text: str) -> str | None:
    """Return the reference after "Ref.:", which may be in words ("TSB Collective letter 6/13")."""
    text = _AFTER.sub("", _CIRCULAR.sub("", text).rstrip(" .;"))
    coded = any(sign.isdigit() for sign in text) or re.fullmatch(r"[A-Z]+(?:/[\w-]+)+", text)
    named = len(text) <= _SYMBOL_CHARS and coded and not _OTHERS.match(text)
    return text if named and len(text.split()) <= 6 and not find_dates(text, reference=None) else None


def _letter(text: str) -> str | None:
    return text if _LETTER.fullmatch(text) else None


def _is_code(text: str) -> bool:
    if len(text) > _SYMBOL_CHARS or not _SIGNS.fullmatch(text) or not any(sign.isdigit() for sign in text):
        return False
    return all(_WORD.fullmatch(word) for word in text.split()) and not find_dates(text, reference=None)


def _resolution(line: HeadLine) -> str | None:
    """Return "Resolution 140 (Rev. Bucharest, 2022)", also for a line in capitals."""
    match = None if line.label or line.prose else _RESOLUTION.fullmatch(line.text.strip(" .*"))
    if match is None:
        return None
    held = match["held"] or ""
    # A place in capitals gets small letters; abbreviations of meetings ("WRC-23") keep their capitals.
    held = re.sub(r"[A-ZÀ-Þ]{3,}(?![\w-])\.?", lambda word: word[0].capitalize(), held)
    return f"{match['kind'].capitalize()} {match['number']}{held}"
