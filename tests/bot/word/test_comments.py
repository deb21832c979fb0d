"""Comments in Word files: each at its sentence, and nothing else changed."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import docx
import pytest
from docx.shared import Mm, RGBColor
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.locales import in_language
from bot.word import Commented, Remark, with_comments
from ingest.document.sections import to_sections
from ingest.document.sentences import split
from ingest.errors import NotReadable
from ingest.readers import docx as reader
from tests.bot.word.files import commented, comments, part, without_comments
from tests.ingest.readers.test_fuzz import BOUNDED, EDITS, mutated, written
from tests.ingest.readers.words import WordFile, with_part

MET, ADOPTED, ROSE = "The Council met in Geneva.", "It adopted the plan.", "Then it rose."
PICTURE = Path(__file__).parents[3] / "docs/img/slack.png"
WPS = "http://schemas.microsoft.com/office/word/2010/wordprocessingShape"


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


def spans(data: bytes, *sentences: str) -> list[str]:
    """Return the commented texts after it has been checked that nothing but the comments was added."""
    done = comment(data, *sentences)
    assert done.unplaced == ()
    assert without_comments(done.data) == without_comments(data)
    return [span for _, span in commented(done.data)]


def test_a_comment_is_at_its_sentence() -> None:
    data = body(paragraph(run(f"{MET} {ADOPTED} {ROSE}")))

    assert commented(comment(data, MET, ROSE).data) == [("1", MET), ("2", ROSE)]


def test_a_sentence_of_several_runs_keeps_their_formats() -> None:
    document = docx.Document()
    written = document.add_paragraph("They met. It ")
    written.add_run("adopted").bold = True
    written.add_run(" the").font.color.rgb = RGBColor(200, 0, 0)
    written.add_run(" plan. Then it rose.")
    file = io.BytesIO()
    document.save(file)

    done = comment(file.getvalue(), ADOPTED)

    runs = docx.Document(io.BytesIO(done.data)).paragraphs[0].runs
    texts = [(one.text, one.bold, one.font.color.rgb) for one in runs if one.text]
    red = RGBColor(200, 0, 0)
    assert texts == [
        ("They met. ", None, None),
        ("It ", None, None),
        ("adopted", True, None),
        (" the", None, red),
        (" plan.", None, None),
        (" Then it rose.", None, None),
    ]


def test_both_parts_of_a_divided_run_have_its_format_and_attributes() -> None:
    bold = "<w:rPr><w:b/><w:lang w:val='fr-FR'/></w:rPr>"
    data = body(paragraph(run(f"{MET} {ADOPTED}", bold).replace("<w:r>", '<w:r w:rsidR="00AB12CD">')))

    xml = part(comment(data, ADOPTED).data).decode()

    assert xml.count('<w:r w:rsidR="00AB12CD"><w:rPr><w:b/><w:lang w:val="fr-FR"/></w:rPr>') == 2


def test_a_run_that_is_a_sentence_is_not_divided() -> None:
    data = body(paragraph(run(MET) + run(f" {ADOPTED}")))

    xml = part(comment(data, MET).data).decode()

    assert f'<w:t xml:space="preserve"> {ADOPTED}</w:t>' in xml
    assert len(re.findall("<w:r>", xml)) == 3  # with that of the comment's mark


def test_a_sentence_goes_on_over_tabs_line_breaks_and_joined_hyphens() -> None:
    first = "<w:t>Paragraph</w:t><w:tab/><w:t>12</w:t><w:br/>"
    text = f"<w:r>{first}<w:t>of A</w:t><w:noBreakHyphen/><w:t>B. Rest.</w:t></w:r>"

    assert spans(body(paragraph(text)), "Paragraph 12 of A‑B.") == ["Paragraph12of AB."]


def test_invisible_characters_and_white_space_do_not_matter() -> None:
    data = body(paragraph(run("The\u00a0\u00a0Coun\u00adcil\u200b met. Rest.")))

    assert spans(data, "The Council met.") == ["The\u00a0\u00a0Coun\u00adcil\u200b met."]


def test_blanks_that_word_does_not_show_stay_unseen() -> None:
    data = body(paragraph("<w:r><w:t>\n  One thing. Another thing.\n  </w:t></w:r>"))

    xml = part(comment(data, "Another thing.", "One thing.").data).decode()

    texts = re.findall(r"<w:t[^>]*>([^<]*)</w:t>", xml)
    assert texts == ["One thing.", " ", "Another thing."]


def test_sentences_in_lists_and_nested_tables() -> None:
    word = WordFile()
    word.abstract(1, [("lowerLetter", "(%1)")])
    word.instance(1, 1)
    word.paragraph("To report in May.", num=1)
    cell = word.table([["Left cell. More.", "Right"], ["Below", "Last"]]).cell(1, 1)
    cell.add_table(rows=1, cols=1).cell(0, 0).text = "Deep inside. And more."

    assert spans(word.save(), "To report in May.", "Left cell.", "Deep inside.") == [
        "To report in May.",
        "Left cell.",
        "Deep inside.",
    ]


def test_a_row_as_ingest_writes_it_is_commented_from_its_first_cell_to_its_last() -> None:
    word = WordFile()
    word.table([["Date", "Event"], ["5 May", "Council meeting"], ["6 May", "Summit; first day"]])

    assert spans(word.save(), "Date: 6 May; Event: Summit; first day") == ["6 MaySummit; first day"]


def test_a_row_whose_first_cell_spans_rows_is_commented_at_its_other_cells() -> None:
    word = WordFile()
    table = word.table([["Date", "Event", "Place"], ["5 May", "Council", "Geneva"], ["", "Forum", "Geneva"]])
    table.cell(1, 0).merge(table.cell(2, 0))

    assert spans(word.save(), "Date: 5 May; Event: Forum; Place: Geneva") == ["ForumGeneva"]


def test_a_list_item_is_found_with_the_number_that_word_counts() -> None:
    data = body(paragraph(run("To report in May.")))

    assert spans(data, "(a) To report in May.") == ["To report in May."]


def test_a_sentence_over_a_link_and_one_within_it() -> None:
    link = f'<w:hyperlink w:anchor="x">{run("the plan. A link")}</w:hyperlink>'
    data = body(paragraph(run("It adopted ") + link + run(" is here.")))

    assert spans(data, ADOPTED, "A link is here.") == [ADOPTED, "A link is here."]


def test_marks_of_a_whole_link_are_outside_of_it() -> None:
    data = body(paragraph(f'<w:hyperlink w:anchor="x">{run(MET)}</w:hyperlink>'))

    xml = part(comment(data, MET).data).decode()

    assert '<w:commentRangeStart w:id="0"/><w:hyperlink' in xml
    assert '</w:hyperlink><w:commentRangeEnd w:id="0"/>' in xml


def test_insertions_count_and_deletions_do_not() -> None:
    changed = 'w:id="7" w:author="A" w:date="2024-01-01T00:00:00Z"'
    inserted = f"<w:ins {changed}>{run('the plan. Inserted')}</w:ins>"
    deleted = f"<w:del {changed}><w:r><w:delText>nothing. </w:delText></w:r></w:del>"
    moved = f"<w:moveFrom {changed}>{run('gone')}</w:moveFrom><w:moveTo {changed}>{run(' here')}</w:moveTo>"
    data = body(paragraph(run("It adopted ") + deleted + inserted + moved + run(" it is.")))

    assert spans(data, ADOPTED, "Inserted here it is.") == [ADOPTED, "Inserted here it is."]


def test_a_sentence_goes_on_after_a_deleted_end_of_paragraph() -> None:
    joined = '<w:pPr><w:rPr><w:del w:id="1" w:author="A"/></w:rPr></w:pPr>'
    data = body(paragraph(joined + run("It adopted ")), paragraph(run("the plan.")))

    assert spans(data, ADOPTED) == [ADOPTED]


def test_deleted_rows_are_no_text() -> None:
    row = "<w:tr>{}<w:tc><w:p>" + run(MET) + "</w:p></w:tc></w:tr>"
    gone = row.format('<w:trPr><w:del w:id="1" w:author="A"/></w:trPr>')
    data = body(f"<w:tbl><w:tblPr/><w:tblGrid/>{gone}{row.format('')}</w:tbl>")

    xml = part(comment(data, MET).data).decode()

    assert xml.index("commentRangeStart") > xml.index("</w:tr>")


def test_marks_of_the_result_of_a_field_are_around_the_field() -> None:
    sign = '<w:r><w:fldChar w:fldCharType="{}"/></w:r>'
    code = "<w:r><w:instrText> DATE </w:instrText></w:r>"
    begin = sign.format("begin") + code + sign.format("separate")
    data = body(paragraph(run("Today: ") + begin + run("It is May.") + sign.format("end") + run(" Rest.")))

    xml = part(comment(data, "It is May.").data).decode()

    assert '<w:commentRangeStart w:id="0"/><w:r><w:fldChar w:fldCharType="begin"/>' in xml
    assert '<w:fldChar w:fldCharType="end"/></w:r><w:commentRangeEnd w:id="0"/>' in xml


def test_a_sentence_that_ends_within_a_field_is_commented_exactly() -> None:
    sign = '<w:r><w:fldChar w:fldCharType="{}"/></w:r>'
    begin = sign.format("begin") + "<w:r><w:instrText>REF x</w:instrText></w:r>" + sign.format("separate")
    data = body(paragraph(begin + run("One. Two.") + sign.format("end")))

    assert spans(data, "One.", "Two.") == ["One.", "Two."]


def test_sentences_in_content_controls_and_simple_fields() -> None:
    control = f"<w:sdt><w:sdtPr><w:text/></w:sdtPr><w:sdtContent>{run('One here.')}</w:sdtContent></w:sdt>"
    simple = f'<w:fldSimple w:instr="TITLE">{run("Two here.")}</w:fldSimple>'
    data = body(
        paragraph(control + run(" ") + simple),
        f"<w:sdt><w:sdtContent>{paragraph(run(MET))}</w:sdtContent></w:sdt>",
    )

    done = comment(data, "One here.", "Two here.", MET)

    xml = part(done.data).decode()
    assert [span for _, span in commented(done.data)] == ["One here.", "Two here.", MET]
    assert '<w:commentRangeStart w:id="0"/><w:sdt>' in xml
    assert '</w:fldSimple><w:commentRangeEnd w:id="1"/>' in xml


def test_a_sentence_with_a_formula_and_one_within_an_alternative() -> None:
    math = 'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
    formula = f"<m:oMath {math}><m:r><m:t>x=1</m:t></m:r></m:oMath>"
    choice = f"<mc:Choice Requires='wps'>{run('Chosen so.')}</mc:Choice>"
    either = f"<mc:AlternateContent>{choice}<mc:Fallback>{run('Or so.')}</mc:Fallback></mc:AlternateContent>"
    data = body(paragraph(formula + run(" holds. ") + either))

    done = comment(data, "x=1 holds.", "Chosen so.")

    xml = part(done.data).decode()
    assert '<w:commentRangeStart w:id="0"/><m:oMath' in xml
    assert '</mc:AlternateContent><w:commentRangeEnd w:id="1"/>' in xml
    assert without_comments(done.data) == without_comments(data)


def test_a_text_behind_a_sentence_that_ends_a_field_is_not_divided() -> None:
    rest = '<w:r><w:t>x</w:t><w:fldChar w:fldCharType="end"/></w:r>'
    data = body(paragraph(run("One.") + rest))

    assert rest in part(comment(data, "One.").data).decode()


def test_a_word_with_ruby_is_commented_as_a_whole() -> None:
    ruby = f"<w:ruby><w:rubyPr/><w:rt>{run('かんじ')}</w:rt><w:rubyBase>{run('漢字')}</w:rubyBase></w:ruby>"
    data = body(paragraph(f"<w:r><w:t>前。</w:t>{ruby}<w:t>です。後。</w:t></w:r>"))

    done = comment(data, "漢字です。")

    assert commented(done.data) == [("1", "かんじ漢字です。")]
    assert without_comments(done.data) == without_comments(data)


def test_comments_on_notes_are_at_their_references_and_begin_with_the_sentence() -> None:
    word = WordFile()
    written = word.paragraph(MET)
    word.footnote(written, "First of the note. Second of the note.")
    written.add_run(f" {ADOPTED}")

    done = comment(word.save(), MET, "Second of the note.", ADOPTED)

    assert commented(done.data) == [("1", MET), ("3", ADOPTED), ("“Second of the note.”\n2", "*")]


def test_a_reference_and_its_own_sign_stay_together() -> None:
    word = WordFile()
    word.footnote(word.paragraph("Report of the Council"), "Submitted late.")
    with_number = b'<w:footnoteReference w:id="1"/>'
    with_sign = b'<w:footnoteReference w:customMarkFollows="1" w:id="1"/><w:t>*</w:t>'
    data = replaced(word.save(), with_number, with_sign)

    done = comment(data, "Submitted late.")

    assert with_sign in part(done.data)
    assert commented(done.data) == [("“Submitted late.”\n1", "**")]


def test_the_quoted_sentence_is_in_the_marks_of_the_language_in_use() -> None:
    word = WordFile()
    word.footnote(word.paragraph(MET), "Une note.")

    with in_language("fr"):
        done = comment(word.save(), "Une note.")

    assert comments(done.data) == ["« Une note. »\n1".replace(" ", "\u00a0", 1).replace(". »", ".\u00a0»")]


def test_a_comment_on_a_text_box_is_at_the_box() -> None:
    content = f"<w:txbxContent>{paragraph(run('In the box. More.'))}</w:txbxContent>"
    drawing = f"<w:drawing><wps:txbx xmlns:wps='{WPS}'>{content}</wps:txbx></w:drawing>"
    picture = f"<w:pict><v:textbox xmlns:v='urn:schemas-microsoft-com:vml'>{content}</v:textbox></w:pict>"
    box = (
        f"<w:r><mc:AlternateContent><mc:Choice Requires='wps'>{drawing}</mc:Choice>"
        f"<mc:Fallback>{picture}</mc:Fallback></mc:AlternateContent><w:t>Behind the box.</w:t></w:r>"
    )
    data = body(paragraph(run(f"{MET} ") + box))

    done = comment(data, MET, "Behind the box.", "In the box.")

    assert done.unplaced == ()
    assert commented(done.data) == [("1", MET), ("2", "Behind the box."), ("“In the box.”\n3", "#")]
    assert without_comments(done.data) == without_comments(data)


def test_a_sentence_that_occurs_twice_is_matched_in_order() -> None:
    data = body(paragraph(run(f"{MET} {ADOPTED}")), paragraph(run(f"{MET} {ROSE}")))

    done = with_comments(data, [Remark(MET, "first"), Remark(ROSE, "end"), Remark(MET, "second")], "ITU")

    assert commented(done.data) == [("first", MET), ("second", MET), ("end", ROSE)]
    xml = part(done.data).decode()
    assert xml.index('commentRangeStart w:id="1"') > xml.index("</w:p>")


def test_a_remark_without_comment_counts_an_occurrence() -> None:
    data = body(paragraph(run(MET)), paragraph(run(MET)))

    done = with_comments(data, [Remark(MET, ""), Remark(MET, "here")], "ITU")

    assert len(comments(done.data)) == 1
    xml = part(done.data).decode()
    assert xml.index("commentRangeStart") > xml.index("</w:p>")


def test_sentences_that_are_not_there_are_returned() -> None:
    data = body(paragraph(run(f"{MET} On 15 May.")))

    done = comment(data, "It met elsewhere.", MET, MET, "5 May.", "")

    assert [remark.comment for remark in done.unplaced] == ["1", "3", "4", "5"]
    assert comments(done.data) == ["2"]


def test_a_sentence_far_away_does_not_hide_those_in_front() -> None:
    data = body(*(paragraph(run(text)) for text in (MET, ADOPTED, "Agreed.")))

    assert spans(data, "Agreed.", MET, ADOPTED) == [MET, ADOPTED, "Agreed."]


def test_a_table_of_contents_is_not_commented() -> None:
    word = WordFile()
    word.document.styles.add_style("toc 1", 1)
    word.paragraph("Introduction\t3", style="toc 1")
    word.paragraph("Introduction", style="Heading 1")

    xml = part(comment(word.save(), "Introduction").data).decode()

    assert xml.index("commentRangeStart") > xml.index("</w:p>")


def test_without_a_comment_the_file_is_the_same() -> None:
    data = body(paragraph(run(MET)))

    assert comment(data, "Not there.").data == data


@pytest.mark.parametrize(
    "text",
    [
        "Two lines:\nthe second.",
        "理事会在日内瓦开会。",
        "Совет собрался.",
        "اجتمع المجلس في A/RES/76/307 جنيف.",
        "tab\tand 🙂",
    ],
)
def test_a_comment_may_have_lines_and_any_script(text: str) -> None:
    done = with_comments(body(paragraph(run(MET))), [Remark(MET, text)], "Бот")

    comment = next(iter(docx.Document(io.BytesIO(done.data)).comments))
    assert (comment.text, comment.author, comment.initials) == (text, "Бот", "Б")


def test_a_comment_from_right_to_left_says_so_but_for_its_latin_words() -> None:
    done = with_comments(body(paragraph(run(MET))), [Remark(MET, "القرار Council هنا")], "ITU")

    xml = part(done.data, "word/comments.xml").decode()
    assert "<w:bidi/>" in xml
    runs = re.findall(r"(<w:rtl/>)?</w:rPr><w:t[^>]*>([^<]*)<", xml)
    assert [(bool(rtl), text) for rtl, text in runs] == [
        (True, "القرار "),
        (False, "Council"),
        (True, " هنا"),
    ]


def test_characters_that_word_cannot_hold_are_left_out() -> None:
    done = with_comments(
        body(paragraph(run(MET))), [Remark(MET, "a\x00b\x1fc\uffffd\ud800e")], "I\x07TU\nbot"
    )

    comment = next(iter(docx.Document(io.BytesIO(done.data)).comments))
    assert (comment.text, comment.author) == ("abcde", "ITU bot")


def test_existing_comments_stay_and_ids_go_on() -> None:
    document = docx.Document()
    written = document.add_paragraph(MET)
    document.add_comment(written.runs, "by a person", author="Ana")
    file = io.BytesIO()
    document.save(file)
    data = file.getvalue()

    done = comment(data, MET)

    found = list(docx.Document(io.BytesIO(done.data)).comments)
    assert [(one.text, one.author) for one in found] == [("by a person", "Ana"), ("1", "ITU bot")]
    assert commented(done.data) == [("by a person", MET), ("1", MET)]
    for name in ("[Content_Types].xml", "word/_rels/document.xml.rels"):
        assert part(done.data, name) == part(data, name)


def members(data: bytes) -> dict[str, bytes]:
    """Return the compressed bytes of each member, in the archive's order."""
    found = {}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        for info in archive.infolist():
            start = info.header_offset + 30
            lengths = data[info.header_offset + 26 : start]
            start += int.from_bytes(lengths[:2], "little") + int.from_bytes(lengths[2:], "little")
            found[info.filename] = data[start : start + info.compress_size]
    return found


