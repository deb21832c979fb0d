"""Text that is safe to show and to log: without invisible characters, and without the secrets of URLs. Pure."""

from __future__ import annotations

import re
import unicodedata

# Joiners that some scripts are written with, and the marks that isolate a text of the other direction.
_WRITTEN = "\n\t\u200c\u200d\u2068\u2069"
# A password may hold any character: everything up to the last "@" is taken for one.
_ADDRESS = re.compile(r"\b([a-z][a-z0-9+.-]*://)(?:[^\s'\"]*@)?([^\s'\"/?#]*)([^\s'\"]*)", re.IGNORECASE)
# In messages of urllib3, an address without its scheme and host.
_PATH = re.compile(r"(?<=with url: )\S+")


def visible(text: str) -> str:
    """Return `text` without control and format characters and lone surrogates; line breaks and tabs stay.

    Such characters steer a terminal, reverse a line or have no width.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(c for c in text if c in _WRITTEN or unicodedata.category(c) not in ("Cc", "Cf", "Cs"))


def one_line(text: str) -> str:
    """Return `text` as `visible` does, with a space for each line break and tab: for names in tables and lists."""
    return "".join(" " if c.isspace() else c for c in visible(text))


def hosts_only(text: str) -> str:
    """Return a text in which every URL ends with its host; a path or query may give access by itself."""
    return _PATH.sub(
        "/…", _ADDRESS.sub(lambda found: f"{found[1]}{found[2]}{'/…' if found[3] else ''}", text)
    )
