from __future__ import annotations

from bot.assistant import SectionRetriever
from bot.wiring import Services


def test_retriever_returns_sections_with_their_place(report: Services) -> None:
    with report.search.view() as view:
        found = SectionRetriever(view=view).invoke("When is the Summit of the Future?")
    assert len(found) == 10
    assert found[0].metadata["section"] == "2.2"
    assert "22-23 September 2024" in found[0].page_content
