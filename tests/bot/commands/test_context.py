"""What every command stands on: whether there is something to ask about."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.commands.context import CliContext
from bot.errors import NotReady
from bot.settings import Settings
from bot.wiring import build
from store.audiences import of_channel
from tests.small_store import HashingEmbedder


def test_documents_of_a_channel_suffice_for_the_bot_but_for_no_command(tmp_path: Path) -> None:
    paper = tmp_path / "paper.txt"
    paper.write_text("1 The forum takes place on 3 May 2027 in Geneva.\n")
    services = build(Settings(data_dir=tmp_path / "data", _env_file=None), HashingEmbedder())
    services.shared.ingest([paper], audience=of_channel("T1", "C1"), export=False)
    program = CliContext(lambda _: services)

    program.require_documents(for_anybody=True)

    with pytest.raises(NotReady, match="itubot ingest"):
        program.require_documents()
