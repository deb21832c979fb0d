"""The settings: the one reader of the environment.

`.env` of the working directory is loaded into the environment once, so that the libraries that read their own keys
there (`OPENAI_API_KEY`, ...) find them too. Variables that are already set stay.
"""

from __future__ import annotations

import base64
import difflib
import os
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dotenv import load_dotenv
from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.errors import SettingsError
from bot.locales import LANGUAGES

PREFIX = "ITUBOT_"
ValueT = TypeVar("ValueT")

# Set unless the user has set them: they silence what the libraries print, and stop what they send.
_QUIET = {
    "ANONYMIZED_TELEMETRY": "False",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "TRANSFORMERS_VERBOSITY": "error",
}

# A cross-encoder is named by a path or its name in a hub, without a colon.
_CHAT_MODEL = re.compile(r"\w+:(?![\\/])")


def _timezone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{name!r} is not a time zone; name one as in Europe/Zurich") from None
    return name


def _like(pattern: str, example: str) -> Callable[[ValueT], ValueT]:
    """Return the check that a text, or each of several, has a form; no message repeats it: it may be secret."""

    def check(value: ValueT) -> ValueT:
        text: Any = value.get_secret_value() if isinstance(value, SecretStr) else value
        for each in text if isinstance(text, tuple) else (text,):
            if each and isinstance(each, str) and not re.fullmatch(pattern, each):
                raise ValueError(f"is not written as in {example}")
        return value

    return check


def _ids(value: object) -> object:
    return tuple(value.replace(",", " ").split()) if isinstance(value, str) else value


def _channel_languages(value: object) -> object:
    if not isinstance(value, str):
        return value
    pairs = [pair.partition("=")[::2] for pair in value.replace(",", " ").split()]
    for channel, language in pairs:
        if not re.fullmatch(r"[CG][A-Z0-9]+", channel) or language not in LANGUAGES:
            raise ValueError(
                f"{channel}={language} is no channel with its language; write C0123=fr, with one of "
                f"{', '.join(sorted(LANGUAGES))}, and separate several with commas"
            )
    return dict(pairs)


# A host, perhaps with a port, and before it a user.
_HOST = r"(\[[\da-fA-F:]+\]|[^\s/?#@:\[]+)(:\d{1,5})?"
_FOLDER = "s3://bucket/prefix or file:///mnt/share"
_PERSON = "U0123,S0456 (people and user groups; copy an id in Slack from the profile or the group)"
_CHANNEL = "C0123,G0456 (copy an id at the foot of the channel's details)"
_WORKSPACE = "T0123,E0456 (an id is in the address of Slack in a browser)"

AnyUrl = Annotated[SecretStr, AfterValidator(_like(r"[\w+.-]+://.+", _FOLDER))]
Database = Annotated[
    SecretStr, AfterValidator(_like(r"[\w+.-]+://.+", "postgresql+psycopg://user@host/name"))
]
Server = Annotated[
    SecretStr, AfterValidator(_like(rf"https?://([^\s/@]+@)?{_HOST}([/?#]\S*)?", "https://host:8000"))
]
# Such an address is shown to others: it holds no user, and no query.
PublicUrl = Annotated[str, AfterValidator(_like(rf"https?://{_HOST}(/[^\s?#]*)?", "https://bot.example.org"))]
Credentials = Annotated[
    SecretStr,
    AfterValidator(
        _like(
            r"(\s*[^=\s/@]+=(basic:[^:\s]+:\S+|bearer:\S+)(?!\S))+\s*",
            "docs.example.org=basic:USER:PASSWORD or docs.example.org=bearer:TOKEN, several with spaces between them",
        )
    ),
]
_Ids = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_ids)]
People = Annotated[_Ids, AfterValidator(_like(r"[UWS][A-Z0-9]+", _PERSON))]
Channels = Annotated[_Ids, AfterValidator(_like(r"[CG][A-Z0-9]+", _CHANNEL))]
Workspaces = Annotated[_Ids, AfterValidator(_like(r"[TE][A-Z0-9]+", _WORKSPACE))]
ModelName = Annotated[str, AfterValidator(_like(r"[^:]+:.+", "openai:gpt-4o"))]
# A cross-encoder is named by a path or its name in a hub, without a colon but that of a drive.
JudgeName = Annotated[str, AfterValidator(_like(r"(?!\w+:$).+", "openai:gpt-4o"))]
Contact = Annotated[
    str, AfterValidator(_like(r"[^<>&*_~`\n]{,100}", "Maria Rossi (WSIS team), with at most 100 letters"))
]
# pydantic would also take seconds since midnight and offsets, which nobody means here.
WallClock = Annotated[time, BeforeValidator(_like(r"([01]\d|2[0-3]):[0-5]\d", "08:00"))]
# Slack takes no others.
command_name = _like(r"/(?=[^A-Z]*$)[\w.-]{1,31}", "/itu, in small letters, at most 32 characters")


