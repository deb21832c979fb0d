"""A person installs the app: two pages of the bot, with Slack's page between them."""

from __future__ import annotations

from typing import Literal
from urllib.parse import parse_qs, urlsplit

import pytest

from bot.slack.manifest import needed_scopes
from store.errors import StoreBusy
from store.jobs import InstallationStore
from tests.bot.slack.workspaces.conftest import HOME, OTHER, STRANGER, Browser
from tests.fake_slack.faults import Fault
from tests.fake_slack.platform import FakePlatform
from tests.fake_slack.slack import FakeSlack
from tests.fake_slack.web_api import every_feature


async def test_first_page_leads_to_slack_with_the_scopes_of_the_features(browser: Browser) -> None:
    asked = parse_qs(urlsplit(await browser.open()).query)
    assert asked["scope"][0].split(",") == needed_scopes(every_feature())


async def test_workspace_that_is_not_named_is_refused_and_the_app_is_removed_there(
    browser: Browser, platform: FakePlatform, installations: InstallationStore
) -> None:
    status, page = await browser.install(STRANGER)
    assert (status, STRANGER in page, "ITUBOT_WORKSPACES" in page) == (403, True, True)
    assert (platform.tokens, installations.all()) == ({}, [])


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
