"""Divides sections into the passages that are embedded: windows of sentences, and single sentences."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ingest.text.sentences import split
from store.records import Passage, Section

# A section with up to `_WHOLE_TOKENS` is one window, a longer one has windows of `_WINDOW_TOKENS` that overlap by half.
# MiniLM reads 256; windows of 128 gained .126 nDCG@10 on longer paragraphs, and short ones are best whole.
_WHOLE_TOKENS = 200
_WINDOW_TOKENS = 128


def to_passages(sections: Sequence[Section], lengths: Callable[[Sequence[str]], list[int]]) -> list[Passage]:
    """Return the windows and sentences of the sections; `lengths` counts the tokens of texts."""
    spans = [split(section.text) or [(0, len(section.text))] for section in sections]
    flat = [section.text[a:b] for section, own in zip(sections, spans, strict=True) for a, b in own]
    counts = iter(lengths(flat))
    made: list[Passage] = []
    for section, own in zip(sections, spans, strict=True):
        sizes = [next(counts) for _ in own]
        for first, last in windows(sizes):
            start, end = own[first][0], own[last][1]
            made.append(Passage(section.id, "window", start, end, _embedded(section, start, end)))
        for place, (start, end) in enumerate(own):
            before = own[place - 1][0] if place else start
            made.append(Passage(section.id, "sentence", start, end, _embedded(section, before, end)))
    return made


def windows(sizes: Sequence[int]) -> list[tuple[int, int]]:
    """Return (first, last) sentence of each window, given the sentences' sizes in tokens."""
    if sum(sizes) <= _WHOLE_TOKENS:
        return [(0, len(sizes) - 1)]
    found: list[tuple[int, int]] = []
    first = 0
    while first < len(sizes):
        last, total = first, sizes[first]
        while last + 1 < len(sizes) and total + sizes[last + 1] <= _WINDOW_TOKENS:
            last += 1
            total += sizes[last]
        if found and last <= found[-1][1]:
            # A long sentence follows; the sentences before it are all in the last window.
            first += 1
            continue
        found.append((first, last))
        if last + 1 >= len(sizes):
            break
        # The next window starts about half-way through this one.
        half, step = total / 2, first
        while step < last and half > 0:
            half -= sizes[step]
            step += 1
        first = max(step, first + 1)
    return found


def _embedded(section: Section, start: int, end: int) -> str:
    stretch = section.text[start:end]
    return f"{section.heading}. {stretch}" if section.heading else stretch
