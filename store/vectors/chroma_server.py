"""A Chroma server: its URL, and a client whose calls have a time limit."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, urlsplit

from store.errors import IndexUnavailable

if TYPE_CHECKING:
    from chromadb.api import ClientAPI

# Seconds to wait for a connection.
_CONNECT_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class ChromaServer:
    """Address of a Chroma server, the headers for authentication, tenant and database."""

    address: str
    headers: dict[str, str]
    tenant: str
    database: str


def parse_server(url: str) -> ChromaServer:
    """Return what ITUBOT_CHROMA_URL says: `http[s]://[user:password@]host[:port][/path][?tenant=T&database=D&token=K]`.

    User and password are sent by HTTP Basic authentication, a token as Chroma's own header. The port is 8000 unless the
    scheme is https or there is a path.
    """
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    headers = {}
    if parts.username:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
    if token := options.get("token"):
        headers["X-Chroma-Token"] = token
    place = parts.netloc.rpartition("@")[2]
    if parts.port is None and parts.scheme == "http" and not parts.path.strip("/"):
        place += ":8000"
    address = f"{parts.scheme}://{place}{parts.path.rstrip('/')}"
    return ChromaServer(
        address, headers, options.get("tenant", "default_tenant"), options.get("database", "default_database")
    )


def shown(url: str) -> str:
    """Return the URL of a server without its secrets."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def connect(url: str, seconds: float) -> ClientAPI:
    """Return a client that waits for each answer at most so many `seconds`.

    Raises IndexUnavailable if the tenant or the database does not exist, and httpx's and Chroma's errors.
    """
    # Importing takes two seconds, and most commands never search.
    from chromadb.api.client import Client
    from chromadb.api.fastapi import FastAPI
    from chromadb.config import Settings, System
    from chromadb.errors import NotFoundError

    where = parse_server(url)

    class TimedClient(Client):
        """Chroma's client. Its own constructor makes a session without a time limit, and asks the server by it."""

        def __init__(self, server: FastAPI) -> None:
            self.tenant, self.database = where.tenant, where.database
            self._server = server

    settings = Settings(
        anonymized_telemetry=False,
        chroma_api_impl="chromadb.api.fastapi.FastAPI",
        chroma_server_host=where.address,
        chroma_server_http_port=8000,  # required, and unused: the address names the port
        chroma_server_headers=dict(where.headers),
    )
    server = System(settings).instance(FastAPI)
    server._session.timeout = (_CONNECT_SECONDS, seconds, seconds, seconds)
    # As Chroma's own constructor does: without the database, a collection would only seem to be missing.
    try:
        server.get_tenant(where.tenant)
        server.get_database(where.database, where.tenant)
    except NotFoundError as error:
        raise IndexUnavailable(
            f"the Chroma server at {shown(url)} has no database {where.database!r} of a tenant {where.tenant!r}; "
            "create it, or correct ITUBOT_CHROMA_URL"
        ) from error
    return TimedClient(server)
