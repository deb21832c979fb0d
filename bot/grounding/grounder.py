"""Which passages have the facts of a statement, and the passage's own sentence that replaces one that fails."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date

from bot.grounding.checks import violations
from bot.grounding.facts import Facts, facts
from bot.grounding.interface import Grounded, Passage, Similarity, Statement, Violation
from bot.grounding.names import other_forms
from bot.grounding.quotes import nearest_sentence, overlap, sentences

# A statement goes to a passage that it does not cite only where a sentence there has so much of its terms.
_ATTRIBUTED = 0.6
# Cosine of a statement and the sentence that replaces it.
_NEAR = 0.55
_NOTHING_CITED = Violation("citation", "it cites no passage that was found")


class Grounder:
    """Grounds the statements of one answer. `as_of` are the days of the request, which any statement may name."""

    def __init__(
        self, passages: Sequence[Passage], similarity: Similarity, as_of: Collection[date] = ()
    ) -> None:
        self._passages = passages
        self._similarity = similarity
        self._as_of = tuple(as_of)
        self._forms = other_forms(p.section.text for p in passages)
        # The statements of an answer cite the same passages, and their facts take some milliseconds to parse.
        self._facts: dict[tuple[int, ...], Facts] = {}

    def ground(self, statement: Statement) -> Grounded | Violation:
        """Return the statement with the passages that have its facts, or the first violation.

        It cites retrieved passages; where these lack a fact, or it cites none, it is given to the passage with a
        similar sentence that has them all.
        """
        own = self.cited(statement)
        first: Violation | None = None
        for cites in self._possible(statement.text, own):
            found = violations(statement.text, self._facts_of(cites))
            if not found:
                return self._grounded(statement.text, cites)
            first = first or found[0]
        return first if own and first else _NOTHING_CITED

    def cited(self, statement: Statement) -> tuple[int, ...]:
        """Return the places of the retrieved passages that a statement cites, each once."""
        return tuple(n for n in dict.fromkeys(statement.cites) if 0 <= n < len(self._passages))

    def replacement(self, statement: Statement, said: Collection[str]) -> Grounded | None:
        """Return the nearest sentence of the cited passages, verbatim; None where none is near, or it was said."""
        possible = [
            (alike + overlap(statement.text, text), -n, text, span)
            for n in self.cited(statement)
            for span in sentences(self._passages[n].section.text)
            if (alike := self._similarity(statement.text, text := self._text(n, span))) >= _NEAR
        ]
        if not possible:
            return None
        _, place, text, span = max(possible)
        return None if text in said else Grounded(text, (-place,), (span,))

    def _facts_of(self, cites: tuple[int, ...]) -> Facts:
        if cites not in self._facts:
            self._facts[cites] = facts([self._passages[n] for n in cites], self._forms, self._as_of)
        return self._facts[cites]

    def _text(self, place: int, span: tuple[int, int]) -> str:
        return self._passages[place].section.text[slice(*span)]

    def _possible(self, text: str, own: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
        if own:
            yield own
        others = [
            (overlap(text, self._text(n, nearest_sentence(text, passage))), n)
            for n, passage in enumerate(self._passages)
            if n not in own
        ]
        for share, n in sorted(others, key=lambda found: (-found[0], found[1])):
            if share >= _ATTRIBUTED:
                yield (n,)

    def _grounded(self, text: str, cites: tuple[int, ...]) -> Grounded:
        return Grounded(text, cites, tuple(nearest_sentence(text, self._passages[n]) for n in cites))