class Settings(BaseSettings):
    """All settings; an empty value means the default. The documentation shows the text below each as Markdown."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, extra="ignore", frozen=True, populate_by_name=True
    )

    data_dir: Path = Path("data")
    """The folder of the catalog and the index."""
    encoder_dir: Path | None = None
    """The folder of the exported embedding model, which encodes questions; empty: `encoder` in the data folder. An
    ingest fills it. It may be read-only once it is filled, as in the container image."""
    model: ModelName = ""
    """A chat model in langchain's form `provider:model`; its key is set under the provider's own name
    (`OPENAI_API_KEY`). Empty: answers are the documents' own sentences, and rules read the dates."""
    embedding_model: str = ""
    """Any sentence-transformers model, by name or path; empty: the bundled models, one of English and one of many
    languages. One that knows English alone finds little for questions in other languages. After a change of model or
    weights, run `itubot reindex`, which embeds all documents again."""
    reranker: str = ""
    """A sentence-transformers cross-encoder, by name or path, that ranks the 20 best sections of a search again; empty:
    none."""
    model_fallback: ModelName = ""
    """Another chat model, which is asked when the first one fails."""
    model_seconds: int = Field(default=45, ge=10, le=900)
    """The seconds that an answer waits for the chat model, 10 to 900, before it is made of the documents' own
    sentences; the judge and everything else that a model is asked have their share of it. A model on a machine without
    a graphics card needs more."""
    judge: JudgeName = ""
    """Decides whether the passages support what the chat model wrote, and statements that other assistants check.
    Empty: the chat model itself, in a separate request. Else `provider:model`, or the name or path of a
    sentence-transformers cross-encoder for natural language inference, as in `cross-encoder/nli-deberta-v3-small`.
    With `none`, only numbers, dates, names, symbols, links and quotations are checked."""
    database_url: Database = SecretStr("")
    """The SQLAlchemy URL of a PostgreSQL or SQLite database for catalog, jobs and conversations; empty: SQLite in the
    data folder. The URL is never shown."""
    chroma_url: Server = SecretStr("")
    """The URL of a Chroma server; empty: Chroma embedded in the data folder. Only the host is shown."""
    storage_url: AnyUrl = SecretStr("")
    """Where files from Slack are stored: a URL of fsspec, as in `s3://bucket/prefix` or `file:///mnt/share`, and only
    for this installation; empty: the folder `library` of the data folder. The URL is never shown."""
    calendar_url: AnyUrl = SecretStr("")
    """Where the calendar of what everybody may see is written if there is no public address: a folder or an `.ics`
    file, by a URL of fsspec, as in `file:///var/www/itu` or `s3://bucket/itu`; empty: nowhere. The URL is never
    shown."""
    public_url: PublicUrl = ""
    """The address under which `ITUBOT_PORT` is reached from outside, as in `https://bot.example.org`. Calendars are
    served there, and other assistants at `/mcp`; empty: neither."""
    slack_api_url: PublicUrl = "https://slack.com/api/"
    """Another base of the Web API, for tests."""
    workspaces: Workspaces = ()
    """The workspaces that may install the app themselves: ids (`T…`, `E…`), separated by commas; what other settings
    name by an id is in the first. Empty: the bot serves the workspace of `SLACK_BOT_TOKEN`."""
    slack_client_id: str = ""
    """The *Client ID* of the app, with `ITUBOT_WORKSPACES`."""
    slack_client_secret: SecretStr = SecretStr("")
    """The *Client Secret* of the app, with `ITUBOT_WORKSPACES`."""
    digest_channel: str = ""
    """The id of the channel that gets the daily digest without a subscription, as in `C0123ABCD`; empty: none."""
    digest_time: WallClock = time(8, 0)
    """The time of digests, and of reminders in the time zone of each person."""
    timezone: Annotated[str, AfterValidator(_timezone)] = "Europe/Zurich"
    """The time zone of that time where none is chosen or known; it also decides which day is today."""
    library_users: People = ()
    """Who may add documents and correct the register from Slack: ids of people (`U…`, `W…`) and user groups (`S…`, not
    where the app is installed for a whole organization), separated by commas; empty: nobody."""
    library_file_mb: int = Field(default=50, ge=1, le=200)
    """The largest size of such a file, and of a file of a source, in MB, at most 200."""
    sources_private: bool = False
    """Whether sources may have private addresses, as in an intranet."""
    sources_http: bool = False
    """Whether sources may have addresses that begin with `http://`."""
    sources_credentials: Credentials = SecretStr("")
    """The credentials for hosts of sources, of WebDAV and of SMB shares: `HOST=basic:USER:PASSWORD` or
    `HOST=bearer:TOKEN`, separated by spaces. Never shown, and sent to that host alone."""
    sources_pause: float = Field(default=1.0, ge=0.0, le=60.0)
    """The seconds between two requests to a host, at most 60."""
    sources_kept_days: int = Field(default=30, ge=1)
    """The number of days for which a document that is gone at its source stays in the library."""
    command: Annotated[str, AfterValidator(command_name)] = "/itu"
    """The name of the slash command, as the Slack app has it."""
    experts_channel: str = ""
    """The id of the channel whose members are asked, at the press of a button, what the documents do not answer; empty:
    nobody is asked."""
    contact: Contact = ""
    """Whom people in Slack may tell of a fault, by name, as in `Maria Rossi (WSIS team)`; empty: "whoever runs me"."""
    channels: Channels = ()
    """The channels in which the bot answers: ids (`C…`, `G…`), separated by commas; empty: all. Direct messages are
    always answered."""
    channel_languages: Annotated[Mapping[str, str], NoDecode, BeforeValidator(_channel_languages)] = {}
    """The language of digests and of other messages that nobody in a channel asked for: `C0123=fr`, with `ar`, `en`,
    `es`, `fr`, `ru` or `zh`, separated by commas; English in other channels."""
    allow_guests: bool = False
    """Whether the bot answers guests of the workspace; the app is then no agent."""
    allow_external: bool = False
    """Whether the bot answers people of other organizations, and in channels that are shared with them."""
    follow_threads: bool = True
    """Whether the bot answers questions that do not mention it, in threads in which it has answered; only with
    `ITUBOT_MODEL`."""
    questions_per_minute: int = Field(default=10, ge=0)
    """The number of questions that a person may send in a minute, or of other things in their place; 0: any number."""
    queue: int = Field(default=50, ge=1)
    """The number of questions that may wait at the same time."""
    port: int = Field(default=3000, ge=1, le=65535)
    """The port of the HTTP mode, and of what is served at `ITUBOT_PUBLIC_URL`."""
    status_port: int = Field(default=0, ge=0, le=65535)
    """The port of the pages for whoever runs the bot, `/healthz`, `/readyz` and `/metrics`; 0: none."""
    log_format: Literal["console", "json"] = "console"
    """The form of logs on stderr: `console`, lines for people, or `json`, one JSON object a line."""

    otlp_endpoint: Server = Field(default=SecretStr(""), validation_alias="OTEL_EXPORTER_OTLP_ENDPOINT")
    """Where the traces of questions go, by OTLP over HTTP; empty: nowhere."""

    slack_bot_token: SecretStr = Field(default=SecretStr(""), validation_alias="SLACK_BOT_TOKEN")
    """The bot's token, `xoxb-...`."""
    slack_app_token: SecretStr = Field(default=SecretStr(""), validation_alias="SLACK_APP_TOKEN")
    """The token of Socket Mode, `xapp-...`."""
    slack_signing_secret: SecretStr = Field(default=SecretStr(""), validation_alias="SLACK_SIGNING_SECRET")
    """The secret of HTTP mode, in which Slack sends its requests to `ITUBOT_PORT`."""

    @property
    def encoder_folder(self) -> Path:
        """The folder of the exported embedding model."""
        return self.encoder_dir or self.data_dir / "encoder"

    @property
    def slack_configured(self) -> bool:
        """Whether the tokens suffice for Socket Mode or for HTTP, or workspaces install the app."""
        has_tokens = self.slack_bot_token and (self.slack_app_token or self.slack_signing_secret)
        return bool(self.workspaces or has_tokens)

    @property
    def first_workspace(self) -> str:
        """The id of the workspace of what other settings name by an id, "" for the one of the token."""
        return next(iter(self.workspaces), "")

    @property
    def workspaces_problem(self) -> str | None:
        """What is wrong with the settings for workspaces that install the app, in a line; None if nothing is."""
        needed = {
            "ITUBOT_SLACK_CLIENT_ID": self.slack_client_id,
            "ITUBOT_SLACK_CLIENT_SECRET": self.slack_client_secret,
            "SLACK_SIGNING_SECRET": self.slack_signing_secret,
        }
        excluded = {"SLACK_BOT_TOKEN": self.slack_bot_token, "SLACK_APP_TOKEN": self.slack_app_token}
        if not self.workspaces:
            return None
        if missing := [name for name, value in needed.items() if not value]:
            return f"ITUBOT_WORKSPACES needs {' and '.join(missing)} too, from your app's Basic Information"
        if present := [name for name, value in excluded.items() if value]:
            return (
                f"with ITUBOT_WORKSPACES, take out {' and '.join(present)}: "
                "each workspace's token comes with its installation, over HTTP"
            )
        groups = [user for user in self.library_users if user.startswith("S")]
        if groups and any(workspace.startswith("E") for workspace in self.workspaces):
            return (
                f"with a whole organization (E…) in ITUBOT_WORKSPACES, name people in ITUBOT_LIBRARY_USERS: "
                f"{groups[0]} is a group of one workspace"
            )
        return None

    @property
    def credentials_of_sources(self) -> dict[str, str]:
        """Host -> the value of the header Authorization for it."""
        found = {}
        for entry in self.sources_credentials.get_secret_value().split():
            host, _equals, credentials = entry.partition("=")
            kind, _colon, secret = credentials.partition(":")
            basic = f"Basic {base64.b64encode(secret.encode()).decode()}"
            found[host.casefold()] = basic if kind == "basic" else f"Bearer {secret}"
        return found

    @property
    def largest_file(self) -> int:
        """The bytes of the largest file that is taken, from Slack or from a source."""
        return self.library_file_mb * 1_000_000

    @property
    def judges_by_chat(self) -> bool:
        """Whether `judge` names a chat model, provider:model, and not a cross-encoder."""
        return _CHAT_MODEL.match(self.judge) is not None

    def today(self) -> date:
        """Return today's date in `timezone`."""
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


