"""What people read in six languages: complete catalogs whose messages fit, and dates as documents write them."""

from __future__ import annotations

import ast
import re
import string
import tomllib
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from hypothesis import example, given
from hypothesis import strategies as st

from bot.locales import LANGUAGES, _, in_language, ngettext
from bot.register.wording import day, day_range, distance, is_same_dating, stored_dating, stored_words, when
from ingest.text.dates import find_dates
from tests.bot.register_entries import entry
from tests.tools.catalogs import stale

PROGRAM = Path(__file__).parents[2] / "bot"
OTHERS = [code for code in LANGUAGES if code != "en"]
KEYWORDS = {"_": None, "N_": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2)}
# Slack refuses a window with a longer title or button (docs.slack.dev/reference/views).
WINDOW_CHARS = 24
BUTTON_CHARS = 75
CLOSING_SIGNS = {".": ".。", ":": ":：", "?": "?？؟"}
GLOSSARY: dict[str, dict[str, list[str]]] = tomllib.loads(
    (PROGRAM.parent / "tests/data/glossary.toml").read_text("utf-8")
)


@cache
def catalog(code: str) -> Catalog:
    with (PROGRAM / "locales" / code / "LC_MESSAGES" / "itubot.po").open("rb") as file:
        return read_po(file, locale=code)


@cache
def messages() -> dict[tuple[object, str | None], tuple[str, ...]]:
    """Return (id, context) -> the English forms of each message of the program."""
    found = {}
    for _file, _line, ids, _comments, context in extract_from_dir(str(PROGRAM), keywords=KEYWORDS):
        forms = ids if isinstance(ids, tuple) else (ids,)
        found[forms[0], context] = forms
    return found


def forms_of(message: Message) -> tuple[str, ...]:
    return message.string if isinstance(message.string, tuple) else (message.string,)


