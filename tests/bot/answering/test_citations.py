from __future__ import annotations

from datetime import date

import pytest

from bot.answering.citations import entry_citations
from bot.register import EntryMention
from store.records import Document
from tests.bot.register_entries import entry


def test_paragraph_that_dates_an_entry_is_cited_and_one_of_each_other_document() -> None:
    day = date(2024, 9, 22)
    mentions = tuple(
        EntryMention(source, section, "22 September", day, day, f"In {section} of {source}.")
        for source, section in (("new.txt", "4"), ("new.txt", "9"), ("old.txt", "2"), ("old.txt", "7"))
    )
    documents = {name: Document(name, name, name, version=1) for name in ("new.txt", "old.txt")}

    cited = [
        (one.source, one.section, one.quote)
        for one in entry_citations(entry("Summit", "2024-09-22", mentions=mentions), documents)
    ]

    assert cited == [("new.txt", "4", "In 4 of new.txt."), ("old.txt", "2", "In 2 of old.txt.")]


@pytest.mark.parametrize(("language", "cited"), [("fr", "f.txt"), ("en", "e.txt"), ("zh", "e.txt")])
def test_of_versions_of_a_document_the_one_in_the_language_or_else_in_english_is_cited(
    language: str, cited: str
) -> None:
    day = date(2024, 9, 22)
    versions = {"r.txt": "ru", "e.txt": "en", "f.txt": "fr"}
    mentions = tuple(EntryMention(name, "4", "22 September", day, day, "It is then.") for name in versions)
    documents = {
        name: Document(name, name, name, version=1, symbol=f"C24/11-{code[0].upper()}", language=code)
        for name, code in versions.items()
    }

    found = entry_citations(entry("Summit", "2024-09-22", mentions=mentions), documents, language)

    assert [citation.source for citation in found] == [cited]
