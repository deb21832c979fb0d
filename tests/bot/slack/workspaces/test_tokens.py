"""The token of an installed workspace expires: it is renewed before that, by one of all who use it."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from slack_sdk.errors import SlackRequestError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.slack.core.options import InstallOptions
from bot.slack.workspaces.tokens import RenewedToken
from store.errors import StoreBusy
from store.jobs import Installation, InstallationStore
from tests.bot.slack.workspaces.conftest import HOME
from tests.fake_slack.faults import Fault
from tests.fake_slack.platform import FakePlatform
from tests.store.jobs.stored_outcome import until_stored

HOUR = 3600.0


class Clock:
    """Seconds since 1970, which go when they are told to."""

    def __init__(self) -> None:
        self.now = time.time()

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def installation(platform: FakePlatform, installations: InstallationStore, clock: Clock) -> Installation:
    response = platform.install(HOME)
    made = Installation(
        HOME, "Home", response["access_token"], response["refresh_token"], clock.now + response["expires_in"]
    )
    installations.save(made)
    return made


def token_of(
    installation: Installation, installing: InstallOptions, platform: FakePlatform, clock: Clock
) -> RenewedToken:
    return RenewedToken(installation, installing, AsyncWebClient(base_url=platform.url), clock)


@pytest.fixture
def token(
    installation: Installation, installing: InstallOptions, platform: FakePlatform, clock: Clock
) -> RenewedToken:
    return token_of(installation, installing, platform, clock)


async def test_token_is_renewed_before_its_end_and_stored(
    token: RenewedToken, installations: InstallationStore, platform: FakePlatform, clock: Clock
) -> None:
    clock.now += 10.1 * HOUR
    assert await token() == platform.tokens[HOME]
    stored = installations.find(team=HOME)
    assert stored is not None
    assert (stored.token, stored.expires_at) == (platform.tokens[HOME], clock.now + 12 * HOUR)


async def test_token_is_renewed_once_by_all_who_use_it(
    token: RenewedToken,
    installation: Installation,
    installing: InstallOptions,
    platform: FakePlatform,
    clock: Clock,
) -> None:
    clock.now += 12.5 * HOUR
    platform.expire(HOME)
    elsewhere = token_of(installation, installing, platform, clock)
    given = await asyncio.gather(*(one() for one in (token, token, elsewhere, elsewhere)))
    assert (set(given), len(platform.calls)) == ({platform.tokens[HOME]}, 1)


async def test_token_that_is_still_valid_is_used_where_slack_does_not_renew_it(
    token: RenewedToken, installation: Installation, platform: FakePlatform, clock: Clock
) -> None:
    clock.now += 11 * HOUR
    platform.workspaces[HOME].faults["oauth.v2.access"] = [Fault("500")]
    assert [await token(), await token()] == [installation.token] * 2
    assert len(platform.calls) == 1


async def test_token_that_expired_and_is_not_renewed_fails_the_call(
    token: RenewedToken, platform: FakePlatform, clock: Clock
) -> None:
    clock.now += 13 * HOUR
    platform.workspaces[HOME].faults["oauth.v2.access"] = [Fault("refuse", error="invalid_refresh_token")] * 9
    with pytest.raises(SlackRequestError, match="T1 has expired"):
        await token()


async def test_token_is_stored_though_the_call_that_needs_it_is_cancelled(
    token: RenewedToken,
    installations: InstallationStore,
    platform: FakePlatform,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    renew, given, go = AsyncWebClient.oauth_v2_access, asyncio.Event(), asyncio.Event()

    async def wait(client: AsyncWebClient, **arguments: Any) -> AsyncSlackResponse:
        response = await renew(client, **arguments)
        given.set()
        await go.wait()
        return response

    monkeypatch.setattr(AsyncWebClient, "oauth_v2_access", wait)
    clock.now += 11 * HOUR
    calling = asyncio.create_task(token())
    await given.wait()
    calling.cancel()
    await asyncio.wait({calling})
    go.set()
    await until_stored(lambda: installations.all()[0].token == platform.tokens[HOME])


async def test_renewed_token_that_could_not_be_stored_is_stored_later(
    token: RenewedToken,
    installations: InstallationStore,
    platform: FakePlatform,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fails(*_: object) -> None:
        raise StoreBusy("the database is busy")

    clock.now += 11 * HOUR
    with monkeypatch.context() as patched:
        patched.setattr(InstallationStore, "renew", fails)
        await token()
    [stored] = installations.all()
    await token.learn(stored)
    assert [one.token for one in installations.all()] == [platform.tokens[HOME]]
    assert await token() == platform.tokens[HOME]
