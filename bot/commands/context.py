"""Shared by commands: the CliContext, which makes settings and services when first used; options; Slack's tokens."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.errors import BotError, NotReady, SettingsError
from bot.locales import LANGUAGES, use_language
from bot.settings import Settings, load_settings, locale_of_environment
from bot.telemetry.logs import use_format
from store.audiences import PUBLIC, Audience, Audiences, is_audience
from store.records import EVERYBODY

if TYPE_CHECKING:
    from bot.slack.core.sending.clients import PresentToken
    from bot.wiring import Services


@dataclass
class CliContext:
    """One run of the command line."""

    build: Callable[[Settings], Services]
    usual_umask: int = 0o022
    """The user's own, for files written with --output."""
    channels: Audiences = frozenset()
    """The audiences named with --audience, whose documents are visible too."""

    @cached_property
    def settings(self) -> Settings:
        """The settings; logs are in their format from here on. Raises SettingsError."""
        loaded = load_settings()
        use_format(loaded.log_format)
        return loaded

    @cached_property
    def services(self) -> Services:
        """The services, limited to documents visible to everybody and to `channels`."""
        built = self.build(self.settings)
        return built.seen_by(PUBLIC | self.channels) if self.channels else built

    def seen_from(self, audience: Audience) -> Services:
        """Return the services limited to documents visible to everybody and to a channel."""
        return self.services.seen_from(audience)

    @property
    def audience(self) -> Audience:
        """The audience of documents that are added or removed. Raises typer.BadParameter for several."""
        if len(self.channels) > 1:
            raise typer.BadParameter("documents are for one audience; name --audience once.")
        return next(iter(self.channels), EVERYBODY)

    def close(self) -> None:
        """Close the services, if a command used them."""
        if "services" in self.__dict__:
            self.services.shared.close()

    def require_documents(self, *, for_anybody: bool = False) -> None:
        """Raise NotReady or NoStore if there are no documents; with `for_anybody`, those of channels count too."""
        catalog = self.services.catalog
        if not (catalog.has_documents() if for_anybody else catalog.documents()):
            raise NotReady("there are no documents; run `itubot ingest`")


# Of a job that a command does. Each of its writes renews the lease, and nothing else does; whatever it was doing when
# its process was killed can be done again after that time.
LEASE_SECONDS = 900.0


def time_of(seconds: float) -> datetime:
    """Return the time, in UTC, of seconds since 1970."""
    return datetime.fromtimestamp(int(seconds), UTC)


def parse_audience(value: str) -> Audience:
    """Return the audience that an option names. Raises typer.BadParameter."""
    if not is_audience(value):
        raise typer.BadParameter(
            f"{value!r} is not an audience; write the ids of the workspace and the channel, as in T0123/C0456"
        )
    return value


def audience_option(meaning: str) -> Any:
    """Return the option --audience."""
    return typer.Option("--audience", parser=parse_audience, metavar="TEAM/CHANNEL", help=meaning)


def parse_day(value: str) -> date:
    """Return the day that an option names as YYYY-MM-DD. Raises typer.BadParameter."""
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise typer.BadParameter(f"{value!r} is not a date; write YYYY-MM-DD, as in 2024-05-01") from None


def day_option(name: str, meaning: str) -> Any:
    """Return an option whose value is a day."""
    return typer.Option(name, parser=parse_day, metavar="DATE", help=meaning)


def output_option(meaning: str) -> Any:
    """Return the option --output."""
    return typer.Option("--output", "-o", metavar="FILE", help=meaning)


AsOf = Annotated[date | None, day_option("--as-of", "Answer as if this day were today (YYYY-MM-DD).")]
AsJson = Annotated[
    bool, typer.Option("--json", help="Print one JSON value on stdout, and nothing else there.")
]


def parse_language(value: str) -> str:
    """Return the code of a language that an option names. Raises typer.BadParameter."""
    if value.casefold() not in LANGUAGES:
        raise typer.BadParameter(
            f"{value!r} is no language here; write one of {', '.join(sorted(LANGUAGES))}"
        )
    return value.casefold()


InLanguage = Annotated[
    str | None,
    typer.Option(
        "--language",
        parser=parse_language,
        metavar="LANGUAGE",
        help=f"The language of what is said: {', '.join(sorted(LANGUAGES))}.",
    ),
]


def speak(language: str | None) -> None:
    """Use a language for what is printed, by default that of the environment (LC_ALL, LC_MESSAGES or LANG)."""
    use_language(language or locale_of_environment())


def bundled() -> list[Path]:
    """Return the documents that come with the program."""
    return [Path(str(file)) for file in files("ingest.samples").iterdir() if file.name.endswith(".txt")]


def cli_context(context: typer.Context) -> CliContext:
    """Return the CliContext that `create_app` put into typer's context."""
    found = context.obj
    if not isinstance(found, CliContext):
        raise TypeError("the context has no CliContext")
    return found


PRIVATE = 0o077


@contextmanager
def umask(mask: int) -> Iterator[int]:
    """Set this process's umask within the block; yields the former one. Not safe between threads."""
    former = os.umask(mask)
    try:
        yield former
    finally:
        os.umask(former)


def token_of_channels(cli: CliContext) -> str | PresentToken:
    """Return the token of the workspace whose channels the settings name. Raises BotError if there is none."""
    # Imported late: most commands need no Slack.
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.slack.wiring import install_options
    from bot.slack.workspaces.tokens import RenewedToken

    settings = cli.settings
    installing = install_options(cli.services)
    if installing is None:
        if not settings.slack_bot_token:
            raise SettingsError("Slack is not set up; set SLACK_BOT_TOKEN (docs/tutorial.md shows how)")
        return settings.slack_bot_token.get_secret_value()
    team = installing.workspaces[0]
    installation = installing.store.find(team=team)
    if installation is None:
        raise BotError(f"the workspace {team} has not installed the app; docs/howto/workspaces.md says how")
    return RenewedToken(installation, installing, AsyncWebClient(base_url=settings.slack_api_url))
