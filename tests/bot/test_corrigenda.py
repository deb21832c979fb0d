"""A corrigendum is a document of its own, and an answer from a paragraph that it corrects says so."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from bot.answers.answer import Answer, Basis
from bot.answers.composing import with_corrigenda
from bot.settings import Settings
from bot.wiring import Services, build
from store.records import Citation, Document

AS_OF = date(2025, 5, 1)
PAPER = """Document C25/31-E
Geneva, 20 April 2025

1. Summit
1.1\tThe Radio Summit will be held on 22-23 September 2025 in New York, with eighty partners.
1.2\tThe Lunar Forum takes place in Lima on 4 May 2026, with ninety guests.
"""
CORRIGENDUM = """Corrigendum 1 to
Document C25/31-E
Geneva, 27 April 2025

In paragraph 1.1, for "eighty partners" read "sixty partners".
"""


@pytest.fixture(scope="module")
def corrected(tmp_path_factory: pytest.TempPathFactory, report: Services) -> Iterator[Services]:
    data, papers = tmp_path_factory.mktemp("corrected"), tmp_path_factory.mktemp("papers")
    (papers / "paper.txt").write_text(PAPER)
    (papers / "corrigendum.txt").write_text(CORRIGENDUM)
    # The model is exported once.
    services = build(
        Settings(data_dir=data, encoder_dir=report.shared.settings.encoder_folder, _env_file=None)
    )
    services.shared.ingest([papers])
    yield services
    services.shared.close()


def test_a_corrigendum_is_a_document_of_its_own(corrected: Services) -> None:
    documents = {d.symbol: d.corrected_symbol for d in corrected.catalog.documents()}

    assert documents == {"C25/31-E": None, "C25/31(Corr.1)-E": "C25/31"}


def test_an_answer_from_a_corrected_paragraph_says_so(corrected: Services) -> None:
    answer = corrected.assistant.answer("Where is the Radio Summit, with how many partners?", as_of=AS_OF)

    assert "1.1" in [citation.section for citation in answer.citations]
    assert "C25/31(Corr.1)-E corrects § 1.1: read both." in (answer.note or "")


def test_an_answer_from_another_paragraph_says_nothing_of_it(corrected: Services) -> None:
    answer = corrected.assistant.answer("Where is the Lunar Forum?", as_of=AS_OF)

    assert [citation.section for citation in answer.citations] == ["1.2"]
    assert answer.note is None


@pytest.mark.parametrize(
    ("symbol", "of"),
    [
        ("C25/31(Corr.1)-E", "C25/31"),
        ("C25/31(Rev.1)(Corr.2)-F", "C25/31"),
        ("A/79/1/Corr.1", "A/79/1"),
        ("C25/INF/8 Corr.1", "C25/INF/8"),
        ("C25/INF/8-Corr.1-E", "C25/INF/8"),
        ("C25/31(Rev.1)-E", None),
        ("C25/31(Add.1)-E", None),
        ("C25/31-Add.1", None),
        ("C25/31-E", None),
    ],
)
def test_the_symbol_of_a_corrigendum_says_what_it_corrects(symbol: str, of: str | None) -> None:
    assert Document("d", "d.txt", "D", symbol=symbol).corrected_symbol == of


@pytest.mark.parametrize(
    "symbol", ["C25/31-E", "C25/31(Rev.2)-F", "C25/31 Rev.1", "C25/31/Rev.1", "C25/31-Rev.1"]
)
def test_all_revisions_and_languages_have_one_unrevised_symbol(symbol: str) -> None:
    assert Document("d", "d.txt", "D", symbol=symbol).unrevised_symbol == "C25/31"


@pytest.mark.parametrize(
    ("text", "corrected"),
    [
        ("In paragraph 5, replace “eighty” by “sixty”.", True),
        ("Au paragraphe 5, remplacer «quatre-vingts» par «soixante».", True),
        ("En el párrafo 5, sustitúyase «ochenta» por «sesenta».", True),
        ("В пункте 5 вместо «восьмидесяти» следует читать «шестидесяти».", True),
        ("将第5段中的“八十”改为“六十”。", True),
        ("في الفقرة 5، يستعاض عن كلمة ثمانين بكلمة ستين.", True),
        ("Au paragraphe 7, remplacer «quatre-vingts» par «soixante».", False),
        ("В пункте 7 вместо «восьмидесяти» следует читать «шестидесяти».", False),
        ("将第7段中的“5”改为“6”。", False),
        ("في الفقرة 7، يستعاض عن 5 بالرقم 6.", False),
    ],
)
def test_a_corrigendum_names_paragraphs_in_the_words_of_its_language(text: str, corrected: bool) -> None:
    papers = [
        Document("1", "paper.txt", "Paper", symbol="C25/31-E"),
        Document("2", "corrigendum.txt", "Corrigendum", symbol="C25/31(Corr.1)-E"),
    ]
    cited = Citation(1, "paper.txt", "Paper", "C25/31-E", "5", "", None, "Eighty partners.", document_id="1")
    reply = Answer("?", "?", "Eighty partners. [1]", True, AS_OF, Basis.of(papers), citations=(cited,))
    noted = with_corrigenda(reply, papers, lambda _: [text]).note
    assert (noted is not None) is corrected
