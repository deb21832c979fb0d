"""Numbers with their nouns. Pure."""

from __future__ import annotations


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: "1 document", "1,000 documents"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
