"""The URL of a Chroma server, and its parts."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlsplit


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
