"""Words into terms."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor

from store.terms import stem, terms, words
from tests.conftest import REPORT


def test_accents_and_case_make_no_difference() -> None:
    assert terms("Genève RÉUNION") == terms("geneve reunion")


def test_each_two_neighbouring_signs_of_a_chinese_run_are_a_term() -> None:
    assert words("ITU 世界电信大会 会议") == ["itu", "世界", "界电", "电信", "信大", "大会", "会议"]


def test_threads_stem_like_a_single_one() -> None:
    found = sorted(set(REPORT.read_text("utf-8").casefold().split()))
    alone = [stem.__wrapped__(word) for word in found]
    with ThreadPoolExecutor(8) as pool:
        rounds = [pool.map(stem.__wrapped__, found) for _ in range(3)]
        assert all(list(stems) == alone for stems in rounds)


def test_stems_of_the_report_are_those_of_the_full_text() -> None:
    folded = sorted(set(words(REPORT.read_text("utf-8"))))
    connection = sqlite3.connect(":memory:")
    connection.execute(
        "CREATE VIRTUAL TABLE text USING fts5(word, tokenize='porter unicode61 remove_diacritics 2')"
    )
    connection.execute("CREATE VIRTUAL TABLE stems USING fts5vocab(text, 'instance')")
    connection.executemany("INSERT INTO text(rowid, word) VALUES (?, ?)", enumerate(folded))
    stored = dict(connection.execute("SELECT doc, term FROM stems"))

    assert {word: stem(word) for word in folded} == {word: stored[n] for n, word in enumerate(folded)}
