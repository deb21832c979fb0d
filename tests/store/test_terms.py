"""Words into terms."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from store.terms import stem, terms
from tests.conftest import REPORT


def test_stop_words_are_no_terms() -> None:
    assert terms("The conference of the States") == ("confer", "state")


def test_accents_and_case_make_no_difference() -> None:
    assert terms("Genève RÉUNION") == terms("geneve reunion")


def test_threads_stem_like_a_single_one() -> None:
    words = sorted(set(REPORT.read_text("utf-8").casefold().split()))
    alone = [stem.__wrapped__(word) for word in words]
    with ThreadPoolExecutor(8) as pool:
        rounds = [pool.map(stem.__wrapped__, words) for _ in range(3)]
        assert all(list(stems) == alone for stems in rounds)


def test_letter_is_its_own_stem() -> None:
    assert stem("s") == "s"
