"""Where a model may link to: hosts of the house, and addresses that stand in the paragraph."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.links import at_home, plainly
from bot.model_text import sentences_of
from bot.verification import Passage, Verifier
from tests.bot.passages import passages

HOSTS = ("itu.int", "un.org")
SAID = "The Summit of the Future is scheduled for 22-23 September 2024"


@pytest.mark.parametrize(
    ("address", "home"),
    [
        ("https://www.itu.int/en/council", True),
        ("https://itu.int", True),
        ("www.un.org/pact", True),
        ("http://ITU.INT:8080/x", True),
        ("https://itu.int.evil.example/x", False),
        ("https://notitu.int", False),
        ("https://evil.example/?u=https://itu.int", False),
        ("https://www.itu.int@evil.example/", False),
        ("https://evil.example\\@itu.int", False),
        ("https://\u0456tu.int/", False),
        ("https://[::1", False),
    ],
)
def test_a_host_is_compared_and_not_a_part_of_the_address(address: str, home: bool) -> None:
    assert at_home(address, HOSTS) is home


@pytest.mark.parametrize(
    "markup",
    [
        "[the site](https://evil.example/a)",
        "[the site](<https://evil.example/a> 'title')",
        '<a href="https://evil.example/a" class=x>the site</a>',
        "<https://evil.example/a|the site>",
        "![the site](https://evil.example/a)",
    ],
)
def test_links_of_any_markup_are_seen(markup: str) -> None:
    assert plainly(markup) == "the site (https://evil.example/a)"


def test_a_link_of_an_odd_scheme_is_its_label() -> None:
    assert plainly("[the site](javascript:alert`1`)") == "the site"


def _delivered(reply: str, addition: str = "") -> list[str]:
    passage = passages("sample")["2.2"]
    section = replace(passage.section, text=passage.section.text + addition)
    verifier = Verifier([Passage(section, passage.document)], link_hosts=HOSTS)
    checked = [verifier.check(sentence) for sentence in sentences_of(reply)]
    return [sentence.text for sentence in checked if hasattr(sentence, "spans")]


@pytest.mark.parametrize(
    ("reply", "delivered"),
    [
        (f"{SAID} (https://evil.example/a) [1].", [f"{SAID}."]),
        (f"{SAID} [1](https://evil.example/a).", [f"{SAID}."]),
        (f"The [Summit of the Future](https://evil.example/a){SAID[24:]} [1].", [f"{SAID}."]),
        (f"{SAID}, see https://evil.example/a [1].", []),
        (f"{SAID} (https://www.un.org/pact) [1].", [f"{SAID} (https://www.un.org/pact)."]),
        (f"{SAID} (https://un.org.evil.example/pact) [1].", [f"{SAID}."]),
    ],
)
def test_other_links_lose_their_form(reply: str, delivered: list[str]) -> None:
    assert _delivered(reply) == delivered


def test_an_address_of_the_paragraph_may_stand() -> None:
    said = f"{SAID} (https://summit.example/2024)."

    assert _delivered(f"{said} [1]", " The site is https://summit.example/2024.") == [said]
