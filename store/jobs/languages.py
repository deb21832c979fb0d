"""The languages that people have chosen for what only they read."""

from __future__ import annotations

from sqlalchemy import delete, select

from store.engines import insert_or_replace
from store.jobs.database import StateStore
from store.jobs.schema import languages


class LanguageStore(StateStore):
    """The choices, shared by all processes that open the same database. All methods raise StoreError."""

    def of_team(self, team: str) -> dict[str, str]:
        """Return the id of each person of a workspace who has chosen -> the code of the language."""
        column = languages.c
        with self._transaction() as connection:
            rows = connection.execute(select(column.user, column.language).where(column.team == team))
            return {row.user: row.language for row in rows}

    def choose(self, team: str, user: str, language: str) -> None:
        """Store the code of the language of a person; "" takes the choice back."""
        column = languages.c
        with self._transaction() as connection:
            if language:
                row = insert_or_replace(connection, languages, ["team", "user"])
                connection.execute(row.values(team=team, user=user, language=language))
            else:
                connection.execute(delete(languages).where(column.team == team, column.user == user))
