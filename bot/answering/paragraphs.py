"""Paragraphs by their URIs: `itubot://C24-INF-11/2.2` is the paragraph 2.2 of the document C24/INF/11."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import quote, unquote

from bot.errors import QuestionError
from store.records import EVERYBODY, Document, Section, short_hash
from store.search import SearchView

TEMPLATE = "itubot://{document}/{paragraph}"
_SCHEME = "itubot://"
# Hexadecimal digits of a section's id, after the number that several paragraphs of a document have.
_ID_DIGITS = 8


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of a document's live version. `before` and `after` are the URIs of its neighbours."""

    uri: str
    document: Document
    section: Section
    before: str | None
    after: str | None

    @property
    def title(self) -> str:
        """Its document, number and heading: "C24/INF/11, § 2.2: Our Common Agenda"."""
        heading = f": {self.section.heading}" if self.section.heading else ""
        return f"{self.document.symbol or self.document.title}, § {self.section.number}{heading}"


class Paragraphs:
    """The paragraphs of the live documents, in a view of what a reader may see. All methods raise StoreError."""

    def __init__(self, view: SearchView) -> None:
        # It keeps the list of documents from one question to the next.
        self._view = view
        self._read: dict[str, list[Paragraph]] = {}

    @cached_property
    def _names(self) -> dict[str, Document]:
        return names(self._view.documents)

    @cached_property
    def _names_by_id(self) -> dict[str, str]:
        return {document.id: name for name, document in self._names.items()}

    def find(self, document: Document, number: str) -> Paragraph:
        """Return the paragraph of a number, as the URIs have it. Raises QuestionError, which says what there is."""
        paragraphs = self.of_document(document)
        found = [p for p in paragraphs if unquote(p.uri.rpartition("/")[2]) == number]
        if found:
            return found[0]
        first, last = (paragraphs[n].section.number for n in (0, -1)) if paragraphs else ("none", "none")
        raise QuestionError(
            f"the document has no paragraph {number[:40]!r} now; its first is {first} and its last {last}"
        )

    def of_section(self, document_id: str, section_id: str) -> Paragraph | None:
        """Return the paragraph of a section's id; None if the live version of its document does not have it."""
        document = self._names.get(self._names_by_id.get(document_id, ""))
        paragraphs = self.of_document(document) if document else ()
        return next((p for p in paragraphs if p.section.id == section_id), None)

    def named(self, name: str) -> Document | None:
        """Return the document of a name, or else of a symbol or file name, in capital or small letters."""
        if name in self._names:
            return self._names[name]
        wanted = name.casefold()
        known = [
            *self._names.items(),
            *((other, d) for d in self._names.values() for other in (d.symbol, d.source)),
        ]
        return next((d for other, d in known if other and other.casefold() == wanted), None)

    def name_of(self, document: Document) -> str:
        """Return the name of a document in the URIs of its paragraphs."""
        return self._names_by_id[document.id]

    def of_document(self, document: Document) -> list[Paragraph]:
        """Return a document's paragraphs in reading order; they are read once."""
        if document.id not in self._read:
            sections = self._view.snapshot.sections_of(document.id, document.version)
            counts = Counter(section.number for section in sections)
            name = quote(self._names_by_id[document.id], safe="")
            numbers = (
                s.number if counts[s.number] == 1 else f"{s.number}~{s.id[:_ID_DIGITS]}" for s in sections
            )
            uris = [f"{_SCHEME}{name}/{quote(number, safe='')}" for number in numbers]
            self._read[document.id] = [
                Paragraph(uri, document, section, before=before, after=after)
                for section, uri, before, after in zip(
                    sections, uris, [None, *uris[:-1]], [*uris[1:], None], strict=True
                )
            ]
        return self._read[document.id]


def names(documents: Iterable[Document]) -> dict[str, Document]:
    """Return name -> document, those for everybody first; a name is its id, with - for /.

    If two have one name, the second has its id as it is, or a hash of it.
    """
    found: dict[str, Document] = {}
    for document in sorted(documents, key=lambda d: (d.audience != EVERYBODY, d.id)):
        possible = (document.id.replace("/", "-"), document.id, short_hash(document.id))
        found[next(name for name in possible if name not in found)] = document
    return found
