"""A person installs the app: two pages of the bot, with Slack's page between them."""

from __future__ import annotations

import logging
from typing import Literal
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import func, select

from bot.slack.manifest import needed_scopes
from store.errors import StoreBusy
from store.jobs import InstallationStore, QuestionStore
from store.schema import metadata
from tests.bot.slack.workspaces.conftest import HOME, OTHER, STRANGER, Browser, answered
from tests.fake_slack.faults import Fault
from tests.fake_slack.platform import FakePlatform
from tests.fake_slack.slack import FakeSlack
from tests.fake_slack.web_api import every_feature
from tests.store.jobs.stored_outcome import until_stored


async def test_first_page_leads_to_slack_with_the_scopes_of_the_features(browser: Browser) -> None:
    asked = parse_qs(urlsplit(await browser.open()).query)
    assert asked["scope"][0].split(",") == needed_scopes(every_feature())


async def test_workspace_that_is_not_named_is_refused_and_the_app_is_removed_there(
    browser: Browser, platform: FakePlatform, installations: InstallationStore
) -> None:
    status, page = await browser.install(STRANGER)
    assert (status, STRANGER in page, "ITUBOT_WORKSPACES" in page) == (403, True, True)
    assert (platform.tokens, installations.all()) == ({}, [])


async def test_secret_of_the_app_is_in_no_address(
    browser: Browser, platform: FakePlatform, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "aiohttp.access")
    await browser.install(STRANGER)
    assert ("/api/apps.uninstall" in caplog.text, platform.client_secret in caplog.text) == (True, False)


async def test_state_of_another_browser_is_refused(
    browser: Browser, platform: FakePlatform, address: str, installations: InstallationStore
) -> None:
    page = await browser.open()
    status, _ = await Browser(platform, address).agree(page, HOME)
    assert (status, installations.all()) == (400, [])


async def test_state_is_valid_once_in_its_browser(browser: Browser, platform: FakePlatform) -> None:
    page = await browser.open()
    await browser.agree(page, HOME)
    status, _ = await browser.follow(platform.agree(page, OTHER))
    assert (status, list(platform.tokens)) == (400, [HOME])


async def test_person_who_refuses_on_slacks_page_reads_so(
    browser: Browser, platform: FakePlatform, installations: InstallationStore
) -> None:
    _, page = await browser.follow(platform.refuse(await browser.open()))
    assert ("refused on Slack's page" in page, installations.all()) == (True, [])


async def test_code_that_slack_refuses_installs_nothing(
    browser: Browser, home: FakeSlack, installations: InstallationStore
) -> None:
    home.faults["oauth.v2.access"] = [Fault("refuse", error="invalid_code")]
    status, _ = await browser.install(HOME)
    assert (status, installations.all()) == (401, [])


async def test_new_installation_replaces_the_token(
    browser: Browser, platform: FakePlatform, home: FakeSlack, installations: InstallationStore
) -> None:
    await browser.install(HOME)
    former = installations.all()
    await browser.install(HOME)
    await until_stored(lambda: [one.token for one in installations.all()] == [platform.tokens[HOME]])
    assert installations.all() != former
    assert "You asked: When?" in await answered(home)


@pytest.mark.parametrize(
    ("fault", "expected", "words"),
    [
        ("refuse", 401, "does not confirm it (invalid_code)"),
        ("500", 503, "does not answer"),
        ("drop", 503, "does not answer"),
    ],
)
async def test_installation_that_slack_does_not_confirm_is_told_and_logged_without_the_code(
    browser: Browser,
    home: FakeSlack,
    caplog: pytest.LogCaptureFixture,
    fault: Literal["refuse", "500", "drop"],
    expected: int,
    words: str,
) -> None:
    home.faults["oauth.v2.access"] = [Fault(fault, error="invalid_code")] * 2
    status, page = await browser.install(HOME)
    assert (status, words in page) == (expected, True)
    assert ("does not confirm" in caplog.text, ".code" in caplog.text) == (True, False)


def rows(state: QuestionStore) -> int:
    """Return how many rows the database has."""
    with state._engine.connect() as connection:
        counts = [
            connection.scalar(select(func.count()).select_from(each)) for each in metadata.sorted_tables
        ]
    return sum(count or 0 for count in counts)


async def test_state_that_the_bot_did_not_sign_is_refused(
    browser: Browser, platform: FakePlatform, installations: InstallationStore
) -> None:
    page = await browser.open()
    signed = parse_qs(urlsplit(page).query)["state"][0]
    forged = signed[:-2] + ("AA" if signed[-2:] != "AA" else "BB")
    browser.cookie = browser.cookie.replace(signed, forged)
    status, _ = await browser.agree(page.replace(signed, forged), HOME)
    assert (status, installations.all()) == (401, [])


async def test_installation_that_cannot_be_stored_is_told(
    browser: Browser, installations: InstallationStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise StoreBusy("the database is busy")

    monkeypatch.setattr(InstallationStore, "save", fails)
    status, page = await browser.install(HOME)
    assert (status, "Please try again" in page, installations.all()) == (503, True, [])


async def test_reason_in_the_address_is_no_html(browser: Browser) -> None:
    _, page = await browser.follow("https://bot.example.org/slack/oauth_redirect?error=%3Cscript%3E")
    assert ("&lt;script&gt;" in page, "<script>" in page) == (True, False)
