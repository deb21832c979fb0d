"""A writer over paragraphs of a report, with a fake model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np

from bot.answers import SentenceCallback
from bot.answers.extractive import select
from bot.grounding.grounder import overlap
from bot.llm import Judge, ModelJudge, PromptMaterial, ReplyLimits, Writer
from bot.llm.writer import WrittenAnswer
from bot.question import understand
from bot.register import RegisterEntry
from ingest.document.sentences import split
from store.records import Hit
from store.search import SearchResult, Sentence
from tests.bot.llm.fake_chat import FakeChat, Reply
from tests.bot.passages import passages

DAY = date(2024, 5, 1)


def hits_of(*numbers: str, report: str = "sample") -> list[Hit]:
    """Return paragraphs of a report as hits, best first."""
    return [Hit(passages(report)[n].section, passages(report)[n].document, 1.0, 0.5) for n in numbers]


def material(
    question: str,
    *numbers: str,
    report: str = "sample",
    entries: Sequence[RegisterEntry] = (),
    hits: Sequence[Hit] = (),
    as_of: date = DAY,
) -> PromptMaterial:
    """Return the material of a prompt: these paragraphs, or these hits, best first."""
    hits = hits or hits_of(*numbers, report=report)
    sentences = [
        Sentence(hit, place, start, end, 0.5)
        for place, hit in enumerate(hits)
        for start, end in split(hit.section.text)
    ]
    documents = tuple({hit.document.id: hit.document for hit in hits}.values())
    found = SearchResult(tuple(hits), tuple(sentences), {}, 60, {}, documents, np.zeros(1, np.float32))
    understood = understand(question)
    chosen = select(understood, found)
    return PromptMaterial(understood, hits, chosen.weights, as_of, entries, chosen.sentences)


def shared_terms(one: str, other: str, _language: str) -> float:
    """A similarity without an embedding model: the share of the first text's terms in the other."""
    return overlap(one, other)


def writer(
    chat: FakeChat, limits: ReplyLimits | None = None, *, judge: Judge | None = None, judging: bool = True
) -> Writer:
    """Return a writer with the fake model, which is also the judge by default."""
    model = chat.model(limits)
    return Writer(model, (judge or ModelJudge(model)) if judging else None, lambda: DAY, shared_terms)


def write(
    chat: FakeChat,
    asked: PromptMaterial,
    limits: ReplyLimits | None = None,
    on_sentence: SentenceCallback | None = None,
) -> WrittenAnswer:
    """Return what a writer makes of the fake model's reply."""
    return writer(chat, limits).write(asked, on_sentence)


def write_reply(
    reply: Reply, question: str, *numbers: str, verdicts: Mapping[str, Reply] | None = None
) -> WrittenAnswer:
    """Return what a writer makes of one reply; the judge confirms what `verdicts` does not name."""
    return write(FakeChat([reply], verdicts=dict(verdicts or {})), material(question, *numbers))
