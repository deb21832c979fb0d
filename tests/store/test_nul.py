"""Values without NUL characters."""

from __future__ import annotations

from dataclasses import dataclass

from store.nul import without_nul


@dataclass(frozen=True)
class Paper:
    title: str
    lines: tuple[str, ...]
    page: int | None = None


def test_nul_is_left_out_of_every_string() -> None:
    assert without_nul(Paper("a\0b", ("\0", "c"), 3)) == Paper("ab", ("", "c"), 3)
    assert without_nul({"a\0": ["b\0", {"c": None}]}) == {"a": ["b", {"c": None}]}
