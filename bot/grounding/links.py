"""Web addresses, e-mail addresses and Slack's mentions in a text."""

from __future__ import annotations

import re

_LINK = re.compile(
    r"(?:(?:https?|ftp)://|www\.)[^\s<>\"“”|]+|(?<![\w@.])(?:[a-z0-9-]+\.)+[a-z]{2,}\b(?:/[^\s<>\"“”|]*)?|[\w.+-]+@[\w-]+\.\w[\w.]*|<[!@#][^>\s]*>?|(?<!\w)@(?:here|channel|everyone)\b",
    re.I,
)
_TRAILING = ".,;:!?)]}'’"


def links(text: str) -> list[tuple[int, int]]:
    """Return the (start, end) of each link and mention in a text."""
    return [(m.start(), m.start() + len(m.group().rstrip(_TRAILING))) for m in _LINK.finditer(text)]
