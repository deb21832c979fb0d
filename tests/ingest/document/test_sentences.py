"""Where a sentence ends, and where it only looks so."""

from __future__ import annotations

import pytest

from ingest.text.sentences import split
from store.terms import acronyms


def sentences(text: str) -> list[str]:
    return [text[a:b] for a, b in split(text)]


@pytest.mark.parametrize(
    "whole",
    [
        "The panel met in St. Gallen, Switzerland.",
        "Under Res. 70 and Art. 5 of the Rules, no. 12 applies.",
        "Mr. J. Smith and Ms. K. Okoye of Ghana took the chair.",
        "Several bodies (e.g. IALA, i.e. the lighthouses, and IMSO) took part.",
        "The document A/RES/76/307 sets out its scope.",
        "It reached 2.6 billion people at CHF 1.5 million.",
        "It opens on Sept. 22 in New York.",
        "The U.S. Government and the U.K. signed.",
        "It is set out in paras. 4 to 7 and in Fig. 2 of the annex.",
        "The declaration “Leave no one behind.” was adopted.",
        "Send it by 6 p.m. Central European Time.",
        "1. Introduction of the item",
        "What comes next? asked the delegate.",
        "Members (see Rev. 2) agreed with the E.U. Presidency.",
    ],
)
def test_one_sentence(whole: str) -> None:
    assert sentences(whole) == [whole]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The Forum opens. It closes.", ["The Forum opens.", "It closes."]),
        ("“We act now.” The delegate sat down.", ["“We act now.”", "The delegate sat down."]),
        ("It was 2024. The Summit met.", ["It was 2024.", "The Summit met."]),
        ("It is in Annex B. The plan follows.", ["It is in Annex B.", "The plan follows."]),
        ("Who pays? The Fund does!", ["Who pays?", "The Fund does!"]),
        ("It ended in May. (The minutes follow.)", ["It ended in May.", "(The minutes follow.)"]),
        ("We will:\n· meet;\n· report.", ["We will:", "meet;", "report."]),
        ("It met. 22 countries took part.", ["It met.", "22 countries took part."]),
        (
            "The pact was signed by the U.N. The text is short.",
            ["The pact was signed by the U.N.", "The text is short."],
        ),
    ],
)
def test_several_sentences(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the Global Digital Compact (GDC) was adopted", [("gdc", "global digital compact")]),
        ("Commission on the Status of Women (CSW)", [("csw", "commission on the status of women")]),
        ("the Internet Governance Forum (the IGF)", [("igf", "internet governance forum")]),
        ("It rose (US) and fell", []),
        ("the Fund. Global Digital (GDC)", []),
        ("resolution (Bucharest, 2022)", []),
        ("the Forum (GDC)", []),
    ],
)
def test_acronyms_are_learned_if_their_letters_are_initials(
    text: str, expected: list[tuple[str, str]]
) -> None:
    assert acronyms([text]) == expected
