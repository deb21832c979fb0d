"""Documents in five languages: their date, and the events that their sentences and rows date."""

from __future__ import annotations

from datetime import date

import pytest

from ingest.document.facts import find_facts
from ingest.readers.base import Block, Extract
from store.records import Document, Event
from tests.ingest.events.papers import events, only

POSTPONED = {
    "fr": "La réunion prévue le 4 mars 2025 a été reportée au 12 avril 2025.",
    "es": "La reunión prevista para el 4 de marzo de 2025 se ha aplazado hasta el 12 de abril de 2025.",
    "ru": "Собрание, запланированное на 4 марта 2025 года, перенесено на 12 апреля 2025 года.",
    "zh": "原定于2025年3月4日举行的会议推迟至2025年4月12日。",
    "ar": "تأجل الاجتماع الذي كان مقررا عقده في 4 مارس 2025، وسيعقد في 12 أبريل 2025.",
}
MOVED = {
    "fr": "L'atelier ne se tiendra plus le 4 mars 2025 mais le 12 avril 2025.",
    "es": "El taller ya no se celebrará el 4 de marzo de 2025, sino el 12 de abril de 2025.",
    "ru": "Семинар пройдет не 4 марта 2025 года, а 12 апреля 2025 года.",
    "zh": "讲习班不再于2025年3月4日举行，而改在2025年4月12日。",
    "ar": "لن تعقد ورشة العمل في 4 مارس 2025 بل في 12 أبريل 2025.",
}
DEADLINES = {
    "fr": "La date limite de soumission des contributions est le 8 mars 2025.",
    "es": "El plazo para la presentación de contribuciones vence el 8 de marzo de 2025.",
    "ru": "Крайний срок представления вкладов – 8 марта 2025 года.",
    "zh": "提交文稿的截止日期为2025年3月8日。",
    "ar": "الموعد النهائي لتقديم المساهمات هو 8 مارس 2025.",
}
CANCELLED = {
    "fr": "La réunion prévue le 4 mars 2025 est annulée.",
    "es": "La reunión prevista para el 4 de marzo de 2025 ha sido cancelada.",
    "ru": "Собрание, запланированное на 4 марта 2025 года, отменено.",
    "zh": "原定于2025年3月4日举行的会议已取消。",
    "ar": "ألغي الاجتماع المقرر عقده في 4 مارس 2025.",
}
PROPOSED = {
    "fr": "La réunion aura lieu le 4 mars 2025, date à confirmer.",
    "es": "La reunión se celebraría el 4 de marzo de 2025 (fecha por confirmar).",
    "ru": "Собрание предлагается провести 4 марта 2025 года.",
    "zh": "会议暂定于2025年3月4日举行。",
    "ar": "يقترح عقد الاجتماع في 4 مارس 2025.",
}
MAYBE = {
    "fr": "La réunion pourrait se tenir le 4 mars 2025.",
    "es": "La reunión podría realizarse el 4 de marzo de 2025.",
    "ru": "Собрание может состояться 4 марта 2025 года.",
    "zh": "会议有可能在2025年3月4日举行。",
    "ar": "يمكن أن يعقد الاجتماع في 4 مارس 2025.",
}
NOT_HELD = {
    "fr": "Il n'a pas été possible de tenir la réunion du 4 mars 2024.",
    "es": "No fue posible celebrar la reunión del 4 de marzo de 2024.",
    "ru": "Провести собрание 4 марта 2024 года не удалось.",
    "zh": "2024年3月4日的会议未能召开。",
    "ar": "لم يتسن عقد الاجتماع في 4 مارس 2024.",
}
HEADS = {
    "fr": "Genève, le 3 février 2025",
    "es": "Ginebra, 3 de febrero de 2025",
    "ru": "Женева, 3 февраля 2025 года",
    "zh": "2025年2月3日，日内瓦",
    "ar": "جنيف، 3 فبراير 2025",
}
BODIES = {
    "fr": "Le Conseil est invité à prendre note du présent document et à formuler des observations à ce sujet.",
    "es": "Se invita al Consejo a tomar nota del presente documento y a formular observaciones al respecto.",
    "ru": "Совету предлагается принять к сведению настоящий документ и представить свои замечания.",
    "zh": "请理事会注意本文件并酌情提出意见。",
    "ar": "يدعى المجلس إلى الإحاطة علما بهذه الوثيقة وإبداء ملاحظاته عليها.",
}


def of(language: str, *texts: str) -> list[Event]:
    """Return the events of a paper in a language."""
    paper = Document("C25/9", "paper.txt", "C25/9", date=date(2025, 2, 3), language=language)
    return events(*texts, heading="", document=paper)