def locale_of_environment() -> str:
    """Return the locale for messages, as in fr_CH.UTF-8."""
    return next(filter(None, map(os.environ.get, ("LC_ALL", "LC_MESSAGES", "LANG"))), "en")


def names() -> list[str]:
    """Return the name of every setting in the environment."""
    return [
        str(field.validation_alias) if field.validation_alias else PREFIX + name.upper()
        for name, field in Settings.model_fields.items()
    ]


def _load_env_file(path: Path) -> None:
    try:
        load_dotenv(path, encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = "it is not UTF-8 text" if isinstance(error, UnicodeDecodeError) else error.strerror
        raise SettingsError(f"{path} cannot be read ({reason}); repair it or take it away") from None


def _refuse_unknown() -> None:
    known = names()
    for name in sorted(os.environ):
        if name.upper().startswith(PREFIX) and name.upper() not in known:
            near = difflib.get_close_matches(name.upper(), known, n=1, cutoff=0.0)[0]
            raise SettingsError(f"{name} is not a setting of itubot; did you mean {near}?")


def _problem(field: str, message: str) -> str:
    """Return one clause for one of pydantic's errors, without its value, which may be secret."""
    name = field if field.isupper() else PREFIX + field.upper()
    message = message.removeprefix("Value error, ")
    return f"{name}: {message[:1].lower()}{message[1:]}"
