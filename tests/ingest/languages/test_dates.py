"""Dates of five languages, as documents of the United Nations write them."""

from __future__ import annotations

from datetime import date

import pytest

from ingest.dates import find_dates
from ingest.document.sentences import split

WRITTEN = date(2025, 2, 3)

DAYS = {
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
        ("двадцать пятого мая 2025 года", "2025-05-25"),
        ("не позднее 15 числа следующего месяца", "2025-03-15"),
        ("в третьем квартале 2025 года", "2025-07-01/2025-09-30"),
        ("в следующем месяце", "2025-03-01/2025-03-31"),
    ],
    "zh": [
        ("会议将于2025年9月22日至23日举行。", "2025-09-22/2025-09-23"),
        ("2025年6月28日至7月2日", "2025-06-28/2025-07-02"),
        ("不迟于3月8日", "2025-03-08"),
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


def days(text: str, language: str) -> list[str]:
    """Return the days found in a text, "first" or "first/last"."""
    return [
        str(one.start) if one.start == one.end else f"{one.start}/{one.end}"
        for one in find_dates(text, reference=WRITTEN, language=language)
    ]


@pytest.mark.parametrize(
    ("language", "text", "expected"), [(name, *one) for name, rows in DAYS.items() for one in rows]
)
def test_days(language: str, text: str, expected: str) -> None:
    assert days(text, language) == [expected]


@pytest.mark.parametrize(
    ("language", "text"),
    [
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
def test_name_with_a_year_is_no_date(language: str, text: str) -> None:
    assert days(text, language) == []


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fr", "Les demandes sont reçues jusqu'au 8 mars."),
        ("es", "El plazo vence el 8 de marzo a más tardar."),
        ("ru", "Заявки принимаются не позднее 8 марта."),
        ("zh", "请不迟于3月8日提交。"),
        ("ar", "تقدم الطلبات في موعد لا يتجاوز 8 مارس."),
    ],
)
def test_limit_is_read(language: str, text: str) -> None:
    (found,) = find_dates(text, reference=WRITTEN, language=language)
    assert (str(found.start), found.bound) == ("2025-03-08", "by")


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