def test_all_other_parts_are_the_same_compressed_bytes_in_the_same_order() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(rich())) as source, zipfile.ZipFile(packed, "w") as archive:
        archive.comment = b"kept"
        for at, name in enumerate(reversed(source.namelist())):
            method = zipfile.ZIP_STORED if at % 2 else zipfile.ZIP_DEFLATED
            archive.writestr(zipfile.ZipInfo(name, (2001, 2, 3, 4, 5, 6)), source.read(name), method, 1)
    data = packed.getvalue()

    done = comment(data, MET).data

    changed = {"word/document.xml", "word/_rels/document.xml.rels", "[Content_Types].xml"}
    before, after = members(data), members(done)
    assert [*before, "word/comments.xml"] == list(after)
    assert {name for name, packed in before.items() if packed != after[name]} == changed
    with zipfile.ZipFile(io.BytesIO(done)) as archive:
        assert archive.comment == b"kept"
        assert {info.date_time for info in archive.infolist()} == {(2001, 2, 3, 4, 5, 6)}


def test_a_new_part_is_no_folder_where_the_first_member_is_one() -> None:
    packed = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(body(paragraph(run(MET))))) as source,
        zipfile.ZipFile(packed, "w") as copy,
    ):
        copy.mkdir("word")
        for name in source.namelist():
            copy.writestr(name, source.read(name))

    done = comment(packed.getvalue(), MET).data

    with zipfile.ZipFile(io.BytesIO(done)) as archive:
        assert archive.getinfo("word/").external_attr != archive.getinfo("word/comments.xml").external_attr


