from __future__ import annotations

from datetime import date

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
