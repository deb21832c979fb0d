"""Counts with their nouns: "3 documents", "… and 2 more". Pure."""

from __future__ import annotations


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: "1 document", "1,000 documents"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def and_more(left: int, where: str = "") -> list[str]:
    """Return the line that counts what a list leaves out, no line for 0; `where` says where the rest is."""
    return [f"… and {left} more{where}"] if left > 0 else []
