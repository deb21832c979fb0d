"""Text without the characters that nobody sees: what steers a terminal, turns lines around or has no width. Pure."""

from __future__ import annotations

import unicodedata

# Joiners that some scripts are written with.
_WRITTEN = "\n\t\u200c\u200d"


def visible(text: str) -> str:
    """Return `text` without control and format characters and lone surrogates; line breaks and tabs stay."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(c for c in text if c in _WRITTEN or unicodedata.category(c) not in ("Cc", "Cf", "Cs"))
