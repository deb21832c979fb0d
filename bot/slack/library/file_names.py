"""Names of uploaded files as names of files and documents."""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePosixPath

# Bytes: file systems take 255.
_LONGEST = 180
_LONGEST_SUFFIX = 20
# What Windows refuses in a name, and what separates folders anywhere.
_FORBIDDEN = re.compile(r'[<>:"/\\|?*]')


def safe_name(name: str, otherwise: str) -> str:
    """Return `name` as a file name: no folder, nothing invisible or hidden, not too long; `otherwise` if empty."""
    composed = unicodedata.normalize("NFC", name)
    visible = "".join(" " if c.isspace() else c for c in composed if c.isspace() or c.isprintable())
    plain = " ".join(_FORBIDDEN.sub("_", visible).split()).lstrip(".~$ ").rstrip(". ")
    if not plain:
        return otherwise
    suffix = PurePosixPath(plain).suffix
    if len(suffix.encode()) > _LONGEST_SUFFIX:
        suffix = ""
    stem = plain[: len(plain) - len(suffix)].encode()[: _LONGEST - len(suffix.encode())]
    return stem.decode(errors="ignore").rstrip(". ") + suffix
