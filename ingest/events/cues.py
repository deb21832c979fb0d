"""What the words around a date say: whether it is an event, of which kind, moved or cancelled, or only proposed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta

from ingest.dates import DateExpression
from ingest.events import words
from ingest.events.pieces import Piece, Span
from store.records import Cue, Kind

# Longer dates are periods of validity or plans, not events.
_LONGEST_EVENT = timedelta(days=400)
# A report covers more days.
_SHORT_PERIOD = timedelta(days=28)
_KINDS: Sequence[tuple[re.Pattern[str], Kind]] = (
    (words.DUE, "deadline"), (words.PUBLICATION, "publication"), (words.STEP, "milestone"), (words.HELD, "meeting"),
)  # fmt: skip
_ANAPHORA = re.compile(
    r"\s*(?:however,? |but |unfortunately,? |in the meantime,? )?(?:this|it|that|these|they|both|the (?P<noun>\w+))\b",
    re.I,
)


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
    if single and words.OF_A_DOCUMENT.search(before[-120:]):
        return True
    if single and start == document_date and _is_own_date(before, after, piece, text):
        return True
    if end - start > _LONGEST_EVENT and expression.precision in ("year", "month", "day"):
        return True
    if expression.lead in ("since", "throughout") and expression.precision != "day":
        return True
    alone = piece.form == "line" and words.says_nothing(f"{before} {after}".replace(" in ", " "))
    if expression.precision == "year":
        return alone or _in_passing(expression, before, clause)
    if expression.precision == "month" and alone:
        return True  # a caption above days, or the month of an issue
    # "The report, prepared for the Council, covers the period from ..."
    if single or words.names_gathering(before[_last(words.COVERS, before) :]):
        return False
    # "Budget" may also be in the name of a body.
    common = re.sub(r"(?<=\w )[A-Z]\w+", "", before)
    if expression.precision == "day" and end - start < _SHORT_PERIOD:
        common = re.sub(r"\bperiod\b", "", common, flags=re.I)  # "takes place in the period 13-15 October"
    return words.PERIOD.search(common) is not None and words.REPORTED.search(common) is not None


def is_undated_event(expression: DateExpression, text: str, piece: Piece, dated: bool) -> bool:
    """Whether a recurrence or a distance is an event.

    "Every Thursday" and "the Group meets annually" are; "the annual report" is not. A distance is one if something is
    due within it, or if it lies before something, which `extraction` has to date.
    """
    begin, stop = expression.span
    if expression.kind == "relative":
        asked = words.DUE.search(text[max(piece.start, begin - 90) : begin])
        return expression.relation == "before" or (expression.relation == "within" and asked is not None)
    if expression.text.split()[0].casefold() in words.TIMES:
        return not re.match(r"\W*(?:on|in) \W*\d", text[stop : stop + 8])
    if dated:
        return False
    named = begin > piece.start and text[stop : stop + 2].strip()[:1].isupper()
    alone = not re.match(r" [^\W\d_]", text[stop : stop + 2])
    return named or alone or words.HELD.search(text[max(piece.start, begin - 40) : begin]) is not None


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
        return any(words.ISSUED.search(f"{cell.label} {text[cell.start : cell.end]}") for cell in piece.cells)
    if words.VERB.search(words.ISSUED.sub("", text[piece.start : piece.end])):
        return False
    if words.ISSUED.search(before) is not None:
        return True
    return len(before.split()) <= 6 and ":" not in before and not _happens(f"{before} {after}")


def _happens(text: str) -> bool:
    """Whether a text names something that happens: a limit, something due, a step, a gathering."""
    return any(
        pattern.search(text) for pattern in (words.LIMIT, words.DUE, words.STEP)
    ) or words.names_gathering(text)


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
        pattern.search(clause) or pattern.search(before[-160:])
        for pattern in (words.STEP, words.HELD, words.LIMIT, words.AHEAD)
    )
    return not (happens or words.names_gathering(clause))


def kind_of(
    title: str, before: str, after: str, context: str, expression: DateExpression, gathering: bool
) -> Kind:
    """Return the kind of the event with this title; `gathering`: the title is the name of one.

    `before` and `after` are the date's own clause; `context` is its column, or the lines above. A range of days is a
    meeting unless words say otherwise: nothing is due on five days.
    """
    around = f"{before} {after}"
    ranged = expression.precision == "day" and expression.start != expression.end
    if words.LIMIT.search(title) or (words.LIMIT.search(around) and not gathering):
        return "deadline"
    if expression.bound == "by":
        return "deadline"
    if words.LIMIT.search(context) and not ranged:
        return "deadline"
    if gathering:
        return "meeting"
    kind = _nearest(before, after)
    if ranged and kind in (None, "milestone", "deadline"):
        return "meeting"
    return kind or ("meeting" if words.names_gathering(f"{title} {context}") else "milestone")


def _nearest(before: str, after: str) -> Kind | None:
    """Return the kind of the nearest word to the date that names one; words in front count as nearer."""
    near: list[tuple[int, Kind]] = []
    for pattern, kind in _KINDS:
        near += [(len(before) - match.end(), kind) for match in pattern.finditer(before)]
        if (match := pattern.search(after)) is not None:
            near.append((match.start() + 5, kind))
    return min(near)[1] if near else None


def moves(text: str) -> bool:
    """Whether a sentence or a line gives something another date."""
    return bool(words.MOVED.search(text)) and not words.NOT_OFF.search(text)


def off_by_name(text: str) -> Cue | None:
    """Return "postponed" or "cancelled" if the text says this of something."""
    if words.NOT_OFF.search(text):
        return None
    return (
        "cancelled" if words.CANCELLED.search(text) else "postponed" if words.POSTPONED.search(text) else None
    )


def cues_of(
    text: str, piece: Piece, dated: Sequence[tuple[DateExpression, Span]], following: str
) -> list[Cue | None]:
    """Return the cue of each date of a piece, given with its clause: in a row by its columns, else by the clause.

    `following` is the next sentence, which may say "However, it has been postponed".
    """
    if piece.form == "row":
        return _cues_of_row(text, piece, dated)
    low = piece.start
    spans = [(e.span[0] - low, e.span[1] - low) for e, _ in dated]
    clauses = [(a - low, b - low) for _, (a, b) in dated]
    if piece.form == "line" and len(dated) == 1:
        # In "Suva: 4-6 March – cancelled" the whole line is about the date.
        clauses = [(0, piece.end - low)]
    return _cues_of_text(text[low : piece.end], spans, clauses, following)


def _cues_of_text(
    text: str, spans: Sequence[Span], clauses: Sequence[Span], following: str
) -> list[Cue | None]:
    """Return the cue of each date of `text`; `spans` are the dates' positions, `clauses` those of their clauses."""
    if words.NOT_OFF.search(text):
        return ["planned"] * len(spans)
    if len(spans) == 1 and words.NOT_HELD.search(text):
        again = words.MOVED.search(words.NOT_HELD.sub("", text)) or words.MOVED.search(following)
        return ["postponed" if again else "cancelled"]
    if len(spans) == 2 and _is_contrast(text, *spans):
        return ["postponed", "planned"]
    if words.MOVED.search(text):
        found = _moved_cues(text, spans)
    else:
        found = [_own_cue(text, *pair) for pair in zip(spans, clauses, strict=True)]
    head = _ANAPHORA.match(following)
    refers_back = (
        head and (head["noun"] or "").casefold() in text.casefold() and not re.search(r"\d{4}|\d ", following)
    )
    off = off_by_name(following) if refers_back else None
    return [off if off and cue in (None, "planned", "done") else cue for cue in found]


