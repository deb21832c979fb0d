"""All sentences of an answer verified at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.answer import Removed
from bot.verification import Kept, Passage, Similarity, Verifier, Written


@dataclass(frozen=True, slots=True)
class Verified:
    """What may be delivered, in order, and what may not."""

    kept: tuple[Kept, ...]
    removed: tuple[Removed, ...]


def verify(
    sentences: Sequence[Written], passages: Sequence[Passage], similarity: Similarity | None = None
) -> Verified:
    """Return which of the sentences the passages support, and what was removed and why."""
    verifier = Verifier(passages, similarity)
    checked = [verifier.check(sentence) for sentence in sentences]
    return Verified(
        tuple(c for c in checked if isinstance(c, Kept)), tuple(c for c in checked if isinstance(c, Removed))
    )
