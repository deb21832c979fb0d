"""Questions for several kinds of answer ("when and where"): each kind is answered, or named as unanswered. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.answers.answer import Answer
from bot.answers.asked_kinds import matches, tested_kinds
from bot.answers.candidates import Candidate, may_be_at
from bot.answers.extractive import extractive_answer, refusal, select
from bot.answers.multi_part import join_answers
from bot.answers.register_answers import kinds_of
from bot.question import Ask, Question, asked_for, asking_phrases
from bot.register import RegisterEntry
from bot.register.questions import AnswerLine
from store.search import SearchResult


def combined(
    draft: Answer,
    question: Question,
    reply: Answer | None,
    dated: Answer | None,
    lines: Sequence[AnswerLine],
    found: SearchResult | None,
) -> Answer:
    """Return the documents' reply, or else `dated`, the register's answer of these lines, with what both lack.

    Of a question for several kinds of answer, each kind that they lack is looked for in what was found, and named as
    unanswered if it is not there; None: a model has looked already. If nothing is answered, the reply is returned.
    """
    asked = tested_kinds(question)
    whole = reply or draft
    # A model may say what it found no answer to.
    named = {kind for words in whole.unanswered for kind in asked_for(words)}
    given = {k for k in asked if whole.answered and k not in named and matches(k, whole.text, question)}
    if dated is not None and not (whole.answered and given >= kinds_of(lines).intersection(asked)):
        whole = join_answers(draft, [("", whole), ("", dated)]) if given or named else dated
        given |= kinds_of(lines)
        open_parts = tuple(w for w in whole.unanswered if not given.issuperset(asked_for(w) or ["what"]))
        whole = replace(whole, unanswered=open_parts)
    missing = [kind for kind in asked if kind not in given | named]
    # "How many days until the Summit?" asks for one kind, which the register's lines give.
    single = len(asked) < 2 and (whole is reply or "how many" in asked)
    if single or not missing:
        return whole
    words = asking_phrases(question.text)
    parts = [("", whole)] if whole.answered else []
    for kind in missing:
        if any(p.answered and matches(kind, p.text, question) for _, p in parts):
            continue
        part = replace(draft, reason="no evidence")
        if found is not None:
            alone = select(replace(question, asks=(kind,)), found, draft.as_of)
            entries = [entry for line in lines for entry in line.entries]
            holds = bool(alone.chosen) and _holds(alone.chosen[0].candidate, kind, found, entries)
            part = extractive_answer(draft, alone, best_only=True) if holds else refusal(draft, alone)
        parts.append((words.get(kind, kind), part))
    return join_answers(draft, parts) if any(part.answered for _, part in parts) else whole


def _holds(sentence: Candidate, kind: Ask, found: SearchResult, entries: Sequence[RegisterEntry]) -> bool:
    """Return whether a sentence has what is asked for: beside other answers, any other would pass for an answer."""
    if not sentence.has_asked_kind or kind != "where":
        return sentence.has_asked_kind
    place = (sentence.hit.section.id, sentence.start)
    return may_be_at(place, sentence.text, {entry.id: entry.title for entry in entries}, found.events)