def _is_contrast(text: str, first: Span, second: Span) -> bool:
    """Whether something happens not on the first date, but on the second one."""
    return bool(words.NOT_ON.search(text, 0, first[0]) and words.BUT_ON.fullmatch(text, first[1], second[0]))


def _own_cue(text: str, span: Span, clause: Span) -> Cue | None:
    low, high = clause
    if words.CANCELLED.search(text, low, high):
        return "cancelled"
    for side in (text[low : span[0]], text[span[1] : high]):
        planned, done = _last(words.PLANNED, side), _last(words.DONE, side)
        if planned or done:
            return "planned" if planned >= done else "done"
        if words.ACT.search(side):
            return "done"
    return None


def _moved_cues(text: str, spans: Sequence[Span]) -> list[Cue | None]:
    """Return the cues of a sentence that moves something: the words before a date say whether it is old or new."""
    found: list[Cue | None] = []
    for k, (begin, stop) in enumerate(spans):
        before = text[spans[k - 1][1] if k else 0 : begin].rpartition(";")[2]
        after = text[stop : spans[k + 1][0] if k + 1 < len(spans) else len(text)].partition(";")[0]
        old, new = _last(words.OLD, before), _last(words.NEW, before)
        to_meeting = _last(words.TO_MEETING, before)
        # "The term is from 31 May extended to 30 June", in an order of other languages.
        extended = words.FROM.search(before) and words.EXTENDED.match(after)
        if extended or words.OLD_LIMIT.search(before):
            found.append("postponed")
        elif to_meeting and to_meeting >= old:
            found.append("planned")
        elif words.CANCELLED.search(before) or (
            words.CANCELLED.search(after) and not words.POSTPONED.search(after)
        ):
            found.append("cancelled")
        elif old or new:
            found.append("postponed" if old >= new else "planned")
        elif words.MOVED.search(after) and not words.MOVED.search(before):
            found.append("postponed")
        else:
            found.append("planned" if "postponed" in found or words.MOVED.search(before) else None)
    if len(found) == 2 and found[1] == "postponed" and found[0] is None:
        found[0] = "planned"
    return found


