"""What the program says to do about a damaged database, done: what it says to stay stays."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.cli import main
from bot.wiring import build
from store.engines import DATABASE
from store.jobs import AnswerRecord, Holder, QuestionStore, SlackMessage
from tests.servers import database_url, settings_of
from tests.small_store import REPORT, HashingEmbedder, open_store
from tests.store.damage import damage_table

pytestmark = pytest.mark.files

ADVICE = f"move {DATABASE}* out of the data folder and run `itubot restore FILE`"


class Installation:
    """A data folder with a document, a corrected date, a question and a stored file; and a backup of it."""

    def __init__(self, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self.report, self._capsys = root / "data", root / "report.txt", capsys
        self.archive = root / "itubot.zip"
        self.report.write_text(REPORT, "utf-8")
        store = open_store(self.folder)
        store.ingest(self.report)
        store.send("minutes.txt", b"1.1\tThe minutes.\n", 0.0)
        store.close()
        self.ask("1.0")
        [entry, *_] = json.loads(self.run("deadlines", "--all", "--json"))
        self.run("correct", entry["id"], "--title", "Corrected")
        self.run("backup", str(self.archive))

    def run(self, *command: str, code: int = 0) -> str:
        """Run a command and return what it prints; errors too, if it fails."""
        ended = main([*command], lambda _: build(settings_of(self.folder), HashingEmbedder()))
        run = self._capsys.readouterr()
        assert ended == code, run.err
        return run.out if code == 0 else run.out + run.err

    def ask(self, ts: str) -> None:
        state, holder = QuestionStore.open(database_url(self.folder)), Holder("one", 60.0)
        job = state.claim(SlackMessage("T1", "C1", ts, ts, "U1", "Who pays?"), holder)
        assert job is not None
        state.save_reply(job.lease, "I find no answer.", AnswerRecord(answered=False, reason="no evidence"))
        state.finish(job.lease, outcome="answer", reply_ts=f"{ts}1")
        state.close()

    def move_away(self, name: str) -> None:
        for file in self.folder.glob(f"{name}*"):
            file.rename(self.folder.parent / file.name)

    def kept(self) -> tuple[int, int, int, int]:
        """Return the numbers of documents, corrections, questions and stored files."""
        store = open_store(self.folder)
        documents, stored = len(store.catalog.documents()), len(store.storage.digests())
        store.close()
        corrections = len(json.loads(self.run("correct", "--json")))
        questions = len(json.loads(self.run("gaps", "--json"))["unanswered"])
        return documents, corrections, questions, stored


@pytest.fixture
def installation(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Installation:
    return Installation(tmp_path, capsys)


@pytest.mark.parametrize("has_backup", [True, False])
def test_damaged_database_is_replaced(installation: Installation, has_backup: bool) -> None:
    assert installation.kept() == (1, 1, 1, 1)
    installation.ask("2.0")
    damage_table(installation.folder, "documents")
    assert ADVICE in installation.run("documents", code=1)

    installation.move_away(DATABASE)
    if has_backup:
        installation.run("restore", str(installation.archive))
    else:
        installation.run("ingest", str(installation.report))

    assert installation.kept() == ((1, 1, 1, 1) if has_backup else (1, 0, 0, 1))