def test_a_part_that_nothing_refers_to_keeps_its_name() -> None:
    data = with_part(body(paragraph(run(MET))), "word/Comments.xml", b"other")

    done = comment(data, MET)

    assert part(done.data, "word/Comments.xml") == b"other"
    assert part(done.data, "word/comments1.xml")
    assert commented(done.data) == [("1", MET)]


def streamed(data: bytes) -> bytes:
    """Return the archive as a program writes it that cannot go back: with the sizes behind the content."""

    class Stream(io.RawIOBase):
        def __init__(self) -> None:
            self.written = b""

        def writable(self) -> bool:
            return True

        def write(self, piece: object) -> int:
            self.written += bytes(piece)  # type: ignore[call-overload]
            return len(bytes(piece))  # type: ignore[call-overload]

    stream = Stream()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as source,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as copy,
    ):
        for name in source.namelist():
            copy.writestr(name, source.read(name))
    return stream.written


def test_an_archive_that_was_streamed() -> None:
    done = comment(streamed(body(paragraph(run(MET)))), MET)

    assert members(done.data)
    assert commented(done.data) == [("1", MET)]


def test_other_xml_of_the_document_stays() -> None:
    word = WordFile()
    word.paragraph(MET)
    data = replaced(word.save(), b"<w:body>", b"<?keep this?><w:body><!-- and this -->")

    xml = part(comment(data, MET).data)

    assert b"<?keep this?>" in xml
    assert b"<!-- and this -->" in xml


