"""Turns text into a title: removes words that only introduce a date, adds the subject, limits the length."""

from __future__ import annotations

import re

from ingest.events.words import HELD, PROPOSED

_TITLE_CHARS = 110
# Words that introduce a date, or that remain at an end where a date was removed.
_LEADING = frozenset(
    """from on by until till in of at the to due before after since between during for around about as no not later
    earlier than week weeks commencing beginning starting scheduled now and up dated is was are were held be
    deadline approximately tentatively provisionally originally initially w/c within through latest set
    planned exactly both or will""".split()
)
_TRAILING = _LEADING | frozenset("with a an that which also its their but no not both".split()) - {
    "deadline",
    "week",
    "weeks",
}
_OPENING = re.compile(
    r"^(?:(?:however|moreover|furthermore|in addition|additionally|finally|subsequently|also|then|and|but|or|that"
    r"|which|who|while|including|(?:please )?note that|please|kindly|so|thus|therefore|meanwhile|consequently"
    r"|accordingly|hereby|where|when|as you (?:know|(?:will )?recall)|recalling|noting"
    r"|it is (?:foreseen|planned|proposed|recalled) that)\b[\s,]*)+",
    re.I,
)
# The words that are removed from the end of a title are shorter.
_LONGEST_WORD = 20
_LAST_WORD = re.compile(r"(?:^|(?<=[\s(,;:–—-]))[\w/]+$")
_NUMBER = re.compile(r"^(?:\d{1,2}(?:\.\d{1,2})*\.?|\(?[a-z]\)|\[ ?\]) (?=\D)")
_TIME = re.compile(
    r"(?:,?\s?(?:at|from|by|until|no later than)?\s?)?\b(?:\d{1,2}[:.h]\d{2}(?:\s?[ap]\.?m\b\.?)?|\d{4} hours|midnight"
    r"|noon)(?:\s*(?:-|–|to)\s*\d{1,2}[:.]?\d{2})?(?:\s*(?:hours|hrs|h)\b)?"
    r"(?:\s*\(?(?:UTC|CES?T|GMT|EST|EDT|(?:[A-Z]\w+ ){1,2}time|local time)(?:\s?[+-]\d)?\)?)?",
)
_REMARK = re.compile(r"\((?:tbc|tbd|to be confirmed|tentative|provisional|new date|new|extended)?\s*\)", re.I)
# A remark in brackets, or a reference: "(letter)", "(more details in C23/INF/8)", "(A/RES/76/307)".
_ASIDE = re.compile(r"\s\((?:[a-z][^()]*|[A-Z][^()\s/]*/[^()\s]*)(?:\)(?=\W|$)|$)")
_ASIDE_CLAUSE = re.compile(r", (?:which|whose|who|whom|where)\b[^,()]*(?:,(?=\s)|$)")
# What only joins a relative clause to its noun: ", which had been".
_JOINT = re.compile(r", (?:which|who)(?: (?:is|are|was|were|has|have|had|been))+(?=\s[^,]*$)")
_PREDICATE = re.compile(
    r"\s(?:is|are|was|were|will|shall|has|have|had)\b(?: (?:be|been|being|also|now|not))* (?P<said>[\w-]+)$"
)
_MARKS = " ,;:.–—-|*•·~#\t"
# Words of labels and headings that say that something is dated, and not what.
_SAYS_NOTHING = frozenset(
    """key important main draft provisional proposed indicative tentative next new upcoming further other practical old
    previous exact relevant all the of and for general forthcoming future original revised planned now was due
    by current a an on this our useful your more date dates when time times day days period duration start end
    from to until begin timetable table schedule calendar timeline line milestone milestones deadline deadlines
    information programme agenda event events meeting meetings session sessions introduction diary background
    conclusion conclusions purpose summary overview matters business action actions steps way forward status
    remark remarks note notes tables week weeks venue place places location work plan roadmap activity
    activities item title subject no month months contact details news brief headlines follow-up open opens
    close closes held participants attachment attachments morning afternoon evening first second third contents
    abstract source annex appendix list
    one two three four or limit state use time-limit time-limits dear sir madam""".split()
)
# A capitalised word after the first one, or a code.
_NAMES = re.compile(r"\w\W+(?!Option|Part|Day|Week|Session)[A-Z]|^[A-Z][\w.-]*[A-Z\d]")


