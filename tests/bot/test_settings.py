"""Settings: from the environment and `.env`; unknown names and impossible values are refused."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.errors import SettingsError
from bot.settings import Settings, load_settings, names


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No setting of the machine's own, and none left behind: `.env` is loaded into the environment."""
    before = dict(os.environ)
    for name in list(os.environ):
        if name.startswith(("ITUBOT_", "SLACK_")):
            del os.environ[name]
    yield
    os.environ.clear()
    os.environ.update(before)


def test_env_file_is_read(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("ITUBOT_PORT=4000\n")

    assert load_settings(tmp_path).port == 4000


def test_environment_wins_over_env_file(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("ITUBOT_PORT=4000\n")
    os.environ["ITUBOT_PORT"] = "5000"

    assert load_settings(tmp_path).port == 5000


def test_other_names_of_env_file_reach_the_libraries(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("OPENAI_API_KEY=sk-mine\n")

    load_settings(tmp_path)

    assert os.environ["OPENAI_API_KEY"] == "sk-mine"


@pytest.mark.parametrize("where", ["environment", "file"])
def test_unknown_name_is_refused_with_the_nearest_known_one(tmp_path: Path, where: str) -> None:
    if where == "file":
        (tmp_path / ".env").write_text("ITUBOT_MODLE=openai:gpt-4o\n")
    else:
        os.environ["ITUBOT_MODLE"] = "openai:gpt-4o"

    with pytest.raises(SettingsError, match=r"ITUBOT_MODLE .* did you mean ITUBOT_MODEL\?"):
        load_settings(tmp_path)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ITUBOT_PORT", "0"),
        ("ITUBOT_PORT", "65536"),
        ("ITUBOT_PORT", "http"),
        ("ITUBOT_TIMEZONE", "Europe/Geneva-ish"),
        ("ITUBOT_DIGEST_TIME", "8"),
        ("ITUBOT_DIGEST_TIME", "24:00"),
        ("ITUBOT_MODEL", "gpt-4o"),
        ("ITUBOT_CHROMA_URL", "localhost:8000"),
        ("ITUBOT_SLACK_API_URL", "slack.com"),
        ("ITUBOT_DATABASE_URL", "postgres"),
        ("ITUBOT_LIBRARY_USERS", "U1, @amina"),
        ("ITUBOT_LIBRARY_FILE_MB", "201"),
        ("ITUBOT_CHANNELS", "C1, #general"),
        ("ITUBOT_ALLOW_GUESTS", "some"),
        ("ITUBOT_QUESTIONS_PER_MINUTE", "-1"),
        ("ITUBOT_QUEUE", "0"),
    ],
)
def test_impossible_value_is_refused_by_its_name_in_one_line(tmp_path: Path, name: str, value: str) -> None:
    os.environ[name] = value

    with pytest.raises(SettingsError) as refusal:
        load_settings(tmp_path)

    assert str(refusal.value).startswith(f"{name}: ")
    assert "\n" not in str(refusal.value)


def test_every_impossible_value_is_named_at_once(tmp_path: Path) -> None:
    os.environ.update(ITUBOT_PORT="0", ITUBOT_TIMEZONE="Mars")

    with pytest.raises(SettingsError, match=r"(?=.*ITUBOT_PORT)(?=.*ITUBOT_TIMEZONE)"):
        load_settings(tmp_path)


@pytest.mark.parametrize(
    ("given", "configured"),
    [
        (["SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"], True),
        (["SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET"], True),
        (["SLACK_BOT_TOKEN"], False),
        (["SLACK_APP_TOKEN"], False),
    ],
)
def test_slack_needs_the_bot_token_and_a_connection(
    tmp_path: Path, given: list[str], configured: bool
) -> None:
    os.environ.update(dict.fromkeys(given, "x"))

    assert load_settings(tmp_path).slack_configured is configured


def test_ids_are_separated_by_commas_or_spaces(tmp_path: Path) -> None:
    os.environ["ITUBOT_LIBRARY_USERS"] = "U1,W2 , S3"

    assert load_settings(tmp_path).library_users == ("U1", "W2", "S3")


def test_binary_env_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"\xff\xfe\x00")

    with pytest.raises(SettingsError, match=r"\.env cannot be read"):
        load_settings(tmp_path)


def test_every_field_has_a_name_in_the_environment() -> None:
    assert len(set(names())) == len(Settings.model_fields)


@pytest.mark.parametrize(
    ("judge", "by_chat"),
    [("", False), ("none", False), ("openai:small", True), ("cross-encoder/nli", False), ("./nli", False)],
)
def test_judge_is_a_chat_model_or_a_cross_encoder(judge: str, by_chat: bool) -> None:
    assert Settings(judge=judge, _env_file=None).judges_by_chat is by_chat


def test_judge_of_a_provider_needs_a_model_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ITUBOT_JUDGE", "openai:")

    with pytest.raises(SettingsError, match="ITUBOT_JUDGE: is not written as in openai:gpt-4o"):
        load_settings(tmp_path)