def replaced(data: bytes, old: bytes, new: bytes, name: str = "word/document.xml") -> bytes:
    """Return the file with other bytes in a part."""
    content = part(data, name)
    assert old in content
    return with_part(data, name, content.replace(old, new))


def test_a_document_without_the_usual_prefix() -> None:
    data = body(paragraph(run(f"{MET} {ADOPTED}")))
    xml = (
        part(data)
        .replace(b"xmlns:w=", b"xmlns:word=")
        .replace(b"<w:", b"<word:")
        .replace(b"</w:", b"</word:")
    )
    xml = re.sub(rb" w:(\w+)=", rb" word:\1=", xml)

    done = comment(replaced(data, part(data), xml), ADOPTED)

    assert commented(done.data) == [("1", ADOPTED)]


def test_files_that_take_no_comments_are_refused_in_one_line() -> None:
    usual = body(paragraph(run(MET)))
    main = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    macros = b"application/vnd.ms-word.document.macroEnabled.main+xml"
    strict = b"http://purl.oclc.org/ooxml/wordprocessingml/main"
    transitional = b"http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512) + "EncryptedPackage".encode("utf-16-le")
    refused = {
        "it has macros: save it as .docx, without them": replaced(usual, main, macros, "[Content_Types].xml"),
        "it is protected by a password: save it without one": ole,
        "the file is empty": b"",
        "it is no Word file: save it as .docx": b"Only text.",
        "it is saved as “Strict Open XML”: save it as a usual Word document": replaced(
            usual, transitional, strict
        ),
        "the archive is damaged (File is not a zip file)": usual[:2000],
    }
    for message, data in refused.items():
        with pytest.raises(NotReadable) as error:
            comment(data, MET)
        assert str(error.value) == message


