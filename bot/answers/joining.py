"""The answers to the parts of a question in one: one text, one numbering, each sentence once. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.answers.answer import Answer
from store.records import Citation

_MARKER = re.compile(r"\[(\d+)\]")
# A sentence with its markers; of what is listed line by line, a line with what stands above it.
_SENTENCE = re.compile(r"\S.*?(?:\[\d+\])+(?=\s|$)", re.S)


def joined(draft: Answer, parts: Sequence[tuple[str, Answer]]) -> Answer:
    """Return the draft with what the parts came to, (words, answer) each; the first one's answer where none has one."""
    answered = [reply for _, reply in parts if reply.answered]
    if not answered:
        return replace(parts[0][1], question=draft.question, standalone_question=draft.standalone_question)
    citations: list[Citation] = []
    said: dict[str, str] = {}
    for reply in answered:
        shift = len(citations)
        for sentence in _SENTENCE.findall(reply.text):
            said.setdefault(_MARKER.sub("", sentence).strip(), _numbered(sentence, shift.__add__))
        citations += [replace(citation, marker=citation.marker + shift) for citation in reply.citations]
    listed = any("\n" in reply.text for reply in answered)
    text = ("\n" if listed else " ").join(said.values())
    used = {int(number) for number in _MARKER.findall(text)}
    number = {old: new for new, old in enumerate(sorted(used), start=1)}
    models = [reply.model for reply in answered if reply.model != draft.model]
    # The section nearest to two parts is offered once, whatever it is quoted with.
    nearest = {(n.source, n.section): n for _, r in parts if not r.answered for n in r.nearest}
    heard = [reply.judged for reply in answered if reply.judged is not None]
    return replace(
        draft,
        text=_numbered(text, number.__getitem__),
        answered=True,
        confidence="low" if any(reply.confidence == "low" for reply in answered) else "high",
        model=models[0] if models else draft.model,
        citations=tuple(replace(c, marker=number[c.marker]) for c in citations if c.marker in used),
        nearest=tuple(nearest.values()),
        removed=tuple(removed for _, reply in parts for removed in reply.removed),
        judged=all(heard) if heard else None,
        note=" ".join(dict.fromkeys(reply.note for reply in answered if reply.note)) or None,
        reckoned=any(reply.reckoned for reply in answered),
        unanswered=tuple(words for words, reply in parts if not reply.answered),
    )


def _numbered(text: str, number: Callable[[int], int]) -> str:
    return _MARKER.sub(lambda match: f"[{number(int(match[1]))}]", text)
