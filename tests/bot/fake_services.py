"""Services without a store or a model, for tests of the command line."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ingest.report import FileOutcome, IngestReport
from store.records import EVERYBODY
from tests.bot.sample_answers import REPORT, FakeAssistant, FakeCatalog


@dataclass
class Services:
    """What the program would be wired with; `ingest` remembers what it was given."""

    assistant: FakeAssistant = field(default_factory=FakeAssistant)
    catalog: FakeCatalog = field(default_factory=FakeCatalog)
    report: IngestReport = field(
        default_factory=lambda: IngestReport((FileOutcome("a.txt", "new", 41, 53),), 40, 2.0)
    )
    ingested: list[tuple[list[Path], bool]] = field(default_factory=list)
    labelled: list[bool] = field(default_factory=list)
    bundled: list[bool] = field(default_factory=list)
    closed: bool = False

    @property
    def shared(self) -> Services:
        return self

    def ingest(
        self,
        paths: Sequence[Path],
        *,
        prune: bool = False,
        progress: Callable[[Any], None] | None = None,
        label: bool = True,
        bundled: bool = False,
        audience: str = EVERYBODY,
    ) -> IngestReport:
        sys.stdout.write("a library's own remark\n")
        self.ingested.append((list(paths), prune))
        self.labelled.append(label)
        self.bundled.append(bundled)
        self.catalog.held = [REPORT]
        return self.report

    def close(self) -> None:
        self.closed = True

    def remove(self, name: str, audience: str) -> IngestReport:
        return IngestReport((FileOutcome(name, "removed"),), 0, 0.0)
