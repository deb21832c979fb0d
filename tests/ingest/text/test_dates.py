"""The grammar of dates: what is read, as what, and what is never read as a date, in six languages."""

from __future__ import annotations

from datetime import date

import pytest

from ingest.text.dates import DateExpression, agrees, find_dates
from ingest.text.languages import detect_language
from ingest.text.lexicon import lexicon
from ingest.text.sentences import split
from tests.growth import LINEAR, lines_run

WRITTEN = date(2025, 2, 3)


def days(text: str, language: str = "en", reference: date | None = WRITTEN) -> list[str]:
    """Return the days found in a text, "first" or "first/last"."""
    return [
        str(one.start) if one.start == one.end else f"{one.start}/{one.end}"
        for one in find_dates(text, reference=reference, language=language)
        if one.kind == "date"
    ]


def only(text: str) -> DateExpression:
    found = find_dates(text, reference=WRITTEN)
    assert len(found) == 1, found
    return found[0]


DAYS = {
    "en": [
        ("scheduled for 22-23 September 2024,", "2024-09-22/2024-09-23"),
        ("on 9 and 10 May 2024 in Nairobi", "2024-05-09/2024-05-10"),
        ("from 30 November to 12 December 2023", "2023-11-30/2023-12-12"),
        ("from 15 December to 10 January 2025", "2024-12-15/2025-01-10"),
        ("June 10-11, 2024", "2024-06-10/2024-06-11"),
        ("(12–16.V.2025)", "2025-05-12/2025-05-16"),
        ("due 25/05/2024", "2024-05-25"),
        ("on 17 November last year", "2024-11-17"),
        ("30 September, 1 and 2 October 2024", "2024-09-30/2024-10-02"),
        ("Monday 3 to Friday 7 March 2025", "2025-03-03/2025-03-07"),
        ("the week of 12 May 2025", "2025-05-12/2025-05-18"),
        ("in May/June 2025", "2025-05-01/2025-06-30"),
        ("Q1–Q2 2025", "2025-01-01/2025-06-30"),
        ("mid-May 2025", "2025-05-11/2025-05-20"),
        ("by the end of August 2025", "2025-08-31"),
        ("last September", "2024-09-01/2024-09-30"),
        ("the Summit of the Future 2024", "2024-01-01/2024-12-31"),
        ("Questionnaire 14, 31 March 2025", "2025-03-31"),
        ("Group 3, 5 May 2025", "2025-05-05"),
        ("Day 1 – Wednesday, 7 May", "2025-05-07"),
    ],
    "fr": [
        ("La session aura lieu du 22 au 23 septembre 2025.", "2025-09-22/2025-09-23"),
        ("Les 4 et 5 juin 2025", "2025-06-04/2025-06-05"),
        ("le 1er octobre", "2025-10-01"),
        ("pendant la première quinzaine de mai", "2025-05-01/2025-05-15"),
        ("au troisième trimestre de 2025", "2025-07-01/2025-09-30"),
        ("à la mi-mai", "2025-05-11/2025-05-20"),
        ("le mois prochain", "2025-03-01/2025-03-31"),
        ("du 28 juin au 2 juillet 2025", "2025-06-28/2025-07-02"),
        ("le vendredi vingt et un mars", "2025-03-21"),
        ("du 20 novembre-15 décembre 2025", "2025-11-20/2025-12-15"),
        ("Il a été convenu que le Groupe achèverait ses travaux à la mi-juin.", "2025-06-11/2025-06-20"),
        ("nommé le 1er septembre dernier", "2024-09-01"),
        ("la note du secrétariat, “by 8 March 2025”", "2025-03-08"),
    ],
    "es": [
        ("La reunión se celebrará del 22 al 23 de septiembre de 2025.", "2025-09-22/2025-09-23"),
        ("el 1.º de octubre de 2025", "2025-10-01"),
        ("a más tardar el 8 de marzo", "2025-03-08"),
        ("el viernes trece de junio", "2025-06-13"),
        ("en el tercer trimestre de 2025", "2025-07-01/2025-09-30"),
        ("el próximo mes", "2025-03-01/2025-03-31"),
    ],
    "ru": [
        ("Сессия состоится 22–23 сентября 2025 года.", "2025-09-22/2025-09-23"),
        ("с 28 июня по 2 июля 2025 года", "2025-06-28/2025-07-02"),
        ("не позднее 8 марта", "2025-03-08"),
        ("8 марта в 2 часа дня", "2025-03-08"),
        ("двадцать пятого мая 2025 года", "2025-05-25"),
        ("не позднее 15 числа следующего месяца", "2025-03-15"),
        ("в третьем квартале 2025 года", "2025-07-01/2025-09-30"),
        ("в следующем месяце", "2025-03-01/2025-03-31"),
    ],
    "zh": [
        ("会议将于2025年9月22日至23日举行。", "2025-09-22/2025-09-23"),
        ("2025年6月28日至7月2日", "2025-06-28/2025-07-02"),
        ("不迟于3月8日", "2025-03-08"),
        ("五月十二至十六日", "2025-05-12/2025-05-16"),
        ("二〇二五年五月十八日至二十日", "2025-05-18/2025-05-20"),
        ("今年9月9日和10日", "2025-09-09/2025-09-10"),
        ("6月的研讨会照常举行。", "2025-06-01/2025-06-30"),
        ("2025年第三季度", "2025-07-01/2025-09-30"),
        ("2025年9月中旬", "2025-09-11/2025-09-20"),
        ("2025年12月30日至1月2日", "2025-12-30/2026-01-02"),
        ("去年11月17日至28日", "2024-11-17/2024-11-28"),
    ],
    "ar": [
        ("تعقد الدورة يومي 22-23 أيلول/سبتمبر 2025.", "2025-09-22/2025-09-23"),
        ("من ٢٨ يونيو إلى ٢ يوليو ٢٠٢٥", "2025-06-28/2025-07-02"),
        ("في موعد لا يتجاوز 8 مارس", "2025-03-08"),
        ("في الخامس والعشرين من أيار/مايو 2025", "2025-05-25"),
        ("في الربع الثالث من عام 2025", "2025-07-01/2025-09-30"),
    ],
}


