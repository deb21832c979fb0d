"""Progress and result of an ingest, of a reindex, and of a fetch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

FetchStatus = Literal["unchanged", "changed", "failed", "gone"]
Status = Literal["new", "changed", "unchanged", "removed", "failed"]

# The error for a file that was sent before the file of the same name in the library.
SUPERSEDED = "a file of this name that was sent later is in the library already"


@dataclass(frozen=True, slots=True)
class FileOutcome:
    """The result for one file; `notes` are sentences for people about how it was read.

    `source` is the name of the document. `file` is the path of the file, or of its archive; None for a document that
    was removed. `duplicate`: it failed because another file is the same document.
    """

    source: str
    status: Status
    sections: int = 0
    events: int = 0
    error: str | None = None
    notes: tuple[str, ...] = ()
    file: Path | None = None
    duplicate: bool = False


@dataclass(frozen=True, slots=True)
class Labelling:
    """Numbers of sections whose events a model read: `asked` in this ingest, `kept` in an earlier one.

    `to_rules`: those for which it gave no usable reply, for the reasons in `why`, so that they are read plainly.
    `read` and `wrote` are the model's tokens.
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
    """The result of an ingest; `embedded` is the number of texts that were embedded.

    `labelling` is None if no model reads events. `rebuilt` is the number of unchanged documents with new events.
    `notes` are sentences for people about the store, such as repairs.
    """

    documents: tuple[FileOutcome, ...]
    embedded: int
    seconds: float
    notes: tuple[str, ...] = ()
    labelling: Labelling | None = None
    rebuilt: int = 0


@dataclass(frozen=True, slots=True)
class ReindexReport:
    """The result of a reindex: the number of sections in the index, and of texts that were embedded for it.

    `model` names the embedding model. `notes` are sentences for people about the store, such as repairs.
    """

    sections: int
    embedded: int
    model: str
    seconds: float
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FetchedDocument:
    """What a fetch did with one document; "gone": it is gone at its source, and still in the library."""

    source: str
    status: Literal["new", "changed", "unchanged", "removed", "failed", "gone"]
    error: str | None = None


@dataclass(frozen=True, slots=True)
class FetchReport:
    """The result of a fetch of one source. `notes` are sentences for people.

    `documents` are those with news: what is as it was needs no request for its content, and is not named.
    """

    name: str
    url: str
    status: FetchStatus
    documents: tuple[FetchedDocument, ...] = ()
    error: str | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IngestProgress:
    """Progress of a phase: `done` of `total`.

    They are files, files again, sections of one document, the same with a model, texts, vectors, or models, in the
    order of `phase`.
    """

    phase: Literal["fetch", "read", "events", "label", "embed", "publish", "export"]
    done: int
    total: int
    source: str | None = None


ProgressListener = Callable[[IngestProgress], None]
