"""The paragraph behind a citation: in the cited version while that is stored, and only for those who may see it."""

from __future__ import annotations

import pytest

from bot.answering.citations import citation
from bot.sources import SourcePage, read_source
from store.records import Citation
from tests.small_store import SmallStore, stored_sections

FIRST = """1. Forum
1.1\tThe Forum will be held in Geneva in July 2025.
1.2\tThe Alliance has eighty-four partners.
1.3\tIts secretary is appointed by the Council.
"""
SECOND = FIRST.replace("eighty-four", "ninety")


def ingest(store: SmallStore, text: str, audience: str = "everybody") -> None:
    paper = store.folder / "papers" / "report.txt"
    paper.parent.mkdir(parents=True, exist_ok=True)
    paper.write_text(text, encoding="utf-8")
    store.pipeline.ingest([paper], audience=audience)


def cite(store: SmallStore, number: str, audience: str = "everybody") -> Citation:
    catalog = store.catalog.seen_by(frozenset({audience}))
    [document] = catalog.documents()
    section = next(each for each in stored_sections(catalog, document.id) if each.number == number)
    return citation(1, document, section, 0, len(section.text))


def read(store: SmallStore, cited: Citation, section_id: str = "") -> SourcePage:
    page = read_source(store.catalog, cited, section_id)
    assert page is not None
    return page


def numbers(page: SourcePage) -> tuple[str | None, ...]:
    return tuple(near and near.number for near in (page.before, page.section, page.after))


@pytest.mark.parametrize(("number", "shown"), [("1.1", (None, "1.1", "1.2")), ("1.2", ("1.1", "1.2", "1.3"))])
def test_paragraph_is_shown_between_its_neighbours(
    store: SmallStore, number: str, shown: tuple[str | None, ...]
) -> None:
    ingest(store, FIRST)
    assert numbers(read(store, cite(store, number))) == shown


def test_changed_paragraph_is_shown_in_the_version_that_was_cited(store: SmallStore) -> None:
    ingest(store, FIRST)
    cited = cite(store, "1.2")
    ingest(store, SECOND)
    page = read(store, cited)
    assert page.section is not None
    assert page.shown is not None
    assert "eighty-four" in page.section.text
    assert (page.shown.version, page.live.version, page.still_there) == (1, 2, False)


def test_removed_document_has_no_source(store: SmallStore) -> None:
    ingest(store, FIRST)
    cited = cite(store, "1.2")
    store.pipeline.remove("report.txt")
    assert read_source(store.catalog, cited) is None


def test_document_of_a_channel_is_not_shown_elsewhere(store: SmallStore) -> None:
    ingest(store, FIRST, "T1/C1")
    cited = cite(store, "1.2", "T1/C1")
    seen = [
        read_source(store.catalog.seen_by(frozenset(audiences)), cited)
        for audiences in ({"everybody", "T1/C1"}, {"everybody"}, {"everybody", "T1/C2"})
    ]
    assert [page is not None for page in seen] == [True, False, False]
