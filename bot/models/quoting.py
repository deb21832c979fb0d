"""Texts of documents as quotations in a prompt: nothing in them closes the quotation or looks like a marker. Pure."""

from __future__ import annotations

import re
from datetime import date

from store.records import Hit

_MARKER = re.compile(r"[\[【]\s*(\d{1,3})\s*[\]】]")


def escaped(text: str) -> str:
    """Return a text without the signs that close a quotation or open a marker of an item."""
    parted = text.replace('"""', "'''").replace("<|", "< |").replace("|>", "| >")
    return _MARKER.sub(r"(\1)", parted)


def one_line(text: str) -> str:
    """Return an escaped text in one line: it must not look like another line of the prompt."""
    return " ".join(escaped(text).split())


def prompt_day(value: date) -> str:
    """Return a day as a prompt has it: "2 June 2025"."""
    return f"{value.day} {value:%B %Y}"


def quoted_passage(number: int, hit: Hit) -> str:
    """Return a paragraph as the model sees it: number, document, symbol, date, paragraph, heading and text."""
    document, section = hit.document, hit.section
    symbol = f", {document.symbol}" if document.symbol else ""
    dated = f", {prompt_day(document.date)}" if document.date else ""
    head = f"[{number}] {one_line(f'{document.title}{symbol}')}{dated}, paragraph {escaped(section.number)}"
    heading = f"Under the heading: {one_line(section.heading)}\n" if section.heading else ""
    return f'{head}\n{heading}"""\n{escaped(section.text).rstrip()}\n"""'


# Tokens that a character makes, about: of ASCII, of other alphabets, and of Chinese, Japanese and Korean signs.
_ASCII, _ALPHABET, _SIGN = 0.25, 0.5, 1.0
_SIGNS = re.compile("[\u2e80-\u9fff\uac00-\ud7af\uff00-\uffef]")


def token_count(text: str) -> int:
    """Return about how many tokens a text has, by its scripts."""
    signs = len(_SIGNS.findall(text))
    plain = sum(map(str.isascii, text))
    return round(_SIGN * signs + _ASCII * plain + _ALPHABET * (len(text) - signs - plain))
