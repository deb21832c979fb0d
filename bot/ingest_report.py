"""What an ingest tells of itself: the shapes of its steps and of its report, for those who show them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol


class Step(Protocol):
    """How far a run has come: `done` of `total` in the phase "read", "label", "embed", "publish" or "export"."""

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

    `file` is the file that was given, or the archive that it is in; None for a document that was removed. `notes` are
    sentences about how its file was read.
    """

    @property
    def source(self) -> str: ...
    @property
    def file(self) -> Path | None: ...
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


class Labelling(Protocol):
    """What a model was asked of dates: `asked` sections now, `kept` ones before; `to_rules` were left to the rules.

    `read` and `wrote` count tokens.
    """

    @property
    def model(self) -> str: ...
    @property
    def asked(self) -> int: ...
    @property
    def kept(self) -> int: ...
    @property
    def to_rules(self) -> int: ...
    @property
    def why(self) -> Sequence[str]: ...
    @property
    def read(self) -> int: ...
    @property
    def wrote(self) -> int: ...


class Report(Protocol):
    """What a run did: `embedded` counts texts; `notes` are sentences about the store and its register.

    `labelling` is None where no model reads dates; `remade` counts documents whose events alone were made anew.
    """

    @property
    def documents(self) -> Sequence[Outcome]: ...
    @property
    def embedded(self) -> int: ...
    @property
    def seconds(self) -> float: ...
    @property
    def notes(self) -> Sequence[str]: ...
    @property
    def labelling(self) -> Labelling | None: ...
    @property
    def remade(self) -> int: ...
