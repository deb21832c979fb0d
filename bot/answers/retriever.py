"""The search as a langchain retriever, so that traces show it."""

from __future__ import annotations

from collections.abc import Callable

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import RunnableConfig
from pydantic import ConfigDict

from bot.question import ContextualQuestion, Question, understand
from bot.telemetry.spans import span
from store.records import Hit
from store.search import Search, SearchResult, SearchView


class SectionRetriever(BaseRetriever):
    """Returns the `k` best sections for a question, best first; `metadata` has their place and score."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    search: Search | SearchView
    k: int = 10

    def retrieve(self, question: Question, config: RunnableConfig | None = None) -> SearchResult:
        """Return the result of the search, in one traced run. Raises StoreError."""
        found: list[SearchResult] = []
        self.invoke(question.text, config, understood=question, receive=found.append)
        return found[0]

    def _get_relevant_documents(
        self,
        query: str,
        *,
        run_manager: CallbackManagerForRetrieverRun,
        understood: Question | None = None,
        receive: Callable[[SearchResult], None] | None = None,
    ) -> list[Document]:
        question = understood or understand(ContextualQuestion(query))
        with span("retrieval"):
            found = self.search.search(query, question.sought, count=self.k)
        if receive is not None:
            receive(found)
        return [_document(hit) for hit in found.hits]


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