@pytest.mark.parametrize("language", POSTPONED)
def test_postponed_date_and_its_replacement(language: str) -> None:
    found = {str(m.start): m.cue for event in of(language, POSTPONED[language]) for m in event.mentions}
    assert found["2025-03-04"] == "postponed"
    assert found["2025-04-12"] != "postponed"


@pytest.mark.parametrize("language", MOVED)
def test_contrast_of_two_dates(language: str) -> None:
    found = {str(m.start): m.cue for event in of(language, MOVED[language]) for m in event.mentions}
    assert found == {"2025-03-04": "postponed", "2025-04-12": "planned"}


def test_term_that_is_extended_from_a_day() -> None:
    found = of("zh", "将工作组的任期由2025年12月31日延长至2026年12月31日。")
    cues = {str(m.start): m.cue for event in found for m in event.mentions}
    assert cues == {"2025-12-31": "postponed", "2026-12-31": "planned"}


@pytest.mark.parametrize("language", CANCELLED)
def test_cancelled_date(language: str) -> None:
    (found,) = of(language, CANCELLED[language])
    assert (str(found.mentions[0].start), found.mentions[0].cue) == ("2025-03-04", "cancelled")


@pytest.mark.parametrize("language", NOT_HELD)
def test_date_on_which_nothing_was_held(language: str) -> None:
    (found,) = of(language, NOT_HELD[language])
    assert (str(found.mentions[0].start), found.mentions[0].cue) == ("2024-03-04", "cancelled")


@pytest.mark.parametrize(("language", "text"), [*PROPOSED.items(), *MAYBE.items()])
def test_proposed_date(language: str, text: str) -> None:
    (found,) = of(language, text)
    assert (str(found.mentions[0].start), found.mentions[0].tentative) == ("2025-03-04", True)


@pytest.mark.parametrize("language", DEADLINES)
def test_deadline(language: str) -> None:
    (found,) = of(language, DEADLINES[language])
    assert (found.kind, str(found.mentions[0].start)) == ("deadline", "2025-03-08")


@pytest.mark.parametrize("language", DEADLINES)
def test_mention_is_a_part_of_the_text(language: str) -> None:
    text = DEADLINES[language]
    (found,) = of(language, text)
    mention = found.mentions[0]
    assert text[mention.offset :].startswith(mention.text)
    assert text[mention.sentence_start : mention.sentence_end].strip() == text


def test_title_is_in_the_words_of_the_document() -> None:
    paper = Document("C25/9", "paper.txt", "C25/9", date=date(2025, 2, 3), language="fr")
    text = "Manifestation: Forum régional pour l'Afrique; Dates: 4-6 mars 2026; Lieu: Nairobi"
    assert only(text, heading="", document=paper).title == "Forum régional pour l'Afrique"


@pytest.mark.parametrize(
    ("symbol", "beside", "language"), [("C25/9-F", {}, "fr"), ("C25/9", {"language": "FR"}, "fr")]
)
def test_symbol_or_the_file_beside_says_the_language(
    symbol: str, beside: dict[str, str], language: str
) -> None:
    text = "Meeting: Council; Date: 5 May 2025"
    facts = find_facts(
        Extract([Block("paragraph", symbol), Block("paragraph", text)]), name="paper.txt", sidecar=beside
    )
    assert facts.language.value == language


@pytest.mark.parametrize(
    "text",
    [
        "Kofi Mensah, Ghana, 12 May 2025; Maria Lopez Garcia, Spain, 3 June 2025; Juan Carlos Rodriguez, Mexico, 4 "
        "July 2025; Ana Fernandez, Chile, 9 October 2025",
        "Union africaine des télécommunications, Abidjan, 5 October 2025; Organisation internationale de la "
        "Francophonie, Paris, 7 October 2025",
    ],
)
def test_list_of_foreign_names_is_english(text: str) -> None:
    facts = find_facts(Extract([Block("paragraph", text)]), name="paper.txt", sidecar={})
    assert facts.language.value == "en"


@pytest.mark.parametrize("language", HEADS)
def test_date_and_language_of_a_document(language: str) -> None:
    lines = ["C25/INF/9", HEADS[language]]
    blocks = [Block("paragraph", line) for line in lines]
    facts = find_facts(
        Extract([*blocks, Block("paragraph", BODIES[language], number="1")]), name="paper.txt", sidecar={}
    )
    assert (facts.language.value, str(facts.date.value)) == (language, "2025-02-03")
