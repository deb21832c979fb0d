"""What an ingest tells of itself: the shapes of its steps and of its report, for those who show them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class Step(Protocol):
    """How far a run has come: `done` of `total` in the phase "read", "embed" or "publish"."""

    @property
    def phase(self) -> str: ...
    @property
    def done(self) -> int: ...
    @property
    def total(self) -> int: ...
    @property
    def source(self) -> str | None: ...


class Outcome(Protocol):
    """What became of one document; `status` is one of the contract's, `error` is set if "failed".

    `notes` are sentences about how its file was read.
    """

    @property
    def source(self) -> str: ...
    @property
    def status(self) -> str: ...
    @property
    def sections(self) -> int: ...
    @property
    def events(self) -> int: ...
    @property
    def error(self) -> str | None: ...
    @property
    def notes(self) -> Sequence[str]: ...


class Report(Protocol):
    """What a run did: `embedded` counts texts; `notes` are sentences about the store."""

    @property
    def documents(self) -> Sequence[Outcome]: ...
    @property
    def embedded(self) -> int: ...
    @property
    def seconds(self) -> float: ...
    @property
    def notes(self) -> Sequence[str]: ...
