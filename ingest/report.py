"""What an ingest tells of itself: how far it is, and what it did."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Status = Literal["new", "changed", "unchanged", "removed", "failed"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one document; `notes` are sentences for people about how its file was read.

    `file` is the file that was given, or the archive that it is in; None for a document that was removed.
    """

    source: str
    status: Status
    sections: int = 0
    events: int = 0
    error: str | None = None
    notes: tuple[str, ...] = ()
    file: Path | None = None


@dataclass(frozen=True, slots=True)
class Labelling:
    """What a model was asked about dates: of `asked` sections now, of `kept` ones in an earlier ingest.

    `to_rules` sections got no usable reply, for the reasons of `why`: there the rules decide. `read` and `wrote` count
    tokens.
    """

    model: str
    asked: int = 0
    kept: int = 0
    to_rules: int = 0
    why: tuple[str, ...] = ()
    read: int = 0
    wrote: int = 0


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What an ingest did; `embedded` counts the texts that the embedding model was asked for.

    `labelling` is None where no model reads dates. `remade` counts the documents whose events were made anew without
    being read anew. `notes` are sentences for people about the store: what was mended.
    """

    documents: tuple[Outcome, ...]
    embedded: int
    seconds: float
    notes: tuple[str, ...] = ()
    labelling: Labelling | None = None
    remade: int = 0


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one phase is: `done` of `total` files (read), sections (label), texts (embed), vectors (publish)
    or models (export).
    """

    phase: Literal["read", "label", "embed", "publish", "export"]
    done: int
    total: int
    source: str | None = None


Listener = Callable[[Progress], None]
