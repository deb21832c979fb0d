"""Never printed: passwords in addresses, tokens, and questions in errors of the database."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import traceback
from pathlib import Path

import pytest

from bot.cli import main
from bot.errors import SettingsError
from bot.settings import Settings, load_settings
from bot.telemetry.logs import LineFormatter, json_formatter
from bot.wiring import Services
from store.errors import StoreError
from store.jobs import Holder, QuestionJob, QuestionStore, SlackMessage
from tests.bot.slack.processes.bot_process import clean
from tests.servers import database_url

pytestmark = pytest.mark.timeout(300)

PLANTED = "pl4nted"


def printed(folder: Path, *arguments: str, **settings: str) -> str:
    """Return all that the program prints as a process of its own."""
    run = subprocess.run(
        [sys.executable, "-m", "bot", "--debug", *arguments],
        cwd=folder,
        env=clean(PYTHONPATH=str(Path(__file__).parents[2]), **settings),
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert run.returncode == 1
    return run.stdout + run.stderr


def test_settings_repr_hides_addresses() -> None:
    settings = Settings(
        database_url=f"postgresql://amina:{PLANTED}@host/name", chroma_url=f"http://amina:{PLANTED}@host"
    )

    assert PLANTED not in f"{settings!r} {settings} {settings.model_dump()} {settings.model_dump_json()}"


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("ITUBOT_DATABASE_URL", f"amina:{PLANTED}@host"),
        ("ITUBOT_CHROMA_URL", f"amina:{PLANTED}@host:8000"),
        ("ITUBOT_CHROMA_URL", f"http://amina:{PLANTED}/x@host:8000"),
        ("ITUBOT_CHROMA_URL", f"http://amina:x@{PLANTED}@host:port"),
        ("ITUBOT_SLACK_API_URL", f"amina:{PLANTED}@host"),
        ("ITUBOT_SLACK_API_URL", f"https://amina:{PLANTED}@slack.com/api/"),
    ],
)
def test_refused_address_is_not_repeated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, url: str
) -> None:
    monkeypatch.setenv(name, url)

    with pytest.raises(SettingsError, match=name) as error:
        load_settings(tmp_path)
    assert PLANTED not in "".join(traceback.format_exception(error.value))


@pytest.mark.parametrize(
    "url",
    [
        # A password with signs that have to be percent-encoded, and are not.
        f"postgresql://amina:p/{PLANTED}@host:5432/name",
        f"postgresql://amina:p@ss:{PLANTED}@host/name",
        # A driver that is not there.
        f"mysql+pymysql://amina:{PLANTED}%40@host/name?password={PLANTED}",
        f"nosuch://amina:{PLANTED}@host/name",
    ],
)
def test_no_command_prints_the_password_of_a_database(tmp_path: Path, url: str) -> None:
    told = printed(tmp_path, "documents", ITUBOT_DATABASE_URL=url)

    assert "ITUBOT_DATABASE_URL" in told
    assert PLANTED not in told


@pytest.mark.slow
def test_doctor_prints_no_secret(tmp_path: Path) -> None:
    told = printed(
        tmp_path,
        "doctor",
        ITUBOT_CHROMA_URL=f"http://amina:{PLANTED}%2F@127.0.0.1:9",
        ITUBOT_SLACK_API_URL="http://127.0.0.1:9/api/",
        SLACK_BOT_TOKEN=f"xoxb-{PLANTED}",
        SLACK_APP_TOKEN=f"xapp-{PLANTED}",
        SLACK_SIGNING_SECRET=PLANTED,
    )

    assert "auth.test" in told
    assert PLANTED not in told


def test_database_error_does_not_log_the_question(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    state = QuestionStore.open(database_url(tmp_path))
    with state.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE jobs")

    try:
        state.claim(
            QuestionJob(SlackMessage("T1", "C1", "1.1", "", "U1", f"Will {PLANTED} be dismissed?")),
            Holder("me", 20.0),
        )
    except StoreError:
        logging.getLogger("bot").exception("it failed")
    assert "it failed" in caplog.text
    assert PLANTED not in caplog.text


@pytest.mark.parametrize(
    ("logged", "shown"),
    [
        (f"POST https://hooks.slack.com/commands/T1/{PLANTED} - cut", "POST https://hooks.slack.com/… - cut"),
        (f"url='wss://wss.slack.com/link/?ticket={PLANTED}'", "url='wss://wss.slack.com/…'"),
        (f"at http://amina:p@s/{PLANTED}@host:8000/v2.", "at http://host:8000/…"),
        (
            f"Max retries exceeded with url: /{PLANTED}?key=1 (refused)",
            "Max retries exceeded with url: /… (refused)",
        ),
        ("POST https://slack.com", "POST https://slack.com"),
    ],
)
def test_log_shows_only_the_host_of_an_address(logged: str, shown: str) -> None:
    record = logging.makeLogRecord({"msg": logged})

    assert LineFormatter("%(message)s").format(record) == shown
    assert json.loads(json_formatter().format(record))["event"] == shown


def test_traceback_shows_only_the_host_of_an_address(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def fails(settings: Settings) -> Services:
        raise RuntimeError(f"no answer of https://amina:{PLANTED}@host/{PLANTED}")

    for arguments in (["documents"], ["--debug", "documents"]):
        assert main(arguments, make=fails) == 1
        told = capfd.readouterr().err
        assert "https://host/…" in told
        assert PLANTED not in told
