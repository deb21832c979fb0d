"""The language that a person chooses: one for each workspace, taken back by an empty one."""

from __future__ import annotations

from store.jobs import LanguageStore, QuestionStore


def test_last_choice_counts(state: QuestionStore) -> None:
    store = LanguageStore.beside(state)
    for language in ("fr", "es"):
        store.choose("T1", "U1", language)
    store.choose("T2", "U1", "ru")
    assert (store.of_team("T1"), store.of_team("T2")) == ({"U1": "es"}, {"U1": "ru"})


def test_choice_is_taken_back(state: QuestionStore) -> None:
    store = LanguageStore.beside(state)
    store.choose("T1", "U1", "fr")
    store.choose("T1", "U1", "")
    assert store.of_team("T1") == {}
