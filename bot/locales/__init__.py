"""What people read, in the languages of the United Nations: messages, months, numbers and lists.

A message is written in English where it is used: `_("Ended: {subject}.", subject=...)`. The catalog of the language in
use translates it (gettext, in the folders beside this file; `make catalogs` updates them). Whoever serves a request
says its language, `with in_language("fr"):`, which then holds for all work that is started from there, like the id of
the request. What operators read (logs, `doctor`, ingests) is in English.
"""

from __future__ import annotations

import gettext as gettext_files
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Literal


@dataclass(frozen=True, slots=True)
class Language:
    """A language of the readers. Its messages are in a catalog, the words of its documents in `ingest`."""

    name: str
    """The language's name in itself."""
    tag: str
    """Names the language and its usual form for other programs: "en-GB"."""
    letters: str = ""
    """The letters, as in a character class, by which a text is told from one in another language; "" for Latin ones."""
    right_to_left: bool = False
    month_width: Literal["wide", "abbreviated"] = "wide"
    """How CLDR's name of a month is written in a date: Chinese has figures only where it is abbreviated."""
    second_months: str = ""
    """The locale of names that stand before those of CLDR: "أيلول/سبتمبر" in the documents of the United Nations."""


# By code. A seventh language is a line here, a catalog, and a table of its words in `ingest`.
LANGUAGES: Mapping[str, Language] = {
    "en": Language("English", "en-GB"),
    "fr": Language("Français", "fr-FR"),
    "es": Language("Español", "es-ES"),
    "ru": Language("Русский", "ru-RU", "\u0400-\u04ff"),
    "zh": Language("中文", "zh-CN", "\u4e00-\u9fff", month_width="abbreviated"),
    "ar": Language("العربية", "ar-SA", "\u0600-\u06ff", right_to_left=True, second_months="ar_LB"),
}
_IN_USE: ContextVar[str] = ContextVar("language", default="en")
_CONTACT: ContextVar[str] = ContextVar("contact", default="")
_LEFT_TO_RIGHT = re.compile(r"[A-Za-z\u00c0-\u024f\u0370-\u052f\u4e00-\u9fff]")
# Letters of Hebrew, Arabic and the scripts of their blocks.
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")


def language() -> str:
    """Return the code of the language in use."""
    return _IN_USE.get()


def load_catalogs() -> None:
    """Read all catalogs, which else are read at their first use, in the thread that uses them."""
    for code in LANGUAGES:
        _catalog(code)


@contextmanager
def in_language(code: str) -> Iterator[None]:
    """Use a language while the context is open; English for one without a catalog."""
    token = _IN_USE.set(closest(code))
    try:
        yield
    finally:
        _IN_USE.reset(token)


def use_language(code: str) -> None:
    """Use a language from now on, in the present task and what it starts; English for one without a catalog."""
    _IN_USE.set(closest(code))


def use_contact(name: str) -> None:
    """Name whom people may tell of a fault from now on, in the present task and what it starts, as {contact}."""
    _CONTACT.set(name)


def closest(tag: str) -> str:
    """Return the code of the language of a locale ("fr-CA", "fr_FR.UTF-8"); "en" for one without a catalog."""
    code = tag.replace("_", "-").partition("-")[0].partition(".")[0].casefold()
    return code if code in LANGUAGES else "en"


def _(message: str, **values: object) -> str:
    """Return a message in the language in use, with the values in its places."""
    return _filled(_catalog(language()).gettext(message), values)


def pgettext(context: str, message: str, **values: object) -> str:
    """Return the message of a context, for words that other languages translate differently by where they stand."""
    return _filled(_catalog(language()).pgettext(context, message), values)


def ngettext(one: str, many: str, count: int, **values: object) -> str:
    """Return the form of a message for a count, which is written in the place {count}."""
    return _filled(_catalog(language()).ngettext(one, many, count), {"count": number(count), **values})


