"""The message about one file, as JSON, from the process that reads files; the parent validates it with these types."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import TypeAdapter

from ingest.readers.base import Extract


@dataclass(frozen=True, slots=True)
class Answer:
    """One of four: the text, the reason of a refusal for the user, the traceback of a fault, too little memory."""

    extract: Extract | None = None
    refused: str | None = None
    fault: str | None = None
    exhausted: bool = False


ANSWERS = TypeAdapter(Answer)
