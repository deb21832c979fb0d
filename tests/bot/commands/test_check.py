"""`itubot check` and `itubot brief`: what is printed, and the Word files."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest
from docx import Document

from bot.cli import main
from bot.drafts.draft import DraftCheck
from bot.wiring import Services
from tests.bot.cli_runs import Itubot, Run
from tests.bot.mcp.connections import services_on

REPORT = """1. Forum on Broadband
1.1\tThe Forum on Broadband will be held in Geneva from 7 to 11 July 2025.
1.2\tThe Schools Alliance of the Forum on Broadband has eighty-four partners.
"""
HEADING = "The Forum"
MOVED = "The Forum on Broadband will be held in Geneva from 8 to 11 July 2025."
RIGHT = "The Schools Alliance has 84 partners."
DRAFT = f"# {HEADING}\n\n{MOVED}\n\n{RIGHT}\n"


@pytest.fixture
def services(tmp_path: Path) -> Services:
    services = services_on(tmp_path / "data")
    (tmp_path / "report.txt").write_text(REPORT)
    services.shared.ingest([tmp_path / "report.txt"])
    return services


@pytest.fixture
def itubot(services: Services, capsys: pytest.CaptureFixture[str]) -> Itubot:
    def run(*arguments: str) -> Run:
        code = main(arguments, lambda _settings: services)
        captured = capsys.readouterr()
        return Run(code, captured.out, captured.err)

    return run


@pytest.fixture
def draft(tmp_path: Path) -> str:
    (tmp_path / "draft.md").write_text(DRAFT)
    return str(tmp_path / "draft.md")


def in_word(folder: Path) -> Path:
    document, path = Document(), folder / "draft.docx"
    document.add_heading(HEADING, 1)
    document.add_paragraph(MOVED)
    document.add_paragraph(RIGHT)
    document.save(str(path))
    return path


def test_the_counts_come_first_and_then_what_needs_work(itubot: Itubot, draft: str) -> None:
    run = itubot("check", draft, "--as-of", "2025-03-01")

    first, _, rest = run.out.partition("\n")
    assert first == "3 sentences: 1 no claim, 1 same facts, 1 different fact"
    assert "draft: 8 to 11 July 2025; § 1.1: 7 to 11 July 2025" in rest
    assert "84 partners" not in rest


def test_a_draft_is_read_from_stdin(itubot: Itubot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(DRAFT.encode())))

    assert itubot("check", "-").out.startswith("3 sentences: ")


def test_the_word_file_comes_back_with_a_comment_at_the_sentence(itubot: Itubot, tmp_path: Path) -> None:
    out = tmp_path / "out.docx"
    itubot("check", str(in_word(tmp_path)), "--docx", str(out), "--language", "en")

    commented = Document(str(out))
    (comment,) = commented.comments
    assert comment.text.startswith("Different fact; draft: 8 to 11 July 2025; § 1.1: 7 to 11 July 2025")
    assert [p.text for p in commented.paragraphs] == [HEADING, MOVED, RIGHT]


def test_what_is_done_by_then_is_printed_when_ctrl_c_ends_it(
    itubot: Itubot, draft: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_all = DraftCheck.run

    def stopped(self: DraftCheck, on_check: object = None) -> None:
        def stop(done: int, count: int) -> None:
            if done == 2:
                raise KeyboardInterrupt

        run_all(self, stop)

    monkeypatch.setattr(DraftCheck, "run", stopped)
    run = itubot("check", draft)

    assert run.code == 130
    assert "Stopped. Sentences checked: 2 of 3." in run.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("check", "nowhere.md"), "nowhere.md: No such file"),
        (("check", "."), "is a folder; name one file"),
        (("check", "draft.md", "--docx", "out.docx"), "needs a draft in Word's format"),
    ],
)
def test_an_error_is_one_line_with_the_way_out(
    itubot: Itubot, draft: str, arguments: tuple[str, ...], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(Path(draft).parent)
    run = itubot(*arguments)

    assert (run.code, run.out) == (1, "")
    assert said in run.err
    assert run.err.count("\n") == 1


def test_nothing_of_a_draft_is_stored(itubot: Itubot, tmp_path: Path, draft: str) -> None:
    (tmp_path / "draft.md").write_text("The Forum meets the zebras of Zanzibar on 9 July 2025.\n")
    itubot("check", draft)

    stored = [path for path in (tmp_path / "data").rglob("*") if path.is_file()]
    assert stored
    assert not [path for path in stored if b"zanzibar" in path.read_bytes().lower()]


def test_a_brief_has_its_parts_and_sources(itubot: Itubot) -> None:
    run = itubot("brief", "Forum on Broadband", "--as-of", "2025-03-01")

    assert run.out.startswith("Forum on Broadband · as of 1 March 2025\n")
    for part in ("What it is", "Dates", "Sources"):
        assert f"\n{part}\n" in run.out
    assert "7–11 July 2025" in run.out


def test_a_brief_for_word_has_its_sources_at_the_end(itubot: Itubot, tmp_path: Path) -> None:
    out = tmp_path / "brief.docx"
    itubot("brief", "Forum on Broadband", "--as-of", "2025-03-01", "--docx", str(out))

    text = "\n".join(paragraph.text for paragraph in Document(str(out)).paragraphs)
    assert text.startswith("Forum on Broadband")
    assert Document(str(out)).paragraphs[-1].style.name == "List Number"


def test_an_unknown_topic_says_so_and_writes_no_file(itubot: Itubot, tmp_path: Path) -> None:
    out = tmp_path / "brief.docx"
    run = itubot("brief", "zebras", "--docx", str(out))

    assert run.out.startswith("The documents have nothing on zebras.")
    assert (run.code, out.exists()) == (0, False)