def N_(message: str) -> str:  # noqa: N802  the usual name of what only marks a message for the catalogs
    """Return a message as it is: one that is written where no language is in use yet, and translated by `_` later."""
    return message


def in_each_language(message: str) -> Sequence[str]:
    """Return a message in all languages, to recognise it."""
    return [_catalog(code).gettext(message) for code in LANGUAGES]


def and_more(left: int, where: str = "") -> list[str]:
    """Return the line that counts what a list leaves out, no line for 0; `where` says where the rest is."""
    return [ngettext("… and {count} more", "… and {count} more", left) + where] if left > 0 else []


def number(count: float, digits: int = 0) -> str:
    """Return a number with the separators of the language in use, and so many digits after the point."""
    if language() == "en":
        return f"{count:,.{digits}f}"
    from babel.numbers import format_decimal

    return format_decimal(count, f"#,##0.{'0' * digits}" if digits else "#,##0", locale=language())


def listed(items: Sequence[str], link: Literal["standard", "or"] = "standard") -> str:
    """Return items joined as the language in use does: "A, B, and C", or with "or"."""
    if len(items) < 2:
        return "".join(items)
    from babel.lists import format_list

    return format_list(list(items), style=link, locale=language())


def commas(parts: Iterable[str]) -> str:
    """Return the parts that are not empty, with commas between them."""
    return pgettext("between facts", ", ").join(filter(None, parts))


def semicolons(parts: Iterable[str]) -> str:
    """Return the parts that are not empty, with semicolons between them."""
    return pgettext("between clauses", "; ").join(filter(None, parts))


def noted(text: str, note: str) -> str:
    """Return a text with a note in brackets, if there is one."""
    return _("{text} ({note})", text=text, note=note) if note else text


def joined(*each: str) -> str:
    """Return sentences one after the other, without those that are empty."""
    return ("" if language() == "zh" else " ").join(filter(None, each))


def quoted(text: str) -> str:
    """Return a text in the quotation marks of the language in use."""
    return _("“{quoted}”", quoted=text)


def month(of: int, *, alone: bool = False, short: bool = False) -> str:
    """Return the name of a month (1 to 12) in the language in use; `alone`: without a day before it."""
    own = LANGUAGES[language()]
    width = "abbreviated" if short else own.month_width
    names = [_months(locale, width, alone)[of - 1] for locale in (own.second_months, language()) if locale]
    return "/".join(dict.fromkeys(names[-1:] if short else names))


@lru_cache
def _months(locale: str, width: Literal["wide", "abbreviated"], alone: bool) -> Sequence[str]:
    from babel.dates import get_month_names

    names = get_month_names(width, context="stand-alone" if alone else "format", locale=locale)
    return [str(names[of]) for of in range(1, 13)]


def _filled(message: str, values: dict[str, object]) -> str:
    if "{contact}" in message:
        values = {**values, "contact": _CONTACT.get() or _("whoever runs me")}
    if not values:
        return message
    return message.format(**{name: _isolated(value, message, name) for name, value in values.items()})


def _isolated(value: object, message: str, name: str) -> object:
    """Return a text of the other direction between isolating marks (Unicode Standard Annex 9), but for code to copy."""
    other = _LEFT_TO_RIGHT if LANGUAGES[language()].right_to_left else _RIGHT_TO_LEFT
    if not isinstance(value, str) or not other.search(value) or f"`{{{name}}}`" in message:
        return value
    return f"\u2068{value}\u2069"


@lru_cache
def _catalog(code: str) -> gettext_files.NullTranslations:
    if code == "en":
        return gettext_files.NullTranslations()
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    path = files("bot.locales").joinpath(code, "LC_MESSAGES", "itubot.po")
    compiled = io.BytesIO()
    with path.open("rb") as source:
        write_mo(compiled, read_po(source, locale=code))
    compiled.seek(0)
    return gettext_files.GNUTranslations(compiled)
