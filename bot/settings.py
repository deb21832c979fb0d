"""The settings: the one reader of the environment.

`.env` of the working directory is loaded into the environment once, so that the libraries that read
their own keys there (`OPENAI_API_KEY`, ...) find them too. What is already set wins.
"""

from __future__ import annotations

import difflib
import os
import re
from datetime import date, datetime, time
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dotenv import dotenv_values
from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.errors import SettingsError

PREFIX = "ITUBOT_"

# Settings of earlier releases, and what to do about them.
_RETIRED = {
    "ITUBOT_NLI_MODEL": "name the model in ITUBOT_JUDGE",
    "ITUBOT_LINK_HOSTS": "take it out; a model's links have to stand in the passages that it cites",
}
# Set only where the user has not: what the libraries say and send is noise beside an answer.
_QUIET = {
    "ANONYMIZED_TELEMETRY": "False",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "TRANSFORMERS_VERBOSITY": "error",
}


def _timezone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{name!r} is no time zone; name one as in Europe/Zurich") from None
    return name


def _web_address(url: str) -> str:
    # The URL may hold a password: it is not repeated, here or below.
    if not url:
        return url
    try:
        parts = urlsplit(url)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        sound = False
    if not sound:
        raise ValueError("is no web address; write it as in https://host:8000")
    return url


def _api_address(url: str) -> str:
    if "@" in urlsplit(_web_address(url)).netloc:
        raise ValueError("holds a user or a password; Slack takes only the token")
    return url


def _secret_address(url: SecretStr) -> SecretStr:
    _web_address(url.get_secret_value())
    return url


def _model_name(name: str) -> str:
    provider, colon, model = name.partition(":")
    if name and not (provider and colon and model):
        raise ValueError(f"{name!r} is no model name; write provider:model, as in openai:gpt-4o")
    return name


def _judge_name(name: str) -> str:
    # A cross-encoder is a path or a name of a hub, which has no colon.
    return _model_name(name) if re.match(r"\w+:(?![\\/])", name) else name


def _database(url: SecretStr) -> SecretStr:
    if url and "://" not in url.get_secret_value():
        raise ValueError("is no SQLAlchemy URL; write it as in postgresql+psycopg://user@host/name")
    return url


def _members(ids: str) -> str:
    for name in _ids(ids):
        if not re.fullmatch(r"[UWS][A-Z0-9]+", name):
            raise ValueError(
                f"{name!r} is no id of a person (U..., W...) or a user group (S...); "
                "copy it in Slack from the profile or the group, and part several with commas"
            )
    return ids


def _channels(ids: str) -> str:
    for name in _ids(ids):
        if not re.fullmatch(r"[CG][A-Z0-9]+", name):
            raise ValueError(
                f"{name!r} is no id of a channel (C..., G...); copy it at the foot of the channel's details, and "
                "part several with commas"
            )
    return ids


def _ids(text: str) -> tuple[str, ...]:
    return tuple(text.replace(",", " ").split())


def _wall_clock(value: object) -> object:
    # pydantic would also take seconds since midnight and offsets, which nobody means here.
    if isinstance(value, str) and not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value):
        raise ValueError(f"{value!r} is no time of day; write HH:MM, as in 08:00")
    return value


