"""Of what kind a dated event is: by what bounds the date, what it is called, and the nearest telling word."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest.dates import DateExpression
from ingest.events.titles.words import DUE, HELD, LIMIT, PUBLICATION, STEP, is_gathering, phrases
from store.records import Kind

_KINDS: Sequence[tuple[re.Pattern[str], Kind]] = (
    (DUE, "deadline"), (PUBLICATION, "publication"), (STEP, "milestone"), (HELD, "meeting"),
)  # fmt: skip
# A title with a gathering in it may speak of what precedes it.
_ABOUT = phrases("""
    registrations? | submissions? | reports? | applications? | nominations? | contributions? | documents? | proposals?
    invitations? | minutes | papers? | opens | closes | requests? | replies | rate
""")
_ASKED = phrases("to | must | should")
# A word of asking this far from its date may belong to something else.
_SHORT = 80


def kind_of(
    title: str, before: str, after: str, context: str, expression: DateExpression, gathering: bool
) -> Kind:
    """Return the kind of what is called `title`; `gathering` where that is the name of one.

    `before` and `after` are the date's own clause; `context` is its column, or what its line stands under. A range
    of days is a meeting unless something says otherwise: nothing is due on five days.
    """
    told = f"{before} {after}"
    ranged = expression.precision == "day" and expression.start != expression.end
    if LIMIT.search(title) or (LIMIT.search(told) and not gathering):
        return "deadline"
    if expression.bound == "by" and not (gathering and HELD.search(before)):
        reached = re.search(r"\b(?:had|has|have)\b", told) and not DUE.search(told)
        return "milestone" if reached else "deadline"
    if LIMIT.search(context) and not ranged:
        return "deadline"
    if gathering and not _ABOUT.search(title):
        return "meeting"
    kind = _nearest(before, after)
    if kind == "deadline" and len(told) > _SHORT and not _ASKED.search(told):
        kind = "milestone"
    if ranged and kind in (None, "milestone", "deadline"):
        return "meeting"
    named = any(map(is_gathering, re.findall(r"[\w-]+", f"{title} {context}")))
    return kind or ("meeting" if named else "milestone")


def _nearest(before: str, after: str) -> Kind | None:
    """Return the kind of the telling word nearest to the date; those in front count first."""
    near: list[tuple[int, Kind]] = []
    for pattern, kind in _KINDS:
        near += [(len(before) - match.end(), kind) for match in pattern.finditer(before)]
        if (match := pattern.search(after)) is not None:
            near.append((match.start() + 5, kind))
    return min(near)[1] if near else None
