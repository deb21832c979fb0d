"""A storm over bots that are broken on purpose: it names what they break."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bot.slack.processes.bot_process import noon_zone
from tests.tools.chaos.__main__ import fill, raise_storm, table
from tests.tools.chaos.disk import Disk

# That of a storm without a kill: a question, a file or a reminder takes seconds.
_SECONDS, _PATIENCE = 12.0, 20.0


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_storm_names_what_broken_bots_break(tmp_path: Path) -> None:
    fill(tmp_path / "data", tmp_path, noon_zone())
    outcome = await raise_storm(
        tmp_path,
        seed=1,
        seconds=_SECONDS,
        disk=Disk(tmp_path, "no disk is filled"),
        program="tests.tools.chaos.broken_program",
        patience=_PATIENCE,
    )
    broken = {one.name for one in outcome.checks if one.violations}
    assert broken >= {
        "each question has one reply",
        "95 of 100 questions get the right answer",
        "no answer is from another document or an older version",
        "each file that can be read is taken in",
        "the digest is posted once",
        "each command has one reply",
        "each reply is shared once",
        "each reminder is kept, and sent once when it is due",
        "each question passed on gets a person's answer once",
    }, table(outcome, 1, _SECONDS)
