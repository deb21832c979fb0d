"""What every command stands on: the settings and the services, made when first asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Annotated

import typer

from bot.errors import NotReady
from bot.settings import Settings, load_settings
from store.audiences import PUBLIC, Audience, Audiences, is_audience
from store.records import EVERYBODY

if TYPE_CHECKING:
    from bot.wiring import Services


@dataclass
class Program:
    """One run of the command line. `build` makes the services; tests hand in their own.

    `channels` are the audiences that were named: their documents are seen too. `usual_umask` is that of whoever started
    it, for the files that they ask for.
    """

    build: Callable[[Settings], Services]
    load: Callable[[], Settings] = field(default=load_settings)
    usual_umask: int = 0o022
    channels: Audiences = frozenset()

    @cached_property
    def settings(self) -> Settings:
        """Raises SettingsError."""
        return self.load()

    @cached_property
    def services(self) -> Services:
        built = self.build(self.settings)
        return built.seen_by(PUBLIC | self.channels) if self.channels else built

    def seen_from(self, audience: Audience) -> Services:
        """Return the services for those in a channel: they see what is for everybody, and what is kept to it."""
        services = self.services
        return services.seen_by(PUBLIC | frozenset({audience}) & services.catalog.known_audiences())

    @property
    def audience(self) -> Audience:
        """Whom documents are for that are taken in or out. Raises typer.BadParameter where several are named."""
        if len(self.channels) > 1:
            raise typer.BadParameter("documents are for one audience; name --audience once.")
        return next(iter(self.channels), EVERYBODY)

    def close(self) -> None:
        """Close what a command opened."""
        if "services" in self.__dict__:
            self.services.close()

    def require_documents(self, *, for_anybody: bool = False) -> None:
        """Raise NotReady, or the store's own NoStore, where there is nothing to ask about.

        `for_anybody`: documents that are kept to a channel count too.
        """
        catalog = self.services.catalog
        if for_anybody:
            catalog = catalog.seen_by(catalog.known_audiences())
        if not catalog.documents():
            raise NotReady("there are no documents; run `itubot ingest`")


def parse_audience(value: str) -> Audience:
    """Return the audience of an option. Raises typer.BadParameter for what is none."""
    if not is_audience(value):
        raise typer.BadParameter(
            f"{value!r} is no audience; write the ids of the workspace and the channel, as in T0123/C0456"
        )
    return value


def parse_day(value: str) -> date:
    """Return the day of an option. Raises typer.BadParameter for what is no YYYY-MM-DD."""
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise typer.BadParameter(f"{value!r} is no date; write YYYY-MM-DD, as in 2024-05-01") from None


AsOf = Annotated[
    date | None,
    typer.Option(
        "--as-of", parser=parse_day, metavar="DATE", help="Answer as if this day were today (YYYY-MM-DD)."
    ),
]
AsJson = Annotated[
    bool, typer.Option("--json", help="Print one JSON value on stdout, and nothing else there.")
]


def program(context: typer.Context) -> Program:
    """Return what the command line was started with."""
    found = context.obj
    if not isinstance(found, Program):
        raise TypeError("the command line was started without its program")
    return found
