"""Finds the symbol or reference under which a document is filed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ingest.document.head import HeadLine, labels
from ingest.text.dates import find_dates

# What is longer is no symbol.
_SYMBOL_CHARS = 45
_NAMED = re.compile(
    r"(?:document symbol|document|doc\.?|symbol|(?:our )?ref(?:erence|\.)?|united nations|"
    r"(?:[A-Z]+ |administrative )?circular(?: letter)?|(?:press|media|news) release|media advisory|notification)"
    r"(?: no\.?)?\s*:?\s+(?=[A-Z])",
    re.IGNORECASE,
)
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
_PAGE = re.compile(r"\s[–-]?\s*\d{1,3}\s*[–-]?$")
_SIGNS = re.compile(
    r"(?=.*\d)(?:[A-ZА-Я]|\d{1,2}/[A-Z]|\d{1,3} [A-Z]{2})[\w&./()–+-]*(?: [\w&./()–+-]+){0,7}"
)
_WORD = re.compile(r"[A-ZА-Я]{1,6}(?:/[A-ZА-Я]{1,6})*|[^\W\d_]+\.|\S*\d\S*|Doc|Rev|Add|Corr|[–-]")
# A symbol has parts, separated by these; a name with a figure ("WRC-27") is none.
_PARTS = re.compile(
    r"[^\W_]/[^\W_]|[.)]/[^\W_]|[A-Z]\(\d\d\)\d|[A-Z]\d*-(?:C|DT|LS|R|TD)\d|\b(?:Doc\.?|INF\.?) ?\d"
    r"|\b(?:LS|TD) \d|^\d+ [A-Z]+/\d"
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
_UN_FILE = re.compile(r"(?=.*\d)(?P<symbol>(?:A|S|E|ST|TD|CEB|HRC)(?:_[A-Z0-9.]+){1,5})(?:-[A-Z]{2})?")


def symbol_in(lines: Sequence[HeadLine]) -> str | None:
    """Return the symbol that a head states: after a label, alone on its line, or as the number of a resolution."""
    for line in lines:
        if line.label.casefold().rstrip(".") in labels("symbol") and (found := _referred(line.text)):
            return found

    # An addendum names the document that it is to, on the same line or on the next one with a symbol.
    mark = ""
    for line in lines:
        text = line.text
        if (changes := _CHANGES.match(text)) is not None:
            mark = f"{_MARKS[changes['change'][0].upper()]}.{changes['times'] or 1}"
            text = changes["rest"] or text
        symbol = None if line.label or line.prose else symbol_alone(text)
        if symbol is not None and mark and mark.partition(".")[0] not in symbol:
            return re.sub(r"(-[EFSRAC])?$", rf"({mark})\g<0>", symbol, count=1)
        if symbol is not None:
            return symbol
    return None


def symbol_alone(text: str) -> str | None:
    """Return the symbol if a text is nothing else, but for the word for a document and a number of a page."""
    if len(text) > 3 * _SYMBOL_CHARS:
        return None
    if _LETTER.fullmatch(text):
        return text
    if (resolution := _RESOLUTION.fullmatch(text.strip(" .*"))) is not None:
        # A place in capitals gets small letters; abbreviations of meetings ("WRC-23") keep their capitals.
        held = re.sub(
            r"[A-ZÀ-Þ]{3,}(?![\w-])\.?", lambda word: word[0].capitalize(), resolution["held"] or ""
        )
        return f"{resolution['kind'].capitalize()} {resolution['number']}{held}"
    return _code(text)


def first_code(lines: Iterable[HeadLine]) -> str | None:
    """Return the first symbol with parts, such as "C25/31-E", that is alone on its line."""
    return next((found for line in lines if not line.label and (found := _code(line.text))), None)


def _code(text: str) -> str | None:
    first, _, rest = text.partition(" ")
    named = _NAMED.match(text)
    if named is not None:
        text = text[named.end() :]
    elif first.casefold().rstrip(":") in labels("symbol"):
        text = rest.strip()
    found = (
        code.rstrip("-. ")
        for code in (text, _PAGE.sub("", text))
        if _is_code(code) and _PARTS.search(code) and not _NO_SYMBOL.fullmatch(code)
    )
    return next(found, None)


def symbol_of_file(stem: str) -> str | None:
    """Return the symbol in a file's name, as ITU (S25-CL-C-0901!R1!MSW-E) and the United Nations name theirs."""
    if (itu := _ITU_FILE.fullmatch(stem)) is not None:
        series = "" if itu["series"].upper() == "C" else itu["series"].upper() + "/"
        mark = f"({_MARKS[itu['change'].upper()]}.{itu['times']})" if itu["change"] else ""
        return f"C{itu['year']}/{series}{itu['number']}{mark}-{itu['language'].upper()}"
    un = _UN_FILE.fullmatch(stem)
    return un["symbol"].upper().replace("_", "/") if un is not None else None


def without_mark(symbol: str) -> str:
    """Return "C25/31-E" for "C25/31(Add.1)-E"."""
    return _MARK.sub("", symbol)


def _referred(text: str) -> str | None:
    """Return the reference after "Ref.:", which may be in words ("TSB Collective letter 6/13")."""
    text = _AFTER.sub("", re.sub(r"(?i)(?:[a-z]+ )?circular(?: letter)? (?:no\.? ?)?(?=[A-Z-]+/)", "", text))
    text = text.rstrip(" .;")
    coded = re.search(r"\d|^[A-Z]+(?:/[\w-]+)+$", text) and not _OTHERS.match(text)
    short = len(text) <= _SYMBOL_CHARS and len(text.split()) <= 6
    return text if coded and short and not find_dates(text, reference=None) else None


def _is_code(text: str) -> bool:
    return (
        len(text) <= _SYMBOL_CHARS
        and _SIGNS.fullmatch(text) is not None
        and all(map(_WORD.fullmatch, text.split()))
        and not find_dates(text, reference=None)
    )