def says_nothing(line: str) -> bool:
    """Return whether a label or a heading names no subject: "Key dates", "Annex 2", "When"."""
    words = re.findall(r"[^\W\d_][\w-]*", line.casefold())
    return all(word in _SAYS_NOTHING for word in words) or words[0] == "annex"


def names_something(text: str) -> bool:
    """Return whether the text contains a name or is one."""
    return _NAMES.search(text) is not None


def without_leads(text: str) -> str:
    """Return text before a date without the words that only introduce it."""
    return _without_last(text, _LEADING)


def plain(text: str) -> str:
    """Return part of a line without separators, times and words that introduce a date; "" if no word is left."""
    text = " ".join(_REMARK.sub(" ", _TIME.sub(" ", text)).split()).strip(_MARKS)
    text = re.sub(r"^\)+\s*|\s*\($", "", without_leads(text)).strip(_MARKS)
    return text if re.search(r"[^\W\d_]{2}", text) else ""


def sentence_title(before: str, after: str) -> str:
    """Return the text before and after a date as one title."""
    text = f"{without_leads(before)} {after.lstrip(' ,;:.)]–—-')}".strip()
    text = _REMARK.sub("", _OPENING.sub("", _TIME.sub(" ", _NUMBER.sub("", text, count=1)), count=1))
    return _without_last(re.sub(r"\s+([,;.)])", r"\1", " ".join(text.split())), _TRAILING)


def concise(title: str, *, clause_dated: bool = False) -> str:
    """Return a title from a sentence without remarks in brackets, relative clauses, and "is also proposed".

    Brackets that begin with a capital letter or a figure belong to a name: "(SIDS)", "(Rev. Bucharest, 2022)". Where a
    relative clause has the date (`clause_dated`), it says what happened and stays: "the database, which went live".
    """
    clause = _JOINT if clause_dated else _ASIDE_CLAUSE
    short = clause.sub("", _ASIDE.sub("", title))
    predicate = _PREDICATE.search(short)
    if predicate and (PROPOSED.fullmatch(predicate["said"]) or HELD.fullmatch(predicate["said"])):
        short = short[: predicate.start()]
    return _without_last(short, _TRAILING)


def joined(subject: str, what: str) -> str:
    """Return "Working Party 7A: deadline for contributions"; one of both alone if it contains the other."""
    if not subject or not what or what.casefold() in subject.casefold():
        return subject or what
    if subject.casefold() in what.casefold():
        return what
    return f"{subject}: {lowered(what)}"


def lowered(text: str) -> str:
    """Return the text with a small first letter, unless that belongs to a name or acronym."""
    return text[:1].lower() + text[1:] if text[1:2].islower() and text.split()[0][1:].islower() else text


def shortened(text: str) -> str:
    """Return the text as a title: one line, capitalised, brackets closed; a long one cut before a preposition."""
    text = _NUMBER.sub("", " ".join(text.split()).strip(_MARKS), count=1)
    text = re.sub(r"^(?:the|an?) (?=\S+ )", "", text, flags=re.I)
    if text.count("(") > text.count(")"):
        text = text + ")" if text.rfind("(") > len(text) - 40 else text[: text.rfind("(")].rstrip()
    if len(text) > _TITLE_CHARS:
        links = (
            text.rfind(link, 40, _TITLE_CHARS)
            for link in (", ", " for ", " on ", " in ", " and ", " of ", " with ")
        )
        cut = next((at for at in links if at > 0), text.rfind(" ", 0, _TITLE_CHARS))
        text = _without_last(text[:cut], _TRAILING)
    if text.count("“") > text.count("”") and len(text[: text.rfind("“")].split()) > 1:
        text = text[: text.rfind("“")].rstrip(_MARKS)
    return text[:1].upper() + text[1:]


def _without_last(text: str, words: frozenset[str]) -> str:
    text = text.rstrip(" .,;:(–—-[")
    while last := _LAST_WORD.search(text, max(0, len(text) - _LONGEST_WORD)):
        if last.group().casefold() not in words:
            break
        text = text[: last.start()].rstrip(" .,;:(–—-[")
    return text