def places(text: str) -> set[str]:
    return {name for _text, name, _spec, _conversion in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("code", OTHERS)
def test_every_message_of_the_program_is_translated(code: str) -> None:
    missing = [
        key for key in messages() if not (m := catalog(code).get(*key)) or not all(forms_of(m)) or m.fuzzy
    ]
    assert missing == []


@pytest.mark.parametrize("code", OTHERS)
def test_no_catalog_has_a_message_that_the_program_has_not(code: str) -> None:
    ids = {(m.id[0] if isinstance(m.id, tuple) else m.id, m.context) for m in catalog(code) if m.id}
    assert ids - messages().keys() == set()


@pytest.mark.parametrize("code", OTHERS)
def test_translations_are_of_the_text_that_is_there(code: str) -> None:
    assert stale(catalog(code)) == []


@pytest.mark.parametrize("code", OTHERS)
def test_terms_are_translated_as_the_glossary_says(code: str) -> None:
    others = [
        (term, english[0], form)
        for term, by_language in GLOSSARY.items()
        for key, english in messages().items()
        if any(re.search(rf"\b{term}s?\b", text, re.IGNORECASE) for text in english)
        for form in forms_of(catalog(code).get(*key))
        if not any(without_marks(word) in without_marks(form) for word in by_language[code])
    ]
    assert others == []


def without_marks(text: str) -> str:
    """Return a text in lower case, without the signs that Arabic and Russian may leave out."""
    return "".join(c for c in unicodedata.normalize("NFC", text.casefold()) if not unicodedata.combining(c))


def test_french_signs_do_not_begin_a_line() -> None:
    breaking = [
        form
        for key in messages()
        for form in forms_of(catalog("fr").get(*key))
        if re.search(r" [:;?!»]|« ", form)
    ]
    assert breaking == []


@pytest.mark.parametrize("code", OTHERS)
def test_translations_have_the_places_of_the_message(code: str) -> None:
    for key, english in messages().items():
        needed = set.union(*map(places, english))
        for form in forms_of(catalog(code).get(*key)):
            # A form for one number alone may do without it.
            assert places(form) in (needed, needed - {"count"} if len(english) > 1 else needed), (key, form)


@pytest.mark.parametrize("code", OTHERS)
def test_numbers_that_share_a_plural_form_are_written_out(code: str) -> None:
    for key, english in messages().items():
        if len(english) < 2 or "count" not in places(english[1]):
            continue
        for number in (3, 7, 11, 21, 22, 100, 101):
            with in_language(code):
                others = dict.fromkeys(places(english[1]) - {"count"}, "x")
                assert str(number) in ngettext(*english, number, **others), (key, number)


@pytest.mark.parametrize("code", OTHERS)
def test_sentences_end_as_the_message_does(code: str) -> None:
    """What follows a line may replace its last sign."""
    for key, english in messages().items():
        signs = CLOSING_SIGNS.get(english[0][-1:])
        for form in forms_of(catalog(code).get(*key)) if signs else ():
            assert form[-1] in signs, (key, form)


@cache
def calls() -> dict[str, list[ast.Call]]:
    """Return the calls in the program by the name of the function."""
    found = defaultdict(list)
    for path in PROGRAM.rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(call, ast.Call):
                found[getattr(call.func, "id", "")].append(call)
    return found


def texts_given_to(function: str, argument: str | int) -> Iterator[str]:
    """Yield the English texts that calls of a function give as an argument, by its name or place."""
    for call in calls()[function]:
        found = [k.value for k in call.keywords if k.arg == argument]
        if isinstance(argument, int):
            found = call.args[argument : argument + 1]
        for value in found:
            for inner in ast.walk(value):
                if isinstance(inner, ast.Call) and getattr(inner.func, "id", "") in ("_", "N_"):
                    yield ast.literal_eval(inner.args[0])


@pytest.mark.parametrize("code", OTHERS)
@pytest.mark.parametrize(
    ("given", "most"),
    [
        ((("modal", 1), ("modal", "submit"), ("modal", "close")), WINDOW_CHARS),
        ((("button", 0), ("menu", 0)), BUTTON_CHARS),
    ],
)
def test_titles_and_buttons_are_as_short_as_slack_wants(
    code: str, given: Sequence[tuple[str, str | int]], most: int
) -> None:
    texts = {text for function, argument in given for text in texts_given_to(function, argument)}
    assert len(texts) > 8
    for text in texts:
        with in_language(code):
            assert len(_(text, **dict.fromkeys(places(text), "12"))) <= most, text


days = st.dates(date(1990, 1, 1), date(2090, 12, 31))


@pytest.mark.parametrize("code", LANGUAGES)
@given(start=days, end=days)
@example(start=date(2024, 5, 1), end=date(2024, 5, 1))
@example(start=date(2024, 9, 22), end=date(2024, 9, 23))
@example(start=date(2024, 8, 30), end=date(2024, 9, 2))
@example(start=date(2024, 12, 30), end=date(2025, 1, 2))
def test_written_dates_are_read_as_the_same_days(code: str, start: date, end: date) -> None:
    start, end = sorted((start, end))
    with in_language(code):
        written = day_range(start, end)
    [found] = find_dates(written, reference=None, language=code)
    assert (found.start, found.end) == (start, end)


def test_locales_of_a_language_have_its_catalog() -> None:
    with in_language("fr_CA.UTF-8"):
        assert day(date(2024, 5, 1)) == "1er mai 2024"


def test_kept_dates_are_the_same_in_every_language() -> None:
    summit = entry("Summit", "2024-09-22", "2024-09-23")
    with in_language("ru"):
        kept = stored_dating([summit])
    assert is_same_dating(kept, stored_dating([summit]))
    with in_language("fr"):
        assert stored_words(kept) == when(summit) == "22–23 septembre 2024"


def test_dates_that_were_kept_as_words_are_compared_as_words() -> None:
    assert is_same_dating(
        "22–23 September 2024", stored_dating([entry("Summit", "2024-09-22", "2024-09-23")])
    )


def test_far_days_are_counted_in_the_plural_of_the_language() -> None:
    summit = entry("Summit", "2024-05-22")
    with in_language("ru"):
        said = [distance(summit, date(2024, 5, of)) for of in (1, 18, 21)]
    assert said == ["через 21 день", "через 4 дня", "завтра"]
