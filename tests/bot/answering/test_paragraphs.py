"""Names of documents and numbers of paragraphs in URIs."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote

import pytest

from bot.answering.paragraphs import Paragraphs, names
from store.records import Document
from tests.small_store import SmallStore


@pytest.mark.parametrize(
    ("ids", "named"),
    [
        (["C24/INF/11"], {"C24-INF-11": "C24/INF/11"}),
        # Two documents of one name keep names of their own, in any order.
        (["C24-11", "C24/11"], {"C24-11": "C24-11", "C24/11": "C24/11"}),
        (["C24/11", "C24-11"], {"C24-11": "C24-11", "C24/11": "C24/11"}),
        # One of a channel does not change the name of a public one.
        (["T1/C1:C24/11", "C24/11"], {"C24-11": "C24/11", "T1-C1:C24-11": "T1/C1:C24/11"}),
    ],
)
def test_names(ids: list[str], named: dict[str, str]) -> None:
    documents = [Document(i, i, i, audience=i.rpartition(":")[0] or "everybody") for i in ids]

    assert {name: d.id for name, d in names(documents).items()} == named


def test_every_paragraph_is_found_by_its_uri(store: SmallStore, tmp_path: Path) -> None:
    unnumbered = tmp_path / "plain notes.txt"
    unnumbered.write_text("The panel has met.\n")
    repeated = tmp_path / "annex.txt"
    repeated.write_text("1. Forum\n1.1\tIt met.\n1. Annex\n1.1\tIt was asked to meet.\n")
    store.ingest(unnumbered, repeated)
    with store.search.view() as view:
        paragraphs = Paragraphs(view)
        every = [p for document in view.documents for p in paragraphs.of_document(document)]

        assert len({p.uri for p in every}) == len(every) == 3
        assert any(p.uri.startswith("itubot://plain%20notes.txt/") for p in every)
        for p in every:
            assert paragraphs.find(p.document, unquote(p.uri.rpartition("/")[2])) == p
