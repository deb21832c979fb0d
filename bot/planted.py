"""Text in a document that speaks to a program instead of a reader: it is no evidence, for itself nor for what follows.

Reports do not tell their readers to ignore instructions. Where one does, somebody has planted it: that sentence, and
what comes after it in its paragraph, is neither shown to a model, nor quoted as an answer, nor does it support one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

from ingest.sentences import split
from store.records import Event, Section

_ORDERS = re.compile(
    r"\b(?:ignore|disregard|forget|override|bypass)\b[^.!?]{0,60}"
    r"\b(?:instructions?|prompts?|rules|guidelines|(?:everything|anything|all|text) (?:above|before|prior))\b"
    r"|\b(?:system|developer|hidden)\s+(?:prompt|message|instructions?)\b"
    r"|\b(?:reveal|print|repeat|output|leak|show|disclose|recite)\b[^.!?]{0,40}"
    r"\b(?:prompt|your instructions|api key|passwords?|secrets?)\b"
    r"|\b(?:print|include|insert|append|add|show|give)\b[^.!?]{0,30}\b(?:this|the following) (?:link|url|address)\b"
    r"|\b(?:to|for|attention)\s+(?:the|any|an|all)\s+(?:ai|language model|llm|chatbot|assistant|bot)s?\b\s*[:,(]"
    r"|\bif you are (?:an?|the) (?:ai|language model|llm|chatbot|assistant|bot)\b"
    r"|\byou are (?:now |no longer )(?:an?|the|in)\b|\byou are an? (?:\w+ ){0,2}(?:assistant|chatbot|language model)\b"
    r"|\bnew instructions?\s*:|\b(?:end|begin(?:ning)?|start) of (?:the )?(?:passages?|quotations?|context|prompt)\b"
    r"|^\W*(?:please\s+|now\s+)*(?:say|respond|reply|answer)\s+(?:only\s+|instead\s+|always\s+)?(?:that|with|as|in)\b"
    r"|^\W*(?:system|assistant|user)\s*:|^\W*\[\d{1,3}\]\s*(?:trusted|passage|source)\b"
    r"|<\|[^|<>]*\|>|</?(?:system|assistant|instructions?|passages?)>|\[/?(?:INST|SYS)\]|\"\"\"",
    re.I | re.M,
)


def is_planted(text: str) -> bool:
    """Whether a sentence, a title or a heading gives a program orders."""
    return _ORDERS.search(text) is not None


@lru_cache(maxsize=4096)
def told(text: str) -> str:
    """Return a paragraph of the same length, with spaces in place of what is planted and what follows it."""
    for start, end in split(text):
        if is_planted(text[start:end]):
            return text[:start] + " " * (len(text) - start)
    # An order may run over the end of a sentence.
    return " " * len(text) if is_planted(text) else text


def unplanted(event: Event, sections: Mapping[str, Section]) -> Event:
    """Return an event without the mentions that are planted; all of them, where its title is."""
    if is_planted(event.title):
        return replace(event, mentions=())
    true = tuple(
        mention
        for mention in event.mentions
        if (section := sections.get(mention.section_id)) is None
        or not _blanked(section.text, mention.sentence_start, mention.sentence_end)
    )
    return event if len(true) == len(event.mentions) else replace(event, mentions=true)


def _blanked(text: str, start: int, end: int) -> bool:
    return bool(text[start:end].strip()) and not told(text)[start:end].strip()
