"""The token of a workspace that installed the app: it expires, and one of all processes renews it.

https://docs.slack.dev/authentication/using-token-rotation: a token is valid for twelve hours, also after it was
renewed; the refresh token, by which it is renewed, is valid once.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from slack_sdk.errors import SlackRequestError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.core.options import InstallOptions
from bot.slack.core.sending.clients import FAILURES, error_code
from store.errors import StoreError
from store.jobs import Installation
from store.restarts import while_it_restarts

_LOG = logging.getLogger(__name__)

# Seconds before its end from which on a token is renewed, as Slack's own libraries do.
_RENEW_BEFORE_SECONDS = 2 * 3600.0
# Seconds for one renewal, after which another process may try, and between two looks at what that has done.
_RENEWAL_SECONDS = 30.0
_LOOK_EVERY_SECONDS = 0.5


@dataclass(slots=True, eq=False, repr=False)
class RenewedToken:
    """The token of an installation at each time; it is called for each call of Slack.

    `client` has no token. `clock` gives seconds since 1970.
    """

    installation: Installation
    options: InstallOptions
    client: AsyncWebClient
    clock: Callable[[], float] = time.time
    unstored_former: Installation | None = None
    """What the table still has, while the token that this process got in its place is not known to be stored."""
    renewing: asyncio.Task[None] | None = None
    not_before: float = 0.0

    async def __call__(self) -> str:
        """Return the token. Raises SlackRequestError for one that has expired and cannot be renewed."""
        if self._ends_within(_RENEW_BEFORE_SECONDS) and self.clock() >= self.not_before:
            if self.renewing is None or self.renewing.done():
                self.renewing = asyncio.create_task(self._renew_until_valid())
            # The one who calls may be cancelled. The renewal is not: Slack gives each token once.
            await asyncio.shield(self.renewing)
        if self._ends_within(0.0):
            raise SlackRequestError(f"the token of the workspace {self.installation.team} has expired")
        return self.installation.token

    async def learn(self, stored: Installation) -> None:
        """Take what the table has now, unless that is what this process could not replace yet. Raises StoreError."""
        if self.unstored_former is None or stored.token != self.unstored_former.token:
            self.installation, self.unstored_former = stored, None
        else:
            await self._store(stored)

    async def close(self, patience: float) -> None:
        """Finish a renewal that has begun, within so many seconds."""
        if self.renewing is not None:
            await asyncio.wait({self.renewing}, timeout=patience)

    async def _renew_until_valid(self) -> None:
        until = self.clock() + _RENEWAL_SECONDS
        await self._renew()
        while self._ends_within(0.0) and self.not_before <= self.clock() < until:
            await asyncio.sleep(_LOOK_EVERY_SECONDS)
            await self._renew()

    def _ends_within(self, seconds: float) -> bool:
        expires_at = self.installation.expires_at
        return expires_at is not None and expires_at <= self.clock() + seconds

    async def _renew(self) -> None:
        """Renew the token, or learn that another process has; where neither is possible, try again later."""
        store, team = self.options.store, self.installation.team
        try:
            stored = await asyncio.to_thread(store.find, team=team)
            if stored is None:
                return  # The workspace has removed the app.
            await self.learn(stored)
            if self._ends_within(_RENEW_BEFORE_SECONDS) and await asyncio.to_thread(
                store.begin_renewal, stored, _RENEWAL_SECONDS
            ):
                self.installation, self.unstored_former = await self._exchange(stored), stored
                await self._store(stored)
        except (StoreError, *FAILURES) as error:
            self.not_before = self.clock() + _RENEWAL_SECONDS
            _LOG.error(
                "the token of the workspace %s was not renewed (%s); if it stays so, install the app there again",
                team,
                error_code(error),
            )

    async def _store(self, former: Installation) -> None:
        """Store the renewed token in place of the former one. Raises StoreError."""
        save = partial(self.options.store.renew, former, self.installation)
        await asyncio.to_thread(while_it_restarts, save)
        self.unstored_former = None

    async def _exchange(self, stored: Installation) -> Installation:
        """Return the installation with a new token. Raises one of FAILURES."""
        response = await self.client.oauth_v2_access(
            client_id=self.options.client_id,
            client_secret=self.options.client_secret,
            grant_type="refresh_token",
            refresh_token=stored.refresh_token,
        )
        return replace(
            stored,
            token=str(response["access_token"]),
            refresh_token=str(response["refresh_token"]),
            expires_at=self.clock() + float(response["expires_in"]),
        )
