"""Symbols of documents lead to their official pages; what only looks like one does not."""

from __future__ import annotations

import pytest

from bot.locales import in_language
from bot.official_pages import official_page, with_pages


@pytest.mark.parametrize(
    ("symbol", "page"),
    [
        ("A/RES/76/307", "https://docs.un.org/en/A/RES/76/307"),
        ("A/RES/3201 (S-VI)", "https://docs.un.org/en/A/RES/3201(S-VI)"),
        ("A/78/L.1", "https://docs.un.org/en/A/78/L.1"),
        ("E/CN.16/2024/2", "https://docs.un.org/en/E/CN.16/2024/2"),
        ("S/RES/1440 (2002)", "https://docs.un.org/en/S/RES/1440(2002)"),
        ("C24/53", "https://www.itu.int/md/S24-CL-C-0053/en"),
        ("C24/INF/11", "https://www.itu.int/md/S24-CL-INF-0011/en"),
        ("C25/INF/31-F", "https://www.itu.int/md/S25-CL-INF-0031/en"),
        ("TD 12/3", None),
        ("report.txt", None),
    ],
)
def test_page_of_a_symbol(symbol: str, page: str | None) -> None:
    assert official_page(symbol) == page


def test_page_is_in_the_language_in_use() -> None:
    with in_language("fr"):
        assert official_page("C24/53") == "https://www.itu.int/md/S24-CL-C-0053/fr"


def test_symbols_in_a_text_are_linked_and_the_text_stays() -> None:
    text = "By resolution A/RES/76/307, and in (C24/INF/11). Not and/or, not 24/7 or I/O."
    parts = list(with_pages(text))
    assert "".join(part for part, _ in parts) == text
    assert [part for part, page in parts if page] == ["A/RES/76/307", "C24/INF/11"]
