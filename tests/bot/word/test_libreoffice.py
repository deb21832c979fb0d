"""Word files as another program shows them."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pypdfium2
import pytest
from lxml import etree

from bot.word import Cited, Remark, Section, footnoted, with_comments
from tests.bot.word.test_comments import rich

pytestmark = pytest.mark.system
OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"


@pytest.fixture
def soffice() -> str:
    path = shutil.which("soffice")
    if path is None:
        if os.environ.get("CI"):
            pytest.fail("soffice is missing, and CI has to have it")
        pytest.skip("soffice is not installed")
    return path


def converted(soffice: str, data: bytes, kind: str, folder: Path) -> Path:
    file = folder / "document.docx"
    file.write_bytes(data)
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    subprocess.run(
        [soffice, "--headless", profile, "--convert-to", kind, "--outdir", folder, file],
        check=True,
        capture_output=True,
    )
    return file.with_suffix(f".{kind}")


def pages(soffice: str, data: bytes, folder: Path) -> list[tuple[str, bytes]]:
    """Return text and picture of each page."""
    folder.mkdir()
    with pypdfium2.PdfDocument(converted(soffice, data, "pdf", folder)) as pdf:
        return [(page.get_textpage().get_text_bounded(), page.render().to_numpy().tobytes()) for page in pdf]


def annotated(root: etree._Element) -> list[str]:
    """Return the text of each comment's range."""
    name = OFFICE + "name"
    opened: dict[str, str] = {}

    def walk(node: etree._Element) -> None:
        for child in node:
            if child.tag == OFFICE + "annotation":
                opened[child.get(name)] = ""
                ended.discard(child.get(name))
            elif child.tag == OFFICE + "annotation-end":
                ended.add(child.get(name))
            else:
                add(child.text)
                walk(child)
            add(child.tail)

    def add(text: str | None) -> None:
        for key in opened.keys() - ended:
            opened[key] += text or ""

    ended: set[str] = set()
    walk(root)
    return list(opened.values())


def test_comments_change_neither_text_nor_looks(soffice: str, tmp_path: Path) -> None:
    data = rich()
    remarks = [
        Remark(text, "Look.") for text in ("It adopted the plan.", "It is in New York.", "It ends here.")
    ]

    before = pages(soffice, data, tmp_path / "before")
    after = pages(soffice, with_comments(data, remarks, "ITU bot").data, tmp_path / "after")

    assert "It adopted the plan." in before[0][0]
    assert [text for text, _ in after] == [text for text, _ in before]
    assert after == before


def test_another_program_sees_each_comment_at_its_sentence(soffice: str, tmp_path: Path) -> None:
    sentences = [
        "It adopted the plan.",
        "Mr. Smith agreed.",
        "Its second sentence.",
        "ثم اجتمع.",
        "会议结束。",
    ]
    data = with_comments(rich(), [Remark(text, "Look.") for text in sentences], "ITU bot").data

    root = etree.parse(converted(soffice, data, "fodt", tmp_path)).getroot()

    assert annotated(next(root.iter(OFFICE + "text"))) == sentences


@pytest.mark.parametrize("language", ["en", "ar", "zh"])
def test_a_document_with_footnotes_is_one_page_with_its_notes_below(
    soffice: str, tmp_path: Path, language: str
) -> None:
    section = Section("Dates", [[Cited("It was in September", [1])], [Cited("It was in New York", [2, 1])]])
    data = footnoted("The Summit", [section], ["C24/67, § 2.2", "C25/12, § 3"], language)

    ((text, _),) = pages(soffice, data, tmp_path / "page")

    assert text.index("It was in New York") < text.index("C24/67, § 2.2") < text.index("C25/12, § 3")
