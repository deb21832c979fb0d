"""The doctor: each thing that can be broken is found, and named with what mends it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.doctor import checks as doctor
from bot.settings import Settings
from store.catalog import Catalog
from store.engines import sqlite_url
from tests.bot.sample_answers import Library
from tests.small_store import open_store

BOT = {"slack_bot_token": "xoxb-1"}


def settings(**values: Any) -> Settings:
    return Settings(**values)


@pytest.fixture(autouse=True)
def _no_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET", "ITUBOT_EMBEDDING_MODEL"):
        monkeypatch.delenv(name, raising=False)


def test_our_packages_are_ours() -> None:
    assert doctor.check_names().verdict == "ok"


def test_anothers_package_of_the_same_name_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "packages_distributions", lambda: {"store": ["itubot", "bookshop"]})

    check = doctor.check_names()

    assert check.verdict == "broken"
    assert "bookshop" in check.found


def test_a_package_imported_from_elsewhere_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "__file__", str(tmp_path / "bot" / "doctor" / "checks.py"))

    assert doctor.check_names().verdict == "broken"


def test_a_data_folder_that_will_be_made_is_fine(tmp_path: Path) -> None:
    assert doctor.check_folder(settings(data_dir=tmp_path / "a" / "b")).verdict == "ok"


def test_a_file_in_place_of_the_data_folder_is_broken(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")

    assert doctor.check_folder(settings(data_dir=tmp_path / "data")).verdict == "broken"


def test_no_store_yet_is_mended_by_ingest(tmp_path: Path) -> None:
    check = doctor.check_store(Catalog(sqlite_url(tmp_path / "catalog.db")))

    assert (check.verdict, check.mend) == ("broken", "itubot ingest")


def test_a_damaged_catalog_is_broken_and_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "catalog.db").write_bytes(b"not a database" * 1000)

    check = doctor.check_store(Catalog(sqlite_url(tmp_path / "catalog.db")))

    assert check.verdict == "broken"
    assert check.mend


def test_a_store_is_counted() -> None:
    check = doctor.check_store(Library(generation=7))  # type: ignore[arg-type]

    assert check.found == "generation 7: 1 document, 41 sections, 53 events"


def test_the_index_is_compared_with_what_was_written(tmp_path: Path) -> None:
    store = open_store(tmp_path / "data")
    paper = tmp_path / "paper.txt"
    paper.write_text("1.1\tThe stone lies at the gate.\n")
    store.ingest(paper)
    at = settings(data_dir=store.folder)

    assert doctor.check_index(store.catalog, at).verdict == "ok"
    (store.folder / "index" / "chroma.sqlite3").write_bytes(b"no database")
    check = doctor.check_index(store.catalog, at)
    assert (check.verdict, check.mend) == ("broken", "itubot ingest")


def test_the_bundled_model_is_the_published_one() -> None:
    assert doctor.check_model(settings()).verdict == "ok"


def test_a_model_of_the_users_own_is_not_judged() -> None:
    assert "not checked" in doctor.check_model(settings(embedding_model="./mine")).found


def test_no_language_model_is_needed() -> None:
    (check,) = doctor.check_language_models(settings())
    assert check.verdict == "unused"


def test_a_language_model_without_its_key_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    (check,) = doctor.check_language_models(settings(model="openai:gpt-4o"))
    assert (check.verdict, check.mend) == ("broken", "is its key in the environment or .env?")


def test_a_language_model_that_can_be_set_up_is_fine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    named = settings(model="openai:gpt-4o", model_fallback="openai:other", judge="openai:third")
    assert [(c.name, c.verdict) for c in doctor.check_language_models(named)] == [
        ("language model", "ok"),
        ("fallback", "ok"),
        ("judge", "ok"),
    ]


def test_a_judge_in_a_folder_that_is_not_there_is_broken(tmp_path: Path) -> None:
    (check,) = doctor.check_cross_encoders(settings(judge=str(tmp_path / "none")))
    assert (check.name, check.verdict) == ("ITUBOT_JUDGE", "broken")


def test_a_reranker_in_a_folder_that_is_not_there_is_broken(tmp_path: Path) -> None:
    (check,) = doctor.check_cross_encoders(settings(reranker=str(tmp_path / "none")))
    assert check.verdict == "broken"


def test_slack_may_be_left_out() -> None:
    assert doctor.check_tokens(settings()).verdict == "unused"


@pytest.mark.parametrize(
    ("tokens", "word"),
    [
        ({"slack_app_token": "xapp-1"}, "SLACK_BOT_TOKEN"),
        ({"slack_bot_token": "xoxb-1"}, "SLACK_APP_TOKEN"),
        ({"slack_bot_token": "xapp-1", "slack_app_token": "xoxb-1"}, "SLACK_BOT_TOKEN"),
        ({"slack_bot_token": "xoxb-1", "slack_app_token": "xoxb-1"}, "SLACK_APP_TOKEN"),
    ],
)
def test_missing_and_swapped_tokens_are_named(tokens: dict[str, str], word: str) -> None:
    check = doctor.check_tokens(settings(**tokens))

    assert check.verdict == "broken"
    assert word in check.found


@pytest.mark.parametrize(
    ("tokens", "way"),
    [
        ({"slack_app_token": "xapp-1"}, "Socket Mode"),
        ({"slack_signing_secret": "s"}, "HTTP on port 3000"),
    ],
)
def test_good_tokens_say_which_way(tokens: dict[str, str], way: str) -> None:
    assert way in doctor.check_tokens(settings(**BOT, **tokens)).found


def test_an_unreachable_slack_is_broken() -> None:
    nobody = settings(**BOT, slack_api_url="http://127.0.0.1:9/api/")

    assert [check.verdict for check in doctor.check_slack(nobody)] == ["broken"]


def test_data_that_others_may_read_is_told(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir(0o755)
    (data / "catalog.sqlite").touch(0o600)
    assert doctor.check_folder(settings(data_dir=data)).verdict == "ok"

    (data / "catalog.sqlite").chmod(0o644)
    check = doctor.check_folder(settings(data_dir=data))
    assert (check.verdict, check.mend) == ("broken", f"chmod -R go-rwx {data}")

    data.chmod(0o700)
    assert doctor.check_folder(settings(data_dir=data)).verdict == "ok"
