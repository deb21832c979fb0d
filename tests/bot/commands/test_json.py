"""The JSON of every command has the fields of what it printed first, with their types; it may have more."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bot.cli import main
from bot.settings import load_settings
from bot.wiring import Services, build
from tests.conftest import REPORT, copy_data

GOLDEN = Path(__file__).parents[2] / "data" / "json"
DAY = ("--as-of", "2024-05-01")
DRAFT = "The Summit of the Future is on 24 September 2024. ITU has members."
QUESTION = {
    "question": "When is the Summit of the Future taking place?",
    "sections": ["2.2"],
    "must": ["September"],
}
# In this order, since some change what the next ones print.
COMMANDS = {
    "deadlines": ["deadlines", "--all", *DAY],
    "digest": ["digest", "--days", "200", *DAY],
    "documents": ["documents"],
    "ask": ["ask", "When is the Summit of the Future?", *DAY],
    "ask_refused": ["ask", "Who won the football cup?", *DAY],
    "check": ["check", "-", *DAY],
    "brief": ["brief", "Summit of the Future", *DAY],
    "eval": ["eval", "questions.jsonl", *DAY],
    "calendar_add": ["calendar", "add", "--topic", "Summit"],
    "calendar_list": ["calendar", "list"],
    "ingest": ["ingest", "papers"],
    "changes": ["changes"],
    "source_list": ["source", "list"],
    "fetch": ["fetch"],
    "correct_list": ["correct"],
}


def differences(golden: Any, found: Any, where: str = "") -> Iterator[str]:
    """Yield where the fields or types differ; null may stand for anything, and a list for one of other lengths."""
    if golden is None or found is None:
        return
    if isinstance(golden, dict) and isinstance(found, dict):
        # Names of checks and of verdicts are keys too.
        if where.rpartition(".")[2] in ("counts", "removed", "tokens"):
            return
        if lacking := golden.keys() - found.keys():
            yield f"{where}: {sorted(lacking)} are missing"
        for name in golden.keys() & found.keys():
            yield from differences(golden[name], found[name], f"{where}.{name}")
    elif isinstance(golden, list) and isinstance(found, list):
        for one in found if golden else ():
            best = min((list(differences(each, one, f"{where}[]")) for each in golden), key=len)
            yield from best
    elif type(golden) is not type(found) and {type(golden), type(found)} != {int, float}:
        yield f"{where}: {type(found).__name__}, and not {type(golden).__name__}"


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory, ingested: Path) -> Iterator[Services]:
    """What the commands use one after the other, with the bundled report and a changed one."""
    folder = tmp_path_factory.mktemp("json")
    copy_data(ingested, folder / "data")
    paper = folder / "papers" / "report.txt"
    paper.parent.mkdir()
    text = REPORT.read_text("utf-8")
    (folder / "questions.jsonl").write_text(json.dumps(QUESTION), "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("ITUBOT_DATA_DIR", str(folder / "data"))
        patch.setenv("ITUBOT_PUBLIC_URL", "https://bot.example")
        paper.write_text("\n".join(text.splitlines()[:40]), "utf-8")
        services = build(load_settings())
        assert main(["ingest", "papers"], lambda _settings: services) == 0
        paper.write_text(paper.read_text("utf-8").replace("22-23 September", "24-25 September"), "utf-8")
        assert main(["source", "add", "papers", "--name", "papers"], lambda _settings: services) == 0
        yield services


@pytest.mark.parametrize("name", COMMANDS)
def test_json_is_as_it_was(
    name: str, services: Services, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(DRAFT.encode())))

    assert main([*COMMANDS[name], "--json"], lambda _settings: services) == 0

    golden = json.loads((GOLDEN / f"{name}.json").read_text("utf-8"))
    assert list(differences(golden, json.loads(capsys.readouterr().out))) == []