def _cues_of_row(text: str, piece: Piece, dated: Sequence[tuple[DateExpression, Span]]) -> list[Cue | None]:
    """Return the cues of the dates of a row.

    A column may mark its date as the old one; a cell without a date ("withdrawn") applies to the whole row.
    """
    cells = {e.span: cell for e, _ in dated if (cell := piece.cell_at(e.span[0])) is not None}
    remarks = " ".join(text[cell.start : cell.end] for cell in piece.cells if cell not in cells.values())
    off = off_by_name(remarks)
    several = len(cells) > 1 and not words.NOT_OFF.search(remarks)
    replaced = [c for c in cells.values() if words.OLD_COLUMN.search(c.label) and (several or off)]
    cues: dict[Span, Cue | None] = {}
    for span, cell in cells.items():
        own, at = text[cell.start : cell.end], span[0] - cell.start
        [cue] = _cues_of_text(own, [(at, span[1] - cell.start)], [(0, len(own))], "")
        if cell in replaced:
            cue = "cancelled" if off == "cancelled" else "postponed"
        elif re.search(r"\b(?:was|were)\W*$", own[:at], re.I):
            cue = "cancelled" if words.CANCELLED.search(own) else "postponed"
        elif off and cue in (None, "planned", "done") and not replaced:
            cue = off
        cues[span] = cue
    return [cues.get(e.span) for e, _ in dated]


def is_proposed(clause: str, date_at: Span, lines_above: Sequence[str]) -> bool:
    """Whether the date at this span of its clause is only proposed: by words, by brackets, or by lines above.

    A clause reaches from the date before to the next one.
    """
    begin, stop = date_at
    # "Proposed to the session, which will be held in May": the session is not.
    which = max((match.start() for match in words.RELATIVE.finditer(clause, 0, begin)), default=0)
    said = words.CONFIRMED_BY.sub("", clause[which:])
    bracketed = clause.rfind("[", 0, begin + 1) > clause.rfind("]", 0, begin) and clause.find("](", begin) < 0
    asked = re.match(r"[^\w.;,]{0,2}\(?\?", clause[begin:].lstrip("0123456789 "))
    above = any(map(words.PROPOSED_ABOVE.search, lines_above))
    alternative = words.ALTERNATIVE.fullmatch(clause, 0, begin) or words.ALTERNATIVE.fullmatch(clause, stop)
    return bool(words.PROPOSED.search(said) or alternative or bracketed or asked or above)


def _last(pattern: re.Pattern[str], text: str) -> int:
    """Return where the last match ends, 0 for none."""
    return max((m.end() for m in pattern.finditer(text)), default=0)
