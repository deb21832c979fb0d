"""The sentences that may answer a question, of sections with many dates."""

from __future__ import annotations

from datetime import date

import numpy as np

from bot.answers.ranking import rank, weigh
from bot.question import understand
from store.records import Document, Event, Hit, Mention, Section
from store.search import SearchResult, Sentence
from tests.growth import LINEAR, lines_run

_SENTENCE = "The Regional Forum will be held in Suva on 5 May 2025."


def found(count: int) -> SearchResult:
    """Return a section of so many sentences, each of which dates an event of its own."""
    document, day = Document("d", "d.txt", "Report"), date(2025, 5, 5)
    text = "\n".join([_SENTENCE] * count)
    section = Section("d", "1", 0, 0, "", text, text)
    starts = [n * (len(_SENTENCE) + 1) for n in range(count)]
    spans = [(start, start + len(_SENTENCE)) for start in starts]
    hit = Hit(section, document, 1.0, 1.0)
    return SearchResult(
        hits=(hit,),
        sentences=tuple(Sentence(hit, 0, start, end, 1.0) for start, end in spans),
        frequencies={},
        section_count=1,
        names={},
        documents=(document,),
        question_vector=np.ones(1, np.float32),
        events=tuple(
            Event(
                f"event{start}",
                "d",
                "Regional Forum",
                "meeting",
                (Mention(section.id, "5 May 2025", start, end, start=day, end=day, precision="day"),),
            )
            for start, end in spans
        ),
    )


def test_ranking_takes_steps_by_the_number_of_sentences() -> None:
    question = understand("Where will the Regional Forum be held?")

    def steps(count: int) -> int:
        result = found(count)
        weights = weigh(question, result)
        assert all(one.has_asked_kind for one in rank(question, result, weights))
        return lines_run(lambda: rank(question, result, weights))

    assert steps(80) < LINEAR * steps(40)
