"""Word files: comments, each at its sentence with nothing else changed, and documents with a list of sources."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path

import docx
import numpy as np
import pypdfium2
import pytest
from docx.shared import Mm
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.word import Cited, Commented, Remark, Section, cited_document, with_comments
from ingest.drafts import read_draft
from ingest.errors import NotReadable
from tests.bot.word.files import commented, comments, part, without_comments
from tests.ingest.readers.test_fuzz import BOUNDED, EDITS, mutated, written
from tests.ingest.readers.words import WordFile, with_part

MET, ADOPTED, ROSE = "The Council met in Geneva.", "It adopted the plan.", "Then it rose."
PICTURE = Path(__file__).parents[3] / "docs/img/slack.png"
CHANGED = 'w:id="7" w:author="A" w:date="2024-01-01T00:00:00Z"'
SIGN = '<w:r><w:fldChar w:fldCharType="{}"/></w:r>'
MATH = 'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'


def paragraph(inner: str) -> str:
    return f"<w:p>{inner}</w:p>"


def run(text: str, properties: str = "") -> str:
    return f'<w:r>{properties}<w:t xml:space="preserve">{text}</w:t></w:r>'


def body(*blocks: str) -> bytes:
    """Return a Word file with these elements as its text."""
    word = WordFile()
    for block in blocks:
        word.xml(block)
    return word.save()


def comment(data: bytes, *sentences: str) -> Commented:
    """Comment on each sentence with the comment "1", "2" and so on."""
    return with_comments(data, [Remark(text, str(at)) for at, text in enumerate(sentences, 1)], "ITU bot")


def field(result: str) -> str:
    code = "<w:r><w:instrText> REF x </w:instrText></w:r>"
    return SIGN.format("begin") + code + SIGN.format("separate") + result + SIGN.format("end")


LINK = f'<w:hyperlink w:anchor="x">{run("the plan. A link")}</w:hyperlink>'
DELETED = f"<w:del {CHANGED}><w:r><w:delText>no.</w:delText></w:r></w:del>"
REPLACED = f"{DELETED}<w:ins {CHANGED}>{run('the plan. New')}</w:ins>"
JOINED = '<w:pPr><w:rPr><w:del w:id="1" w:author="A"/></w:rPr></w:pPr>'
SIGNS = "<w:t>Paragraph</w:t><w:tab/><w:t>12</w:t><w:br/><w:t>of A</w:t><w:noBreakHyphen/><w:t>B. End.</w:t>"
CONTROL = f"<w:sdt><w:sdtContent>{run('One here.')}</w:sdtContent></w:sdt>"
TITLE = f'<w:fldSimple w:instr="TITLE">{run("Two here.")}</w:fldSimple>'
FORMULA = f"<m:oMath {MATH}><m:r><m:t>x=1</m:t></m:r></m:oMath>"


@pytest.mark.parametrize(
    ("paragraphs", "sentences", "spans"),
    [
        ([run(f"{MET} {ADOPTED} {ROSE}")], [MET, ROSE], None),
        ([run("So. It ") + run("adopted", "<w:rPr><w:b/></w:rPr>") + run(" the plan. So.")], [ADOPTED], None),
        (["<w:r><w:t>\n  One thing. Another thing.\n  </w:t></w:r>"], ["One thing.", "Another thing."], None),
        (
            [run("The\u00a0\u00a0Coun\u00adcil met. Rest.")],
            ["The Council met."],
            ["The\u00a0\u00a0Coun\u00adcil met."],
        ),
        ([f"<w:r>{SIGNS}</w:r>"], ["Paragraph 12 of A‑B."], ["Paragraph12of AB."]),
        ([run("It adopted ") + LINK + run(" is here.")], [ADOPTED, "A link is here."], None),
        ([run("It adopted ") + REPLACED + run(" it is.")], [ADOPTED, "New it is."], None),
        ([JOINED + run("It adopted "), run("the plan.")], [ADOPTED], None),
        ([run("As ") + field(run("One. Two.")) + run(" Rest.")], ["Two."], None),
        ([CONTROL + run(" ") + TITLE], ["One here.", "Two here."], None),
        ([run("Let ") + FORMULA + run(" hold. Rest.")], ["Let x=1 hold."], ["Let  hold."]),
        ([run("2.3 The Council met.")], ["The Council met."], None),
        ([run("To report in May.")], ["(a) To report in May."], ["To report in May."]),
        ([run("理事会开会。会议结束。")], ["会议结束。"], None),
        ([run("The Plan is new. Plans."), run("Plan")], ["Plan"], None),
        ([run(MET), run(MET)], [MET, MET], None),
    ],
)
def test_a_comment_is_at_its_sentence_and_nothing_else_is_changed(
    paragraphs: list[str], sentences: list[str], spans: list[str] | None
) -> None:
    data = body(*map(paragraph, paragraphs))

    done = comment(data, *sentences)

    assert done.unplaced == ()
    assert [text for _, text in commented(done.data)] == (spans or sentences)
    assert without_comments(done.data) == without_comments(data)


def rich() -> bytes:
    """Return a file with everything that a text can be in."""
    word = WordFile()
    word.abstract(1, [("decimal", "%1."), ("lowerLetter", "(%2)")])
    word.instance(1, 1)
    word.paragraph("Report of the Council", style="Title")
    word.paragraph("Work of the year", style="Heading 1")
    for text in (f"{MET} {ADOPTED}", "The Summit is on 22-23 September 2024. It is in New York."):
        word.paragraph(text, num=1, level=0)
        word.paragraph("To report to the Plenipotentiary Conference; and to the Council.", num=1, level=1)
    word.paragraph("Without a number. Mr. Smith agreed.", style="List Bullet")
    noted = word.paragraph("There is a note.")
    word.footnote(noted, "The note is short.")
    word.table([["Date", "Event"], ["5 May 2024", "Council meeting"], ["6 May 2024", "Working group"]])
    word.table([["A frame around text. Its second sentence."]])
    word.document.add_picture(str(PICTURE), width=Mm(80))
    word.document.sections[0].header.paragraphs[0].text = "Running head"
    word.xml(
        paragraph(run("It adopted ") + f"<w:ins {CHANGED}>{run('the budget.')}</w:ins>" + field(run(" Yes.")))
    )
    word.paragraph("ولم يجتمع المجلس. ثم اجتمع.")
    return word.save()


def test_every_sentence_of_a_draft_is_found_but_those_of_notes() -> None:
    data = rich()
    sentences = [sentence.place for sentence in read_draft("draft.docx", data)]

    done = comment(data, *sentences)

    assert len(sentences) > 18
    assert [remark.text for remark in done.unplaced] == ["The note is short."]
    assert without_comments(done.data) == without_comments(data)


def test_a_remark_without_a_comment_counts_as_an_occurrence() -> None:
    data = body(paragraph(run(MET)), paragraph(run(MET) + run(f" {ROSE}")))

    done = with_comments(data, [Remark(MET, ""), Remark(MET, "Look."), Remark("Gone.", "Look.")], "ITU bot")

    assert part(done.data).index(b"commentRangeStart") > part(done.data).index(b"</w:p>")
    assert [remark.text for remark in done.unplaced] == ["Gone."]


def test_comments_have_their_author_lines_and_direction_beside_earlier_ones() -> None:
    first = comment(body(paragraph(run(f"{MET} {ADOPTED}"))), MET).data

    done = with_comments(first, [Remark(ADOPTED, "ليس في C24/67.\nNo.")], "ITU bot").data

    assert comments(done) == ["1", "ليس في C24/67.\nNo."]
    written = docx.Document(io.BytesIO(done)).comments
    runs = [run for one in list(written)[1:] for line in one.paragraphs for run in line.runs if run.text]
    assert [run.text for run in runs if not run.font.rtl] == ["C24/67", "No."]
    assert {one.author for one in written} == {"ITU bot"}


@pytest.mark.parametrize("data", [b"", b"text", WordFile().save()[:900]])
def test_what_is_no_word_document_is_refused(data: bytes) -> None:
    with pytest.raises(NotReadable):
        comment(data, MET)


def test_a_document_with_macros_is_refused() -> None:
    data = body(paragraph(run(MET)))
    types = part(data, "[Content_Types].xml").replace(
        b"vnd.openxmlformats-officedocument.wordprocessingml.document.main",
        b"vnd.ms-word.document.macroEnabled.main",
    )

    with pytest.raises(NotReadable, match="without macros"):
        comment(with_part(data, "[Content_Types].xml", types), MET)


@pytest.mark.parametrize("name", ["word/document.xml", "word/comments.xml", "[Content_Types].xml"])
@settings(BOUNDED, max_examples=20)
@given(edits=EDITS)
def test_a_file_with_a_broken_part_is_refused_or_commented(
    name: str, edits: list[tuple[float, str, bytes]]
) -> None:
    data = written(
        lambda: comment(body(paragraph(run(f"{MET} {ADOPTED}")), paragraph(run(ROSE))), ADOPTED).data
    )

    with suppress(NotReadable):
        comment(with_part(data, name, mutated(part(data, name), edits)), MET, ROSE)


@settings(max_examples=20)
@given(st.lists(st.sampled_from([MET, ADOPTED, ROSE]), min_size=1, max_size=4), st.data())
def test_sentences_are_found_however_they_are_divided_into_runs(
    texts: list[str], data: st.DataObject
) -> None:
    text = " ".join(texts)
    cuts = sorted(data.draw(st.sets(st.integers(1, len(text) - 1), max_size=5)))
    inner = "".join(run(text[a:b]) for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True))

    assert [span for _, span in commented(comment(body(paragraph(inner)), *texts).data)] == texts


SOURCES = ["C24/67, § 2.2.", "A/RES/76/307, § 3."]
ABOUT = Section(
    "About", [[Cited("It is a meeting.", [1]), Cited("It is in New York.", [2, 1])]], bulleted=False
)
DATES = Section("Dates", [[Cited("22 September 2024.", [2, 2])], [Cited("a\nb\x07")]])


def test_a_document_has_headings_items_and_its_sources() -> None:
    document = docx.Document(io.BytesIO(cited_document("long " * 100, [ABOUT, DATES], SOURCES, "fr")))

    assert [(one.style.name, one.text) for one in document.paragraphs[1:]] == [  # type: ignore[union-attr]
        ("Heading 1", "About"),
        ("Normal", "It is a meeting.[1] It is in New York.[2][1]"),
        ("Heading 1", "Dates"),
        ("List Bullet", "22 September 2024.[2]"),
        ("List Bullet", "a\nb"),
        ("List Number", SOURCES[0]),
        ("List Number", SOURCES[1]),
    ]
    assert (document.core_properties.language, document.core_properties.author) == ("fr-FR", "")
    assert len(document.core_properties.title) <= 255


def test_arabic_runs_from_right_to_left_but_for_latin_words() -> None:
    section = Section("نبذة", [[Cited("القرار A/RES/76/307 هنا.", [1])]])

    document = docx.Document(
        io.BytesIO(cited_document("قمة المستقبل", [section], ["الوثيقة C24/67، 2.2."], "ar"))
    )

    runs = [run for paragraph in document.paragraphs for run in paragraph.runs if not run.font.superscript]
    assert [run.text for run in runs if not run.font.rtl] == ["A/RES/76/307", "C24/67"]
    assert all(paragraph._p.xpath("./w:pPr/w:bidi") for paragraph in document.paragraphs)


# As another program shows them.


@pytest.fixture
def soffice() -> str:
    path = shutil.which("soffice")
    if path is None:
        if os.environ.get("CI"):
            pytest.fail("soffice is missing, and CI has to have it")
        pytest.skip("soffice is not installed")
    return path


def pages(soffice: str, data: bytes, folder: Path) -> list[tuple[str, np.ndarray]]:
    """Return text and picture of each page."""
    folder.mkdir()
    file = folder / "document.docx"
    file.write_bytes(data)
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    subprocess.run(
        [soffice, "--headless", profile, "--convert-to", "pdf", "--outdir", folder, file],
        check=True,
        capture_output=True,
    )
    with pypdfium2.PdfDocument(file.with_suffix(".pdf")) as pdf:
        return [(page.get_textpage().get_text_bounded(), page.render().to_numpy()) for page in pdf]


@pytest.mark.system
def test_comments_change_neither_text_nor_looks(soffice: str, tmp_path: Path) -> None:
    data = rich()

    # Of the author of the change that is tracked: LibreOffice gives each author a colour.
    remarks = [Remark(sentence.place, "Look.") for sentence in read_draft("draft.docx", data)]

    before = pages(soffice, data, tmp_path / "before")

    assert "It adopted the plan." in before[0][0]
    after = pages(soffice, with_comments(data, remarks, "A").data, tmp_path / "after")
    assert [text for text, _ in after] == [text for text, _ in before]
    # Letters of a divided run may be a part of a pixel further.
    pairs = zip(after, before, strict=True)
    assert all(np.mean(np.abs(a.astype(int) - b)) < 1 for (_, a), (_, b) in pairs)


@pytest.mark.system
def test_a_document_is_one_page_with_its_sources_below(soffice: str, tmp_path: Path) -> None:
    for language in ("en", "ar", "zh"):
        ((text, _),) = pages(
            soffice, cited_document("T", [ABOUT, DATES], SOURCES, language), tmp_path / language
        )
        assert text.index("It is in New York") < text.index("C24/67, § 2.2")
