"""Names of documents and numbers of paragraphs in URIs."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.mcp.paragraphs import Paragraphs, UnknownParagraph, names
from store.records import Document
from tests.small_store import SmallStore


def document(name: str, audience: str = "everybody") -> Document:
    return Document(name, name, name, audience=audience)


def test_a_symbol_is_written_with_hyphens() -> None:
    assert list(names([document("C24/INF/11")])) == ["C24-INF-11"]


@pytest.mark.parametrize("ids", [("C24-11", "C24/11"), ("C24/11", "C24-11")])
def test_two_documents_of_one_name_keep_names_of_their_own(ids: tuple[str, str]) -> None:
    found = names(map(document, ids))

    assert {name: d.id for name, d in found.items()} == {"C24-11": "C24-11", "C24/11": "C24/11"}


def test_a_document_of_a_channel_does_not_change_the_name_of_a_public_one() -> None:
    found = names([document("T1/C1:C24/11", "T1/C1"), document("C24/11")])

    assert {name: d.id for name, d in found.items()} == {
        "C24-11": "C24/11",
        "T1-C1:C24-11": "T1/C1:C24/11",
    }


def test_any_ids_get_different_names() -> None:
    ids = [f"a{x}b{y}c" for x in "/-%" for y in "/-%"]

    assert sorted(d.id for d in names(map(document, ids)).values()) == sorted(ids)


@pytest.fixture
def plain(store: SmallStore, tmp_path: Path) -> SmallStore:
    """A store with a document whose paragraphs have no numbers."""
    path = tmp_path / "plain notes.txt"
    path.write_text("\n\n".join(f"The {word} panel has met twice." for word in ("first", "second", "third")))
    numbered = tmp_path / "annex.txt"
    numbered.write_text("1. Forum\n1.1\tIt met.\n1. Annex\n1.1\tIt was asked to meet.\n")
    store.ingest(path, numbered)
    return store


def test_every_paragraph_is_found_by_its_uri(plain: SmallStore) -> None:
    with plain.search.view() as view:
        paragraphs = Paragraphs(view)
        every = paragraphs.page(0, 100)

        assert len(every) == paragraphs.total
        assert len({p.uri for p in every}) == len(every)
        assert [paragraphs.find(p.uri).section.id for p in every] == [p.section.id for p in every]


def test_a_number_of_several_paragraphs_names_them(plain: SmallStore) -> None:
    with (
        plain.search.view() as view,
        pytest.raises(UnknownParagraph, match=r"2 paragraphs .*1\.1~"),
    ):
        Paragraphs(view).find("itubot://annex.txt/1.1")


def test_pages_are_parts_of_the_whole_list(plain: SmallStore) -> None:
    with plain.search.view() as view:
        paragraphs = Paragraphs(view)
        every = [p.uri for p in paragraphs.page(0, 100)]

        for size in (1, 2, 3):
            pages = [paragraphs.page(start, size) for start in range(0, len(every), size)]
            assert [p.uri for page in pages for p in page] == every


def test_spaces_are_escaped(plain: SmallStore) -> None:
    with plain.search.view() as view:
        uris = [p.uri for p in Paragraphs(view).page(0, 100)]

    assert any(uri.startswith("itubot://plain%20notes.txt/") for uri in uris)
