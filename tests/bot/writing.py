"""A writer over paragraphs of the sample, with a fake model."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np

from bot.candidates import candidates, weigh
from bot.extractive import choose
from bot.generation import Draft, Task, Writer
from bot.lexicon import aliases
from bot.material import Sources
from bot.model import Limits
from bot.question import understand
from bot.register import RegisterEntry
from bot.standalone import StandAlone
from ingest.sentences import split
from store.records import Hit
from store.search import Found, FoundSentence
from tests.bot.fake_chat import FakeChat, Reply
from tests.bot.passages import passages

DAY = date(2024, 5, 1)


def task(
    question: str,
    *numbers: str,
    report: str = "sample",
    sure: float = 0.8,
    entries: Sequence[RegisterEntry] = (),
) -> Task:
    """Return the task of answering from these paragraphs, best first."""
    hits = [Hit(passages(report)[n].section, passages(report)[n].document, 1.0, 0.5, 1.0) for n in numbers]
    sentences = [
        FoundSentence(place, start, end, 0.5)
        for place, hit in enumerate(hits)
        for start, end in split(hit.section.text)
    ]
    found = Found(tuple(hits), tuple(sentences), {}, 60, {}, (hits[0].document,), np.zeros(1, np.float32))
    understood = understand(StandAlone(question), aliases())
    weights = weigh(understood, found)
    chosen = [s.candidate for s in choose(understood, candidates(understood, found, weights))]
    return Task(Sources(understood, hits, weights, DAY, entries), chosen, sure)


def write(chat: FakeChat, asked: Task, limits: Limits | None = None) -> Draft:
    """Return what a writer makes of the fake model's reply."""
    return Writer(chat.model(limits), lambda: DAY).write(asked)


def written(reply: Reply, question: str, *numbers: str, sure: float = 0.8) -> Draft:
    """Return what becomes of one reply."""
    return write(FakeChat([reply]), task(question, *numbers, sure=sure))
