"""A short storm over two bots: it finds nothing broken, and over bots that are broken on purpose, what they break."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tools.chaos.__main__ import fill, raise_storm, table
from tests.tools.chaos.bots import PROGRAM
from tests.tools.chaos.disk import Disk

# That of a storm without a kill: a question or a file takes seconds.
_SECONDS, _PATIENCE = 12.0, 20.0
BROKEN = {
    "each question has one reply",
    "95 of 100 questions get the right answer",
    "no answer is from another document or an older version",
    "each file that can be read is taken in",
    "the digest is posted once",
}


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("program", "patience", "broken"),
    [(PROGRAM, 120.0, set()), ("tests.tools.chaos.broken_program", _PATIENCE, BROKEN)],
)
async def test_storm_names_what_bots_break(
    tmp_path: Path, program: str, patience: float, broken: set[str]
) -> None:
    fill(tmp_path)
    outcome = await raise_storm(
        tmp_path, 1, _SECONDS, disk=Disk(tmp_path, "no disk is filled"), program=program, patience=patience
    )
    found = {one.name for one in outcome.checks if one.violations}
    assert found >= broken if broken else not found, table(outcome, 1, _SECONDS)
