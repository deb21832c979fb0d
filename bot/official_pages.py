"""The official pages of documents, by their symbols: those of the United Nations and of the ITU Council. Pure.

https://docs.un.org has the documents of the United Nations by symbol, https://www.itu.int/md those of ITU's meetings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.locales import language

# Of the General Assembly, the Security Council and the Economic and Social Council; a session or a year may follow.
_UNITED_NATIONS = re.compile(r"[ASE]/[A-Z0-9][A-Z0-9./-]*\d(?: ?\([A-Z0-9-]+\))?")
# The year, the kind of document, and its number; the letter of its language may follow.
_COUNCIL = re.compile(r"C(\d\d)/(?:(INF|DT|DL)/)?(\d{1,4})(?:-[ACEFRS])?")
_SYMBOL = re.compile(rf"(?<![\w/.])(?:{_UNITED_NATIONS.pattern}|{_COUNCIL.pattern})(?![\w/])")


def official_page(symbol: str) -> str | None:
    """Return the address of a document's page in the language in use; None for a symbol of another house."""
    if found := _COUNCIL.fullmatch(symbol):
        year, kind, number = found.groups()
        name = f"S{year}-CL-{kind or 'C'}-{int(number):04}"
        return f"https://www.itu.int/md/{name}/{language()}"
    if _UNITED_NATIONS.fullmatch(symbol):
        return f"https://docs.un.org/{language()}/{symbol.replace(' ', '')}"
    return None


def with_pages(text: str) -> Iterator[tuple[str, str | None]]:
    """Yield the parts of a text, each with the address of the page if it is the symbol of a document."""
    end = 0
    for found in _SYMBOL.finditer(text):
        if found.start() > end:
            yield text[end : found.start()], None
        yield found[0], official_page(found[0])
        end = found.end()
    if end < len(text):
        yield text[end:], None
