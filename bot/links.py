"""Web addresses in what a model writes: which may stand, and the rest out of their link form. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection
from urllib.parse import urlsplit

_LABELLED = re.compile(
    r"!?\[(?P<label>[^\[\]]{0,200})\]\(\s*<?(?P<target>[a-z][a-z0-9+.-]*:[^\s()<>]*|www\.[^\s()<>]*)>?[^()]*\)",
    re.I,
)
_ANCHOR = re.compile(
    r"<a\b[^<>]*?href\s*=\s*[\"']?(?P<target>[^\"'\s<>]+)[^<>]*>(?P<label>[^<>]*)</a\s*>", re.I
)
_SLACK = re.compile(r"<(?P<target>(?:https?|mailto|ftp):[^|<>\s]+)\|(?P<label>[^<>]*)>", re.I)
_ADDRESS = re.compile(r"(?:https?://|www\.)[^\s<>\"“”]+", re.I)
_IN_BRACKETS = re.compile(r"\s*\(\s*(?P<target>(?:https?://|www\.)[^\s()<>]+)\s*\)", re.I)
_TRAILING = ".,;:!?)]}'’"


def plainly(text: str) -> str:
    """Return a text whose links of any markup are written as "label (address)"; of odd schemes, the label alone."""
    for form in (_LABELLED, _ANCHOR, _SLACK):
        text = form.sub(_written_out, text)
    return text


def _written_out(match: re.Match[str]) -> str:
    label, target = match["label"].strip(), match["target"]
    if label.isdigit():
        return f"[{label}]"  # A marker of a passage leads to the passage and nowhere else.
    return f"{label} ({target})" if target.casefold().startswith(("http://", "https://", "www.")) else label


def addresses(text: str) -> list[str]:
    """Return the web addresses of a text."""
    return [match.group().rstrip(_TRAILING) for match in _ADDRESS.finditer(text)]


def without(text: str, allowed: Collection[str]) -> str:
    """Return a text without the addresses in brackets that are not among the allowed."""
    return _IN_BRACKETS.sub(
        lambda match: match.group() if match["target"].rstrip(_TRAILING) in allowed else "", text
    )


def unaddressed(text: str) -> str:
    """Return a text without its web addresses."""
    return re.sub(r"\s+([.,;:])", r"\1", _ADDRESS.sub(_left, _IN_BRACKETS.sub("", text))).strip()


def _left(match: re.Match[str]) -> str:
    address = match.group().rstrip(_TRAILING)
    return match.group()[len(address) :]


def at_home(address: str, hosts: Collection[str]) -> bool:
    """Whether an address is on one of the hosts or below one: www.itu.int is on itu.int, itu.int.example is not."""
    if "@" in address or "\\" in address:
        return False
    try:
        parts = urlsplit(address if "://" in address else f"https://{address}")
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and any(host == h or host.endswith(f".{h}") for h in hosts)
