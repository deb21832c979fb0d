"""Two versions of a document compared: paragraphs, headings, and dates."""

from __future__ import annotations

import random
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bot.changes import Changes, ParagraphChange, Version, compare
from bot.changes.comparison import match_sections, word_diff
from bot.changes.wording import shown_pieces
from store.records import Document, Section

FORUM = "The Forum on Broadband will be held in Geneva from 7 to 11 July 2025, in two parts."
SCHOOLS = "The Schools Alliance has eighty-four partners, and its secretary is appointed by the Council."
SPACE = "Satellite operators coordinate their orbits through the Radiocommunication Bureau each year."
MONEY = "Voluntary contributions pay for fellowships of engineers from landlocked developing countries."


def sections(*numbered: tuple[str, str], heading: str = "Themes") -> list[Section]:
    seen: dict[str, int] = {}
    found = []
    for position, (number, text) in enumerate(numbered):
        ordinal = seen[number] = seen.get(number, -1) + 1
        found.append(Section("r", number, ordinal, position, heading, text, text))
    return found


def changes(before: list[Section], after: list[Section]) -> Changes:
    first = Document("r", "report.txt", "A report", version=1)
    return compare(Version(first, before, []), Version(replace(first, version=2), after, []))


def told(before: list[Section], after: list[Section]) -> list[tuple[str, str | None, str | None]]:
    """Return (kind, number before, number after) of what changed."""
    return [
        (c.kind, c.before.number if c.before else None, c.after.number if c.after else None)
        for c in changes(before, after).paragraphs
    ]


def test_an_added_paragraph_leaves_those_below_renumbered() -> None:
    before = sections(("1.1", FORUM), ("1.2", SCHOOLS), ("1.3", SPACE))
    after = sections(("1.1", FORUM), ("1.2", MONEY), ("1.3", SCHOOLS), ("1.4", SPACE))
    assert told(before, after) == [
        ("added", None, "1.2"),
        ("renumbered", "1.2", "1.3"),
        ("renumbered", "1.3", "1.4"),
    ]


def test_removed_paragraph_follows_its_former_neighbour() -> None:
    before = sections(("1.1", FORUM), ("1.2", SCHOOLS), ("2.1", SPACE))
    after = sections(("1.1", FORUM), ("2.1", SPACE.replace("year", "month")))
    assert told(before, after) == [("removed", "1.2", None), ("reworded", "2.1", "2.1")]


def test_a_paragraph_reworded_under_another_number_is_the_same_paragraph() -> None:
    before = sections(("1.1", FORUM), ("1.2", SCHOOLS))
    after = sections(("1.1", SPACE), ("1.2", FORUM), ("1.3", SCHOOLS.replace("eighty-four", "ninety")))
    assert ("reworded", "1.2", "1.3") in told(before, after)


def test_paragraphs_of_equal_words_keep_their_order() -> None:
    before = sections(("1.1", "None."), ("1.2", FORUM), ("1.3", "None."), ("1.4", "None."))
    after = sections(("1.1", "None."), ("1.2", FORUM), ("1.3", "None."), ("1.4", "None."), ("1.5", MONEY))
    assert told(before, after) == [("added", None, "1.5")]


def test_unrelated_text_with_the_same_number_is_removed_and_added() -> None:
    assert told(sections(("1.1", FORUM)), sections(("1.1", MONEY))) == [
        ("removed", "1.1", None),
        ("added", None, "1.1"),
    ]


def test_changed_heading_is_reported_once() -> None:
    numbered = (("1.1", FORUM), ("1.2", SCHOOLS))
    found = changes(sections(*numbered), sections(*numbered, heading="Partners"))
    assert [(h.number, h.before, h.after) for h in found.headings] == [("1.1", "Themes", "Partners")]


def test_changes_are_joined_across_a_shared_small_word() -> None:
    pieces = word_diff(
        "Partners met every spring in the old hall of Rome.",
        "Partners held six calls with the new chair of Rome.",
    )
    assert [p.op for p in pieces] == ["same", "removed", "added", "same"]


def test_of_a_long_unchanged_piece_the_words_beside_a_change_are_shown() -> None:
    first, middle, last = (" ".join(f"{name}{n}" for n in range(40)) for name in "abc")
    before = sections(("1.1", f"{first} old {middle} former {last}"))
    [change] = changes(before, sections(("1.1", f"{first} new {middle} present {last}"))).paragraphs
    shown = [text.split() for op, text in shown_pieces(change) if op == "same"]
    assert [(words[0], words[-1]) for words in shown] == [("[…]", "a39"), ("b0", "b39"), ("c0", "[…]")]
    assert [len(words) for words in shown] == [12, 24, 13]


TEXTS = st.text(alphabet="ab ,.\n", max_size=40)


@given(TEXTS, TEXTS)
def test_pieces_that_are_not_removed_join_to_the_new_text(before: str, after: str) -> None:
    pieces = [p for p in word_diff(before, after) if p.op != "removed"]
    assert "".join(p.text for p in pieces) == after.lstrip()
    assert all(after[p.start : p.end] == p.text for p in pieces)


NUMBERED = st.lists(
    st.tuples(st.sampled_from(["0", "1.1", "1.2", "2"]), st.sampled_from([FORUM, SPACE, MONEY]))
)


@given(NUMBERED, NUMBERED)
def test_every_paragraph_occurs_once(before: list[tuple[str, str]], after: list[tuple[str, str]]) -> None:
    old, new = sections(*before), sections(*after)
    pairs = match_sections(old, new)
    assert [b for _, b in pairs if b] == new
    assert sorted(a.position for a, _ in pairs if a) == [s.position for s in old]


def test_a_hundred_reworded_and_moved_paragraphs_are_matched() -> None:
    chance = random.Random(7)  # noqa: S311  a fixed sequence, not a secret
    words = [f"word{n}" for n in range(3_000)]
    texts = [" ".join(chance.choices(words, k=60)) for _ in range(100)]
    before = sections(*((f"1.{n}", text) for n, text in enumerate(texts)))
    moved = [f"{text} and so on" for text in texts]
    chance.shuffle(moved)
    found = changes(before, sections(*((f"2.{n}", text) for n, text in enumerate(moved)))).paragraphs
    assert all(_same_beginning(change) for change in found)
    assert len(found) == 100


def _same_beginning(change: ParagraphChange) -> bool:
    old, new = change.before, change.after
    return bool(old and new and new.text.startswith(old.text))
