"""The workspaces that have installed the app themselves, each with its token."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field

from sqlalchemy import ColumnElement, delete, select, true, update

from store.engines import insert_or_replace
from store.jobs.database import StateStore
from store.jobs.forgetting import forget_workspace
from store.jobs.leases import has_ended
from store.jobs.schema import installations


@dataclass(frozen=True, slots=True)
class Installation:
    """An installation in the workspace `team`, or in all workspaces of the organization of that id.

    `expires_at`: seconds since 1970; None for a token that does not expire, which has no `refresh_token`.
    """

    team: str
    name: str
    # Kept out of logs: whoever has one is the bot.
    token: str = field(repr=False)
    refresh_token: str = field(default="", repr=False)
    expires_at: float | None = None


class InstallationStore(StateStore):
    """The installations, shared by all processes that open the same database. All methods raise StoreError."""

    def save(self, installation: Installation) -> None:
        """Add an installation, or replace that of the same workspace."""
        with self._transaction() as connection:
            row = insert_or_replace(connection, installations, ["team"])
            connection.execute(row.values(**asdict(installation), renewed_until=0.0))

    def all(self) -> list[Installation]:
        """Return all installations, by the ids of their workspaces."""
        return self._read(true())

    def find(self, team: str) -> Installation | None:
        """Return the installation of a workspace; None if there is none."""
        return next(iter(self._read(installations.c.team == team)), None)

    def begin_renewal(self, installation: Installation, seconds: float) -> bool:
        """Claim the right to renew a token for so many seconds; False if another process has it, or has renewed it.

        A refresh token is valid once, so two processes must not use the same one.
        """
        column = installations.c
        present = (column.team == installation.team) & (column.token == installation.token)
        claim = update(installations).where(present, has_ended(column.renewed_until, self._now, seconds))
        with self._transaction() as connection:
            return connection.execute(claim.values(renewed_until=self._now + seconds)).rowcount == 1

    def renew(self, former: Installation, present: Installation) -> None:
        """Replace the token of an installation, unless the workspace has removed it or installed the app again."""
        column = installations.c
        known = (column.team == former.team) & (column.token == former.token)
        with self._transaction() as connection:
            connection.execute(
                update(installations).where(known).values(**asdict(present), renewed_until=0.0)
            )

    def remove(self, team: str) -> None:
        """Delete the token of a workspace; what it asked and subscribed to stays for the next installation."""
        with self._transaction() as connection:
            connection.execute(delete(installations).where(installations.c.team == team))

    def forget(self, team: str, *, unless_installed: bool = False) -> None:
        """Delete the token of a workspace and everything that its people asked, sent and subscribed to.

        `unless_installed`: nothing is deleted if the app has been installed again.
        """
        forget_workspace(self._engine, team, unless_installed=unless_installed)

    def _read(self, condition: ColumnElement[bool]) -> list[Installation]:
        columns = (installations.c[name] for name in Installation.__dataclass_fields__)
        with self._transaction() as connection:
            rows = connection.execute(select(*columns).where(condition).order_by(installations.c.team))
            return [Installation(*row) for row in rows]