@pytest.mark.parametrize(
    ("language", "text", "expected"), [(name, *one) for name, rows in DAYS.items() for one in rows]
)
def test_days(language: str, text: str, expected: str) -> None:
    assert days(text, language) == [expected]


@pytest.mark.parametrize(
    ("words", "written", "year"),
    [
        ("last May", date(2024, 6, 1), 2024),
        ("last May", date(2024, 5, 30), 2023),
        ("last May", date(2024, 5, 1), 2023),
        ("next May", date(2024, 4, 30), 2024),
        ("next May", date(2024, 5, 1), 2025),
        ("this May", date(2024, 12, 31), 2024),
    ],
)
def test_month_beside_that_of_the_document(words: str, written: date, year: int) -> None:
    assert days(f"It was held {words} in Geneva.", reference=written) == [f"{year}-05-01/{year}-05-31"]


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "It meets from 4 to 6 May 2025. Papers are due two weeks before the opening.", "2025-04-20"),
        ("en", "It meets from 4 to 6 May 2025. A visit takes place the day after.", "2025-05-07"),
        ("fr", "Le lancement a lieu le 4 mai 2025. Une soirée est prévue la veille.", "2025-05-03"),
        ("es", "Se reunirá del 4 al 6 de mayo de 2025. Los documentos, diez días antes.", "2025-04-24"),
        (
            "ru",
            "Сессия пройдёт 4–6 мая 2025 года. Документы рассылаются за 30 дней до открытия.",
            "2025-04-04",
        ),
        ("zh", "会议于2025年5月4日至6日举行。开幕前两天参观。", "2025-05-02"),
        ("ar", "تعقد الدورة في 4 مايو 2025، وتقام الزيارة في اليوم التالي.", "2025-05-05"),
    ],
)
def test_a_day_is_counted_from_the_date_before_it(language: str, text: str, expected: str) -> None:
    assert days(text, language)[1:] == [expected]


def test_a_day_is_counted_only_where_no_date_says_it() -> None:
    assert days("It meets on 4 May 2025, two days before the Forum (6 May 2025).") == [
        "2025-05-04",
        "2025-05-06",
    ]
    assert days("Papers are due two weeks before each meeting.") == []


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "the 2030 Agenda for Sustainable Development"),
        ("en", "resolution A/RES/76/307"),
        ("en", "see C24/67 and C23/INF/8"),
        ("en", "within the allocated budget 2024-2025"),
        ("en", "Resolution 70 (Rev. Bucharest, 2022)"),
        ("en", "It may 5 times"),
        ("en", "May I thank you"),
        ("en", "on 31 June 2025"),
        ("en", "Recommendation ITU-T Y.2060"),
        ("en", "http://www.itu.int/2024/05/12"),
        ("en", "+41 22 730 51 11"),
        ("en", "1/2025"),
        ("en", "the twenty-first session of the Council"),
        ("fr", "le Programme de développement durable à l'horizon 2030"),
        ("es", "la Agenda 2030 para el Desarrollo Sostenible"),
        ("ru", "Повестка дня на период до 2030 года"),
        ("zh", "《2030年可持续发展议程》"),
        ("ar", "خطة التنمية المستدامة لعام 2030"),
        ("fr", "la résolution 75/1"),
        ("fr", "le budget pour 2024-2025"),
        ("fr", "le marché des télécommunications"),
        ("es", "la puesta en marcha del sistema"),
        ("zh", "为期三日"),
    ],
)
def test_never_a_date(language: str, text: str) -> None:
    assert days(text, language) == []


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "no later than Friday, 8 March"),
        ("en", "by midnight (Geneva time) on Thursday 8 March"),
        ("en", "8 March at the latest"),
        ("fr", "Les demandes sont reçues jusqu'au 8 mars."),
        ("es", "El plazo vence el 8 de marzo a más tardar."),
        ("ru", "Заявки принимаются не позднее 8 марта."),
        ("zh", "请不迟于3月8日提交。"),
        ("ar", "تقدم الطلبات في موعد لا يتجاوز 8 مارس."),
    ],
)
def test_limit_is_read(language: str, text: str) -> None:
    (found,) = find_dates(text, reference=WRITTEN, language=language)
    assert (found.start is not None, found.bound) == (True, "by")


