"""Keys from outside Slack: the text is told once, only its hash is stored, and a revoked one is like one never made."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from store.engines import open_engine
from store.jobs import AccessKeyStore, QuestionStore
from store.schema import access_keys
from tests.store.jobs.clock import Clock


@pytest.fixture
def keys(state: QuestionStore, url: str, clock: Clock) -> AccessKeyStore:
    return AccessKeyStore(open_engine(url), clock.reading)


def test_key_is_found_by_its_text_alone(keys: AccessKeyStore) -> None:
    made = keys.make("calendar", "WSIS", team="T1", user="U1", language="fr")
    assert made is not None
    key, text = made

    assert keys.with_text("calendar", text) == key
    assert (keys.with_text("calendar", "guessed"), keys.with_text("assistant", text)) == (None, None)
    assert (key.name, key.user, key.audience, key.language, key.made_at) == (
        "WSIS",
        "U1",
        "everybody",
        "fr",
        1_000.0,
    )


def test_store_has_no_text_of_a_key(keys: AccessKeyStore, url: str) -> None:
    made = keys.make("assistant", "editor")
    assert made is not None
    with open_engine(url).connect() as connection:
        [row] = connection.execute(select(access_keys)).all()
    assert all(made[1] not in str(value) for value in row)


def test_person_has_one_key_of_a_topic(keys: AccessKeyStore) -> None:
    for user in ("U1", "U2"):
        assert keys.make("calendar", "WSIS", team="T1", user=user)
    assert keys.make("calendar", "WSIS", team="T1", user="U1") is None
    assert [key.user for key in keys.all(purpose="calendar", team="T1", user="U1")] == ["U1"]


def test_replaced_text_gives_nothing_any_more(keys: AccessKeyStore) -> None:
    made = keys.make("calendar", "")
    assert made is not None
    key, former = made
    text = keys.replace(key)
    assert text is not None
    assert (keys.with_text("calendar", former), keys.with_text("calendar", text)) == (None, key)


def test_refused_key_gives_nothing_until_it_is_taken_again(keys: AccessKeyStore) -> None:
    made = keys.make("calendar", "")
    assert made is not None
    key, text = made
    told = []
    for refused in (True, False):
        keys.refuse(key, refused)
        found = keys.with_text("calendar", text)
        told.append(found and found.id)
    assert told == [None, key.id]


def test_revoked_key_is_as_one_that_was_never_made(keys: AccessKeyStore) -> None:
    made = keys.make("assistant", "editor")
    assert made is not None
    key, text = made
    assert keys.delete(id=key.id)
    assert not keys.delete(id=key.id)
    assert (keys.with_text("assistant", text), keys.all(purpose="assistant"), keys.replace(key)) == (
        None,
        [],
        None,
    )