class Settings(BaseSettings):
    """Everything that can be set from outside; an empty value means the default.

    `digest_time` is the wall clock of `timezone`. `port` is what the HTTP mode listens on. `library_users` are ids,
    `library_file_mb` is what a file from Slack may have, in millions of bytes; an ingest takes no more than 200.
    `channels` are ids. Of `questions_per_minute` each person may ask so many, 0: any number; `queue` is how many wait.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, extra="ignore", frozen=True, populate_by_name=True
    )

    data_dir: Path = Path("data")
    model: Annotated[str, AfterValidator(_model_name)] = ""
    embedding_model: str = ""
    reranker: str = ""
    model_fallback: Annotated[str, AfterValidator(_model_name)] = ""
    judge: Annotated[str, AfterValidator(_judge_name)] = ""
    database_url: Annotated[SecretStr, AfterValidator(_database)] = SecretStr("")
    chroma_url: Annotated[SecretStr, AfterValidator(_secret_address)] = SecretStr("")
    slack_api_url: Annotated[str, AfterValidator(_api_address)] = "https://slack.com/api/"
    digest_channel: str = ""
    digest_time: Annotated[time, BeforeValidator(_wall_clock)] = time(8, 0)
    timezone: Annotated[str, AfterValidator(_timezone)] = "Europe/Zurich"
    library_users: Annotated[str, AfterValidator(_members)] = ""
    library_file_mb: int = Field(default=50, ge=1, le=200)
    channels: Annotated[str, AfterValidator(_channels)] = ""
    allow_guests: bool = False
    allow_external: bool = False
    questions_per_minute: int = Field(default=10, ge=0)
    queue: int = Field(default=50, ge=1)
    port: int = Field(default=3000, ge=1, le=65535)

    slack_bot_token: SecretStr | None = Field(default=None, validation_alias="SLACK_BOT_TOKEN")
    slack_app_token: SecretStr | None = Field(default=None, validation_alias="SLACK_APP_TOKEN")
    slack_signing_secret: SecretStr | None = Field(default=None, validation_alias="SLACK_SIGNING_SECRET")

    @property
    def slack_configured(self) -> bool:
        """Whether the tokens suffice for one of the two ways to reach Slack."""
        return bool(self.slack_bot_token and (self.slack_app_token or self.slack_signing_secret))

    @property
    def judges_by_chat(self) -> bool:
        """Whether `judge` names a chat model, provider:model, and not a cross-encoder."""
        return re.match(r"\w+:(?![\\/])", self.judge) is not None

    @property
    def library_members(self) -> tuple[str, ...]:
        """The ids in `library_users`."""
        return _ids(self.library_users)

    @property
    def answered_channels(self) -> tuple[str, ...]:
        """The ids in `channels`; empty: any channel."""
        return _ids(self.channels)

    def today(self) -> date:
        """Return the day it is in `timezone`."""
        return datetime.now(ZoneInfo(self.timezone)).date()


def load_settings(directory: Path | None = None) -> Settings:
    """Load `.env` of `directory` (the working one by default), then read the environment.

    Raises SettingsError, one line naming every setting that is wrong.
    """
    _load_env_file((directory or Path.cwd()) / ".env")
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)
    _refuse_unknown()
    try:
        return Settings()
    except ValidationError as error:
        raise SettingsError(
            "; ".join(_problem(str(detail["loc"][0]), detail["msg"]) for detail in error.errors())
        ) from None


def names() -> list[str]:
    """Return the name of every setting, as it is written in the environment."""
    return [
        str(field.validation_alias) if field.validation_alias else PREFIX + name.upper()
        for name, field in Settings.model_fields.items()
    ]


def _load_env_file(path: Path) -> None:
    if not path.is_file():
        return
    try:
        values = dotenv_values(path, encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = "it is not UTF-8 text" if isinstance(error, UnicodeDecodeError) else error.strerror
        raise SettingsError(f"{path} cannot be read ({reason}); repair it or take it away") from None
    for name, value in values.items():
        if value is not None:
            os.environ.setdefault(name, value)


def _refuse_unknown() -> None:
    known = names()
    for name in sorted(os.environ):
        if name.upper() in _RETIRED:
            raise SettingsError(f"{name} is no longer a setting of itubot: {_RETIRED[name.upper()]}")
        if name.upper().startswith(PREFIX) and name.upper() not in known:
            near = difflib.get_close_matches(name.upper(), known, n=1, cutoff=0.0)[0]
            raise SettingsError(f"{name} is no setting of itubot; did you mean {near}?")


def _problem(field: str, message: str) -> str:
    """Return one clause for one of pydantic's errors, without repeating what may be secret."""
    name = field if field.isupper() else PREFIX + field.upper()
    message = message.removeprefix("Value error, ")
    return f"{name}: {message[:1].lower()}{message[1:]}"
