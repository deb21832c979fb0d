"""Questions for several kinds of answer ("when and where"): each kind is answered, or named as unanswered. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.answers.answer import Answer
from bot.answers.asked_kinds import matches, tested_kinds
from bot.answers.candidates import Candidate, dating_events, may_be_at
from bot.answers.extractive import extractive_answer, refusal, select
from bot.answers.multi_part import join_answers
from bot.answers.register_answers import RegisterReply
from bot.question import Ask, Question, asked_for, asking_phrases
from bot.register import RegisterEntry
from store.search import SearchResult


def complete(
    draft: Answer,
    question: Question,
    reply: Answer | None,
    dated: RegisterReply | None,
    found: SearchResult | None,
) -> Answer:
    """Return the documents' reply, or else the register's, with the kinds of answer that it lacks.

    If the question asks for several kinds, each that both lack is looked for in what was found, and named as unanswered
    if it is not there; without `found`, a model has looked already. If nothing is answered, the reply is returned.
    """
    asked = tested_kinds(question)
    whole, settled = _with_register(draft, question, reply or draft, dated)
    missing = [kind for kind in asked if kind not in settled]
    # "How many days until the Summit?" asks for one kind, which the register's lines give.
    single = len(asked) < 2 and (whole is reply or "how many" in asked)
    if single or not missing:
        return whole
    words = asking_phrases(question.text)
    entries = dated.entries if dated is not None else ()
    parts = [("", whole)] if whole.answered else []
    for kind in missing:
        if not any(part.answered and matches(kind, part.text, question) for _, part in parts):
            parts.append((words.get(kind, kind), _answer_kind(draft, question, kind, found, entries)))
    return join_answers(draft, parts) if any(part.answered for _, part in parts) else whole


def _with_register(
    draft: Answer, question: Question, reply: Answer, dated: RegisterReply | None
) -> tuple[Answer, set[Ask]]:
    """Return the reply, with the register's lines if it lacks a kind that they give, and the settled kinds.

    A kind is settled if it is answered, or if the reply names it as unanswered.
    """
    asked = tested_kinds(question)
    # A model may say what it found no answer to.
    named = {kind for words in reply.unanswered for kind in asked_for(words)}
    given = {k for k in asked if reply.answered and k not in named and matches(k, reply.text, question)}
    if dated is None or (reply.answered and given >= dated.kinds.intersection(asked)):
        return reply, given | named
    whole = join_answers(draft, [("", reply), ("", dated.answer)]) if given or named else dated.answer
    given |= dated.kinds
    unanswered = tuple(w for w in whole.unanswered if not given.issuperset(asked_for(w) or ["what"]))
    return replace(whole, unanswered=unanswered), given | named


def _answer_kind(
    draft: Answer,
    question: Question,
    kind: Ask,
    found: SearchResult | None,
    entries: Sequence[RegisterEntry],
) -> Answer:
    """Return the best sentence found for one kind of answer, or a refusal."""
    if found is None:
        return replace(draft, reason="no evidence")
    alone = select(replace(question, asks=(kind,)), found, draft.as_of)
    if alone.chosen and _holds(alone.chosen[0].candidate, kind, found, entries):
        return extractive_answer(draft, alone, best_only=True)
    return refusal(draft, alone)


def _holds(sentence: Candidate, kind: Ask, found: SearchResult, entries: Sequence[RegisterEntry]) -> bool:
    """Return whether a sentence has what is asked for: beside other answers, any other would pass for an answer."""
    if not sentence.has_asked_kind or kind != "where":
        return sentence.has_asked_kind
    place = (sentence.hit.section.id, sentence.start)
    dated = dating_events(found.events).get(place, frozenset())
    return may_be_at(sentence.text, {entry.id: entry.title for entry in entries}, dated)
