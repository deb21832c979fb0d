"""Answers to the parts of a question, put together: one text, one numbering, each sentence once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from bot.answer import Answer, Delivered, SentenceCallback
from store.records import Citation

_MARKER = re.compile(r"\[(\d+)\]")
# A sentence with its markers; of what is listed line by line, a line.
_SENTENCE = re.compile(r"\S.*?(?:\[\d+\])+(?=\s|$)", re.S)


class Joining:
    """Takes the answers to the parts in order; `said` gets their sentences numbered as in the whole."""

    def __init__(self, said: SentenceCallback | None = None) -> None:
        self._said = said
        self._replies: list[Answer] = []
        self._unanswered: list[str] = []
        self._numbers: dict[tuple[int, str], int] = {}
        self._text = ""
        self._bare: set[str] = set()

    def hear(self, sentence: Delivered) -> None:
        """Take a sentence of the part that is being answered."""
        self._take(sentence.text, sentence.citations, " ")

    def add(self, part: str, reply: Answer) -> None:
        """Take the whole answer to a part; of what was heard of it, nothing is taken twice."""
        if reply.answered:
            listed = "\n" in reply.text
            if listed:
                # A list is not told sentence by sentence, nor is what comes after it.
                self._said = None
            for number, sentence in enumerate(_SENTENCE.findall(reply.text)):
                self._take(
                    sentence, reply.citations, "\n" if listed or (number == 0 and self._listed) else " "
                )
        else:
            self._unanswered.append(part)
        self._replies.append(reply)

    def whole(self, draft: Answer) -> Answer | None:
        """Return the draft with what the parts came to; None where none of them was answered."""
        answered = [reply for reply in self._replies if reply.answered]
        if not answered:
            return None
        models = [reply.model for reply in answered if reply.model != draft.model]
        return replace(
            draft,
            text=self._text,
            answered=True,
            confidence="low" if any(reply.confidence == "low" for reply in answered) else "high",
            model=models[0] if models else draft.model,
            citations=tuple(self._citations()),
            nearest=tuple(
                {
                    (n.source, n.section): n for r in self._replies if not r.answered for n in r.nearest
                }.values()
            ),
            removed=tuple(removed for reply in self._replies for removed in reply.removed),
            judged=all(heard) if (heard := [r.judged for r in answered if r.judged is not None]) else None,
            note=" ".join(dict.fromkeys(reply.note for reply in answered if reply.note)) or None,
            unanswered=tuple(self._unanswered),
        )

    @property
    def _listed(self) -> bool:
        return "\n" in self._text

    def _take(self, sentence: str, citations: Iterable[Citation], link: str) -> None:
        bare = _MARKER.sub("", sentence).strip()
        if bare in self._bare:
            return
        self._bare.add(bare)
        numbered = _MARKER.sub(lambda match: f"[{self._number(match[1])}]", sentence)
        self._text += f"{link if self._text else ''}{numbered}"
        if self._said is not None:
            meant = set(_MARKER.findall(sentence))
            told = [
                replace(c, marker=self._number(str(c.marker))) for c in citations if str(c.marker) in meant
            ]
            self._said(Delivered(numbered, tuple(told)))

    def _number(self, marker: str) -> int:
        """Return the number in the whole of a marker of the part that is being answered."""
        return self._numbers.setdefault((len(self._replies), marker), len(self._numbers) + 1)

    def _citations(self) -> Iterable[Citation]:
        for (place, marker), number in self._numbers.items():
            for citation in self._replies[place].citations:
                if str(citation.marker) == marker:
                    yield replace(citation, marker=number)
