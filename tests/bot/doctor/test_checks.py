"""The doctor finds each fault and names a remedy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.doctor import checks as doctor
from bot.doctor.slack import check_slack, check_tokens
from bot.settings import Settings
from ingest.errors import NotReadable
from store.catalog import Catalog
from store.engines import sqlite_url
from tests.small_store import REPORT, SmallStore, open_store
from tests.store.damage import damage_table

BOT = {"slack_bot_token": "xoxb-1"}


def settings(**values: Any) -> Settings:
    return Settings(**values)


@pytest.fixture(autouse=True)
def _no_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET", "ITUBOT_EMBEDDING_MODEL"):
        monkeypatch.delenv(name, raising=False)


def test_package_name_of_another_distribution_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "packages_distributions", lambda: {"store": ["itubot", "bookshop"]})

    check = doctor.check_names()

    assert check.verdict == "broken"
    assert "bookshop" in check.found


def test_file_in_place_of_the_data_folder_is_broken(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")

    assert doctor.check_folder(settings(data_dir=tmp_path / "data")).verdict == "broken"


def test_empty_store_suggests_an_ingest(tmp_path: Path) -> None:
    check = doctor.check_store(Catalog(sqlite_url(tmp_path / "catalog.db")))

    assert (check.verdict, check.remedy) == ("broken", "itubot ingest")


@pytest.fixture
def store(tmp_path: Path) -> SmallStore:
    paper = tmp_path / "paper.txt"
    paper.write_text(REPORT)
    store = open_store(tmp_path / "data")
    store.ingest(paper)
    return store


@pytest.mark.files
def test_damaged_pages_of_the_catalog_are_found_although_it_opens(store: SmallStore) -> None:
    store.close()
    damage_table(store.folder, "vectors")

    check = doctor.check_store(store.catalog)

    assert check.verdict == "broken"
    assert check.remedy.startswith("move itubot.sqlite* out of the data folder and run `itubot restore")


def test_damaged_index_file_is_found(store: SmallStore) -> None:
    folder = store.folder / "index"

    assert doctor.check_index(store.catalog, folder).verdict == "ok"
    (folder / "chroma.sqlite3").write_bytes(b"no database")
    check = doctor.check_index(store.catalog, folder)
    assert (check.verdict, check.remedy) == ("broken", "itubot reindex")


def test_bundled_model_is_the_published_one() -> None:
    assert doctor.check_model(settings()).verdict == "ok"


def test_language_model_without_its_key_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    (check,) = doctor.check_language_models(settings(model="openai:gpt-4o"))
    assert (check.verdict, check.remedy) == ("broken", "is its key in the environment or .env?")


def test_language_model_that_can_be_set_up_is_ok(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    named = settings(model="openai:gpt-4o", model_fallback="openai:other", judge="openai:third")
    assert [(c.name, c.verdict) for c in doctor.check_language_models(named)] == [
        ("language model", "ok"),
        ("fallback", "ok"),
        ("judge", "ok"),
    ]


def test_missing_judge_folder_is_broken(tmp_path: Path) -> None:
    (check,) = doctor.check_cross_encoders(settings(judge=str(tmp_path / "none")))
    assert (check.name, check.verdict) == ("ITUBOT_JUDGE", "broken")


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
    check = check_tokens(settings(**tokens))

    assert check.verdict == "broken"
    assert word in check.found


def test_unreachable_slack_is_broken() -> None:
    nobody = settings(**BOT, slack_api_url="http://127.0.0.1:9/api/")

    assert [check.verdict for check in check_slack(nobody)] == ["broken"]


def test_data_readable_by_others_is_broken(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir(0o755)
    (data / "itubot.sqlite").touch(0o600)
    assert doctor.check_folder(settings(data_dir=data)).verdict == "ok"

    (data / "itubot.sqlite").chmod(0o644)
    check = doctor.check_folder(settings(data_dir=data))
    assert (check.verdict, check.remedy) == ("broken", f"chmod -R go-rwx {data}")

    data.chmod(0o700)
    assert doctor.check_folder(settings(data_dir=data)).verdict == "ok"


@pytest.mark.parametrize(
    ("possible", "verdict", "words"),
    [
        ([], "ok", "no network"),
        (["read files", "send by UDP"], "unused", "could read files, send by UDP;"),
        (None, "unused", "the rights of this user"),
        (NotReadable("reading it ended in a crash"), "broken", "does not start"),
        (PermissionError("no folder for temporary files"), "unused", "no folder for temporary files"),
    ],
)
def test_what_a_file_could_do_is_said(possible: object, verdict: str, words: str) -> None:
    def possible_attacks() -> Any:
        if isinstance(possible, Exception):
            raise possible
        return possible

    check = doctor.check_reading(possible_attacks)

    assert check.verdict == verdict
    assert words in check.found
