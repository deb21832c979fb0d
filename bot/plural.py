"""Counts with their nouns in what operators read: "3 documents". Pure."""

from __future__ import annotations


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: "1 document", "1,000 documents"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