def test_a_template_takes_comments() -> None:
    data = replaced(
        body(paragraph(run(MET))), b"document.main+xml", b"template.main+xml", "[Content_Types].xml"
    )

    assert b"commentRangeStart" in part(comment(data, MET).data)


def test_a_damaged_document_is_refused() -> None:
    with pytest.raises(NotReadable, match=r"its part word/document.xml is no valid XML"):
        comment(replaced(body(paragraph(run(MET))), b"</w:body>", b""), MET)


def test_entities_are_refused() -> None:
    data = replaced(body(paragraph(run(MET))), b"<w:document", b'<!DOCTYPE d [<!ENTITY e "x">]><w:document')

    with pytest.raises(NotReadable, match="declares a document type"):
        comment(data, MET)


SPELLED = ["Council", "met", "d’État", "理事会", "اجتمع", "5", "&", "A/RES/76"]
SENTENCES = st.lists(
    st.lists(st.sampled_from(SPELLED), min_size=1, max_size=4).map(lambda words: " ".join(words) + "."),
    min_size=1,
    max_size=5,
)
FORMATS = ["", "<w:rPr><w:b/></w:rPr>", '<w:rPr><w:color w:val="FF0000"/></w:rPr>']
AROUND = [
    "{}",
    '<w:hyperlink w:anchor="x">{}</w:hyperlink>',
    '<w:ins w:id="1" w:author="A">{}</w:ins>',
    "<w:smartTag>{}</w:smartTag>",
]


