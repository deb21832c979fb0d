"""The entries of the register on a topic, or of a document that it names. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from rapidfuzz import fuzz

from bot.register import RegisterEntry
from store.records import Document
from store.terms import content_words, stem, terms, words

# The least share of a topic's words that an entry has, and the least likeness of a title and a topic, of 100: with it a
# word of seven letters may have one wrong.
_LEAST_SHARE = 0.6
_LEAST_ALIKE = 86.0
# Shorter topics are alike to too much.
_LEAST_LETTERS = 4
_NAME = re.compile(r"[A-Z]\w+(?: [A-Z]\w+)+")


def named_document(topic: str, documents: Iterable[Document]) -> Document | None:
    """Return the document that a topic names by file name, symbol or title."""
    name = topic.casefold().strip()
    return next((document for document in documents if name in _document_names(document)), None)


def _document_names(document: Document) -> set[str]:
    return {name.casefold() for name in (document.source, document.symbol, document.title) if name}


def on_topic(
    register: Sequence[RegisterEntry],
    documents: Iterable[Document],
    topic: str,
    names: Mapping[str, Sequence[str]] | None = None,
) -> Sequence[RegisterEntry]:
    """Return the entries of a topic or of the document that it names, in order; all for "".

    `names`: acronym or name -> its other forms ("gdc" -> "global digital compact"), by which entries are found too.
    """
    if not topic.strip():
        return register
    document = named_document(topic, documents)
    if document is not None:
        return [entry for entry in register if document.source in entry.sources]
    # As typed, and with each name in it in its other forms.
    own = content_words(topic) or words(topic)
    forms = [own, *(words(other) for word in (*own, " ".join(own)) for other in (names or {}).get(word, ()))]
    wanted = [(" ".join(form), frozenset(map(stem, form))) for form in forms if form]
    return [entry for entry in register if any(_is_on_topic(entry, form, stems) for form, stems in wanted)]


def _is_on_topic(entry: RegisterEntry, form: str, stems: frozenset[str]) -> bool:
    """Whether an entry has enough of a topic's words, or a title much like it."""
    titles = [entry.title, *(title for _language, title in entry.other_titles)]
    dated = entry.mentions[0]
    own = _entry_terms(f"{' '.join(titles)} {entry.location or ''} {dated.heading} {dated.quote}")
    if len(stems & own) >= _LEAST_SHARE * len(stems):
        return True
    return len(form) >= _LEAST_LETTERS and any(
        fuzz.token_set_ratio(form, " ".join(words(title))) >= _LEAST_ALIKE for title in titles
    )


# A large register has as many entries, and each topic is compared with all.
@lru_cache(maxsize=20_000)
def _entry_terms(text: str) -> frozenset[str]:
    """Return the stemmed words of a text, and the initials of its names: "gdc" for "the Global Digital Compact"."""
    initials = ("".join(word[0] for word in name[0].split()) for name in _NAME.finditer(text))
    return frozenset(terms(f"{text} {' '.join(initials)}"))