@pytest.mark.parametrize(
    "text", ["not before 1 July 2026", "with effect from 1 July 2026", "after 1 July 2026"]
)
def test_first_day_is_read(text: str) -> None:
    assert only(text).bound == "from"


@pytest.mark.parametrize(
    ("text", "time", "zone"),
    [
        ("13 June 2025, 17:00 Geneva time", "17:00", "Geneva time"),
        ("Monday, 3 March 2025, 0930–1230 hours (Geneva time)", "09:30", "Geneva time"),
        ("on 5 June 2025 at 5:30 p.m. EST", "17:30", "EST"),
        ("2025-03-03T14:00", "14:00", None),
    ],
)
def test_hours(text: str, time: str, zone: str | None) -> None:
    found = only(text)
    assert (found.time, found.timezone) == (time, zone)


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "The deadline was moved from 4 to 11 April.", ["2025-04-04", "2025-04-11"]),
        ("fr", "avancé du 26 au 19 juin", ["2025-06-26", "2025-06-19"]),
        ("ru", "перенесено с 4 на 11 апреля", ["2025-04-04", "2025-04-11"]),
    ],
)
def test_a_move_is_two_days_and_no_span(language: str, text: str, expected: list[str]) -> None:
    assert days(text, language) == expected
    assert [one.moved for one in find_dates(text, reference=WRITTEN, language=language)] == [False, True]


@pytest.mark.parametrize(
    ("reference", "text", "expected"),
    [
        (date(2025, 6, 3), "It met on 8 March and will meet on 7 October.", ["2025-03-08", "2025-10-07"]),
        (date(2025, 11, 20), "Replies are due on 15 January.", ["2026-01-15"]),
        (date(2025, 2, 3), "The Group met on 12 December.", ["2024-12-12"]),
        (
            date(2025, 6, 3),
            "Meetings: 4 November 2025, 13 January, 10 February.",
            ["2025-11-04", "2026-01-13", "2026-02-10"],
        ),
        (date(2025, 6, 3), "on Monday 12 January", ["2026-01-12"]),
        (
            date(2025, 6, 3),
            "Two posts (until 2013) are filled from 1 July.",
            ["2013-01-01/2013-12-31", "2025-07-01"],
        ),
    ],
)
def test_missing_years_are_the_documents_unless_the_text_says_otherwise(
    reference: date, text: str, expected: list[str]
) -> None:
    assert days(text, reference=reference) == expected


@pytest.mark.parametrize(
    ("words", "start", "end", "right"),
    [
        ("12 to 14 May", date(2025, 5, 12), date(2025, 5, 14), True),
        ("12 May", date(2026, 5, 12), date(2026, 5, 12), True),
        ("12 May", date(2031, 5, 12), date(2031, 5, 12), False),
        ("12 May", date(2025, 5, 13), date(2025, 5, 13), False),
        ("the 12th", date(2025, 5, 12), date(2025, 5, 12), True),
        ("the 12th", date(2025, 5, 13), date(2025, 5, 13), False),
        ("soon", date(2025, 5, 12), date(2025, 5, 12), False),
        ("12/5", date(2025, 5, 12), date(2025, 5, 12), True),
    ],
)
def test_words_can_mean_days(words: str, start: date, end: date, *, right: bool) -> None:
    assert agrees(words, start, end, reference=WRITTEN) is right


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("会议于3月举行。文件将于4月发布。", 2),
        ("متى يعقد الاجتماع؟ يعقد في مارس.", 2),
        ("Le rapport de M. Diallo est publié. Il est court.", 2),
    ],
)
def test_sentences_end_where_the_script_ends_them(text: str, count: int) -> None:
    assert len(split(text)) == count


def test_a_list_of_names_has_no_language() -> None:
    names = (
        "Ms María González, Sr. Juan Pérez, Dr Ana Sánchez, Mr Pedro Martínez, Ms Carmen Díaz, Mr Luis Gómez"
    )
    assert detect_language(names) is None


def test_the_work_is_linear() -> None:
    def steps(count: int) -> int:
        text = "From 5 to 7 May, 9 and 12 June; " * count
        return lines_run(lambda: find_dates(text, reference=WRITTEN))

    assert steps(80) < LINEAR * steps(40)


@pytest.mark.parametrize(
    ("text", "past"), [("speed and feed need it", False), ("it was opened", True), ("it came out", True)]
)
def test_forms_of_the_past(text: str, past: bool) -> None:
    assert lexicon("en").is_past(text) is past