@settings(max_examples=60)
@given(data=st.data(), sentences=SENTENCES)
def test_however_runs_are_divided_a_comment_is_at_its_sentence(
    data: st.DataObject, sentences: Sequence[str]
) -> None:
    text = " ".join(sentences)
    cuts = sorted(data.draw(st.sets(st.integers(1, len(text) - 1), max_size=8)))
    inner = "".join(
        data.draw(st.sampled_from(AROUND)).format(
            run(text[start:end].replace("&", "&amp;"), data.draw(st.sampled_from(FORMATS)))
        )
        for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)
    )

    assert spans(body(paragraph(inner)), *sentences) == sentences


def rich() -> bytes:
    """Return a file with everything that a text can be in."""
    word = WordFile()
    word.abstract(1, [("decimal", "%1."), ("lowerLetter", "(%2)")])
    word.instance(1, 1)
    word.paragraph("Report of the Council", style="Title")
    word.paragraph("Work of the year", style="Heading 1")
    for text in (
        f"{MET} {ADOPTED}",
        "The Summit of the Future is on 22-23 September 2024. It is in New York.",
    ):
        word.paragraph(text, num=1, level=0)
        word.paragraph("To report to the Plenipotentiary Conference; and to the Council.", num=1, level=1)
    word.paragraph("Without a number. Mr. Smith agreed.", style="List Bullet")
    noted = word.paragraph("There is a note.")
    word.footnote(noted, "The note is short. It ends here.")
    word.table(
        [["Date", "Event"], ["5 May 2024", "Council meeting"], ["6 May 2024", "Working group of the Council"]]
    )
    word.table([["A frame around text. Its second sentence."]])
    word.document.add_picture(str(PICTURE), width=Mm(80))
    word.document.sections[0].header.paragraphs[0].text = "Running head"
    word.paragraph("ولم يجتمع المجلس. ثم اجتمع.")
    word.paragraph("理事会开会。会议结束。")
    return word.save()


def test_every_sentence_of_an_ingest_is_found() -> None:
    data = rich()
    sections = to_sections("d", reader.read(data).blocks)
    sentences = [section.text[start:end] for section in sections for start, end in split(section.text)]

    done = comment(data, *sentences)

    assert len(sentences) > 18
    assert [remark.text for remark in done.unplaced] == []
    assert without_comments(done.data) == without_comments(data)


@pytest.mark.parametrize(
    "name", ["word/document.xml", "word/comments.xml", "word/_rels/document.xml.rels", "[Content_Types].xml"]
)
@BOUNDED
@given(edits=EDITS)
def test_a_file_with_a_broken_part_is_refused_or_commented(
    name: str, edits: list[tuple[float, str, bytes]]
) -> None:
    data = written(commented_once)

    with suppress(NotReadable):
        comment(with_part(data, name, mutated(part(data, name), edits)), MET, ROSE)


def commented_once() -> bytes:
    return comment(body(paragraph(run(f"{MET} {ADOPTED}")), paragraph(run(ROSE))), ADOPTED).data
