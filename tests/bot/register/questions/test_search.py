"""Finding the entries that a question names."""

from __future__ import annotations

import pytest

from bot.register import RegisterEntry
from bot.register.questions import EntrySearch
from bot.register.questions.search import find_entries
from tests.bot.register_entries import entry, spring


def titles(topic: str, *entries: RegisterEntry, place: str = "") -> list[str]:
    found = find_entries(EntrySearch(entries or spring()), topic, place)
    return list(dict.fromkeys(match.entry.title for match in found))


LANDLOCKED = entry("Third International Conference on Landlocked Developing Countries", "2024-06-18")
BOARD = entry("Candidatures for the Radio Regulations Board", "2026-10-12", kind="deadline")
PLENIPOTENTIARY = entry("Plenipotentiary Conference (PP-26)", "2026-11-09")
GOOD = entry("AI for Good Global Summit", "2025-07-08")


@pytest.mark.parametrize(
    ("topic", "found"),
    [
        ("SIDS4", ["SIDS4"]),
        ("sids4", ["SIDS4"]),
        ("civil society conf", ["UN Civil Society Conference"]),
        ("Civil Society meeting", ["UN Civil Society Conference"]),
        ("summit future", ["Summit of the Future"]),
        ("picnic", []),
        ("SIDS5", []),
    ],
)
def test_a_topic_is_found_by_the_words_of_titles(topic: str, found: list[str]) -> None:
    assert titles(topic) == found


@pytest.mark.parametrize(
    ("topic", "one"),
    [
        ("LLDC3", LANDLOCKED),
        ("landlocked", LANDLOCKED),
        ("RRB", BOARD),
        ("plenipot", PLENIPOTENTIARY),
        ("plenipotentary", PLENIPOTENTIARY),
        ("PP26", PLENIPOTENTIARY),
        ("ai4good", GOOD),
    ],
)
def test_short_names_misspellings_and_editions_match(topic: str, one: RegisterEntry) -> None:
    assert titles(topic, LANDLOCKED, BOARD, PLENIPOTENTIARY, GOOD) == [one.title]


def test_another_edition_is_another_event() -> None:
    assert titles("CSW66", entry("68th session of the Commission on the Status of Women (CSW68)")) == []


def test_a_code_of_another_edition_in_the_quote_is_another_event_too() -> None:
    held = entry("Framework Convention on Climate Change", quote="The Conference of the Parties (COP28) met.")
    assert titles("COP30", held) == []


def test_an_ordinal_is_the_same_in_figures_and_in_words() -> None:
    first, second = (
        entry("First AI Standards Summit", "2024-10-18"),
        entry("Second AI Standards Summit", "2025-12-01"),
    )
    assert titles("2nd AI standards summit", first, second) == [second.title]


def test_best_match_of_one_process_comes_first() -> None:
    forum, prizes = entry("WSIS Forum", "2024-05-27"), entry("Nominations for the WSIS Prizes", "2024-05-20")
    assert find_entries(EntrySearch([prizes, forum]), "wsis forum")[0].entry is forum


def test_a_word_of_the_quote_counts_less_than_one_of_the_title() -> None:
    told = entry("Dialogue", "2024-05-27", quote="The Dialogue comes after the robotics challenge.")
    titled = entry("Robotics challenge", "2024-07-10")
    assert titles("robotics", told, titled) == [titled.title]


def test_place_has_to_match() -> None:
    assert titles("", place="Nairobi") == ["UN Civil Society Conference"]
