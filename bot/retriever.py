"""Our search as a langchain retriever, so that others can plug it into their chains."""

from __future__ import annotations

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict

from bot.lexicon import aliases
from bot.question import understand
from bot.standalone import StandAlone
from store.records import Hit
from store.search import Search


class SectionRetriever(BaseRetriever):
    """Returns the `k` best sections for a question, best first; `metadata` says which and how near."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    search: Search
    k: int = 5

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun
    ) -> list[Document]:
        sought = understand(StandAlone(query), aliases()).sought
        return [_document(hit) for hit in self.search.search(query, sought, count=self.k).hits]


def _document(hit: Hit) -> Document:
    section, document = hit.section, hit.document
    return Document(
        id=section.id,
        page_content=section.text,
        metadata={
            "source": document.source,
            "document": document.title,
            "symbol": document.symbol,
            "date": document.date.isoformat() if document.date else None,
            "section": section.number,
            "heading": section.heading,
            "page": section.page,
            "score": hit.score,
        },
    )
