"""What is stored of an answer besides its text: the paragraphs that it cites, and how it was made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from store.records import Citation

# The `reason` of an answer which says that the documents do not answer the question.
NO_EVIDENCE = "no evidence"


@dataclass(frozen=True, slots=True)
class AnswerRecord:
    """An answer's citations with the version of each document, and how the answer was made.

    `reason` says why a question is not `answered`. `model` is a chat model's name, or "extractive"; `judged` is None
    without a model. `computed`: the answer is lines of the register.
    """

    answered: bool
    reason: str | None = None
    model: str = ""
    judged: bool | None = None
    computed: bool = False
    citations: tuple[Citation, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the record as JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> AnswerRecord:
        """Return the record of JSON values; fields of another version of the program are left out."""
        citations = tuple(Citation(**_known(Citation, one)) for one in values.get("citations", ()))
        return cls(**{**_known(cls, values), "citations": citations})


def _known(record: type[AnswerRecord | Citation], values: Mapping[str, Any]) -> dict[str, Any]:
    names = {each.name for each in fields(record)}
    return {name: value for name, value in values.items() if name in names}
