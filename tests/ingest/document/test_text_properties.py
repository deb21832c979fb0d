"""What holds for any text: nothing is lost, nothing is changed, every quote is the source's own."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from ingest.document.passages import windows
from ingest.document.sections import clean, to_sections
from ingest.readers.base import Block, BlockKind
from ingest.text.sentences import split
from store.records import Section

# Text as exports hold it: words, runs of white space of every kind, what nobody sees, residue, abbreviations.
_WORDS = """Forum the É ß 3.3 U.N. e.g. Res. A/RES/76/307 “ ” ( ) . ! ? · [ ] 中 🛰 - –""".split()
_SPACES = [" ", "  ", "\t", "\u00a0", "\n", "\n\n", "\r\n", "\r\n\r\n"]
_UNSEEN = ["\u200b", "\u00ad", "\ufeff", "\x07", "\x1f", "[bookmark: _Hlk1]"]
PIECES = st.sampled_from([*_WORDS, *_SPACES, *_UNSEEN])
TEXTS = st.lists(PIECES | st.text(max_size=6), max_size=40).map("".join)
KINDS: list[BlockKind] = ["heading", "paragraph", "item", "row"]
NUMBERS = st.none() | st.sampled_from(["1", "2", "1.1", "1.2", "2.1", "10"])


@given(TEXTS)
def test_a_cleaned_text_has_neither_margins_nor_runs_of_white_space(raw: str) -> None:
    text, _ = clean(raw)

    assert text == text.strip(" \n\t")
    assert "  " not in text
    assert not set(text) & set("\t\r\u00a0\u200b\ufeff")


@given(TEXTS, st.data())
def test_a_quote_is_verbatim_and_reads_as_the_text(raw: str, data: st.DataObject) -> None:
    text, offsets = clean(raw)
    section = Section("d", "1", 0, 0, "", text, raw, offsets)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))

    quote = section.quote(start, end)

    assert quote in raw
    assert clean(quote)[0].split() == text[start:end].split()


@given(TEXTS)
def test_sentences_contain_every_letter_in_order(raw: str) -> None:
    text, _ = clean(raw)
    spans = split(text)

    assert spans == sorted(spans)
    assert all(a < b for a, b in spans)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    assert letters("".join(text[a:b] for a, b in spans)) == letters(text)


@given(st.lists(st.builds(Block, st.sampled_from(KINDS), TEXTS, NUMBERS), max_size=12))
def test_sections_keep_all_text_in_order(blocks: list[Block]) -> None:
    sections = to_sections("d", blocks)

    kept = letters("".join(s.text for s in sections))
    whole = letters("".join(clean(b.raw)[0] for b in blocks if b.kind != "heading"))
    rest = iter(kept)
    assert all(letter in rest for letter in whole)
    assert len({s.id for s in sections}) == len(sections)
    assert [s.position for s in sections] == list(range(len(sections)))


@given(st.lists(st.integers(1, 300), min_size=1, max_size=30))
def test_windows_cover_every_sentence_and_go_on(sizes: list[int]) -> None:
    made = windows(sizes)

    assert made[0][0] == 0
    assert made[-1][1] == len(sizes) - 1
    assert all(a[0] < b[0] <= a[1] + 1 and a[1] < b[1] for a, b in pairwise(made))


def letters(text: str) -> str:
    return "".join(c for c in text if c.isalnum())
