"""Requests to the servers of sources: safe for the network of the bot, and polite to the servers.

Safe: an address is resolved, refused if it is not one of the public internet, and connected to as it was resolved, at
each redirect again. Polite: robots.txt and Retry-After are followed, and a host gets one request at a time of all
processes of an installation, with a pause between. Sizes and times are limited.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import ipaddress
import re
import socket
import ssl
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from email.message import Message
from email.utils import parsedate_to_datetime
from functools import cached_property
from pathlib import Path
from typing import BinaryIO, Protocol
from urllib.parse import unquote, urljoin

import httpx
from protego import Protego

from ingest.sources.errors import AskLater, GoneAtSource, SourceError
from store.jobs import Robots, Seen

_MOST_REDIRECTS = 5
_REDIRECTS = (301, 302, 303, 307, 308)
# RFC 9309: a crawler reads at least 500 KiB of it, and keeps it for a day at most.
_ROBOTS_BYTES = 512_000
_ROBOTS_SECONDS = 24 * 3600.0
_MOST_CRAWL_DELAY = 30.0
# A host is reserved for so much longer than its server may be silent, again this often, and asked for this often.
_ENDING_SECONDS = 5.0
_RESERVE_SECONDS = 4.0
_POLL_SECONDS = 1.0
# Where a server says that it has too many requests, and not until when.
_BUSY_SECONDS = 600.0
_URL_CHARS = 2_000
# Under these too, clouds give a machine its own secrets: Azure, Amazon, Oracle and Alibaba.
_METADATA = tuple(
    map(ipaddress.ip_address, ("168.63.129.16", "fd00:ec2::254", "192.0.0.192", "100.100.100.200"))
)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Hosts(Protocol):
    """Which host may be asked when; see `store.jobs.sources.SourceStore`."""

    def enter(self, host: str, seconds: float) -> float:
        """Reserve a host for one request; return 0, or how many seconds to wait before."""

    def leave(self, host: str, pause: float) -> None:
        """End the request to a host."""

    def robots(self, host: str) -> Robots | None:
        """Return the robots.txt of a host as it was read last."""

    def keep_robots(self, host: str, robots: Robots) -> None:
        """Store the robots.txt of a host."""


@dataclass(frozen=True, slots=True)
class Manners:
    """What requests may do and how long they may take; sizes in bytes, times in seconds.

    `credentials`: host, with its port if it is not the usual one -> the header `Authorization` for it alone.
    """

    private: bool = False
    without_tls: bool = False
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)
    user_agent: str = "itubot"
    max_bytes: int = 50_000_000
    pause: float = 1.0
    silence: float = 30.0
    longest: float = 300.0


@dataclass(frozen=True, slots=True)
class Content:
    """A content that was fetched into `file`: its final address, what the server says of it, and its SHA-256.

    `name` is that of the file as the server gives it, "" for none. `type` is its media type in small letters.
    """

    file: Path
    url: str
    name: str
    type: str
    seen: Seen


class Copy:
    """Writes a content, which comes in chunks, to `sink`; it has at most so many bytes."""

    def __init__(self, sink: BinaryIO, max_bytes: int) -> None:
        self._sink = sink
        self._max_bytes = max_bytes
        self._size, self._sha = 0, hashlib.sha256()

    def add(self, chunk: bytes) -> None:
        """Write the next chunk. Raises SourceError if the content is too large, and OSError."""
        self._size += len(chunk)
        if self._size > self._max_bytes:
            raise SourceError(_too_large(self._max_bytes))
        self._sha.update(chunk)
        self._sink.write(chunk)

    def finished(self) -> str:
        """Return the SHA-256 of the whole content. Raises SourceError if it is empty."""
        if not self._size:
            raise SourceError("it is empty")
        return self._sha.hexdigest()


class Web:
    """Fetches addresses. `clock` returns the time in seconds since 1970."""

    def __init__(self, manners: Manners, hosts: Hosts, clock: Callable[[], float] = time.time) -> None:
        self._manners = manners
        self._hosts = hosts
        self._clock = clock
        self._robots: dict[str, Protego] = {}

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        # Made late: it takes some hundredths of a second, and a folder needs none.
        return httpx.create_ssl_context()

    def fetch(self, url: str, target: Path, known: Seen | None = None) -> Content | None:
        """Fetch an address into `target`; return None if its server says that the `known` content is the present one.

        Raises SourceError, and OSError if the file cannot be written. Not for use in an event loop.
        """
        return asyncio.run(self._follow(url, target, known or Seen()))

    async def _follow(self, url: str, target: Path, known: Seen) -> Content | None:
        place = checked_url(url, self._manners)
        for _ in range(_MOST_REDIRECTS + 1):
            delay = await self._allowed(place)
            answer = await self._ask_again(place, target, known, delay)
            if not isinstance(answer, str):
                return answer
            place = self._redirected(place, answer)
        raise SourceError("its server redirects again and again")

    async def _allowed(self, url: str) -> float:
        """Return the pause that robots.txt asks for. Raises SourceError if it does not allow the address."""
        host = host_of(url)
        if (rules := self._robots.get(host)) is None:
            rules = self._robots[host] = Protego.parse(await self._robots_text(url, host))
        if not rules.can_fetch(url, self._manners.user_agent):
            raise SourceError("the robots.txt of its host does not allow it")
        return min(rules.crawl_delay(self._manners.user_agent) or 0.0, _MOST_CRAWL_DELAY)

    async def _robots_text(self, url: str, host: str) -> str:
        kept, now = self._hosts.robots(host), self._clock()
        if kept is not None and now - _ROBOTS_SECONDS < kept.read_at <= now:
            return kept.text
        place, text = urljoin(url, "/robots.txt"), ""
        for _ in range(_MOST_REDIRECTS):
            try:
                answer = await self._read(place, _ROBOTS_BYTES)
            except GoneAtSource:
                break
            if isinstance(answer, bytes):
                text = answer.decode("utf-8", "replace")
                break
            place = self._redirected(place, answer)
        self._hosts.keep_robots(host, Robots(text.replace("\0", ""), now))
        return text

    async def _read(self, url: str, most: int) -> bytes | str:
        """Return the first bytes of a robots.txt, or where its server redirects to. Raises GoneAtSource for none."""
        async with self._request(url, Seen(), 0.0) as response:
            if response.status_code in _REDIRECTS:
                return str(response.headers.get("Location", ""))
            if 400 <= response.status_code < 500 and response.status_code != 429:
                raise GoneAtSource("it has none")
            _check(response, self._clock())
            data = b""
            async for chunk in response.aiter_bytes():
                data += chunk
                if len(data) >= most:
                    break
            return data[:most]

    def _redirected(self, place: str, answer: str) -> str:
        try:
            return checked_url(urljoin(place, answer), self._manners)
        except ValueError:  # such as "http://["
            raise SourceError("it is not a web address") from None

    async def _ask_again(self, url: str, target: Path, known: Seen, delay: float) -> Content | str | None:
        """Ask as `_ask` does, and once more if the server wants that soon."""
        try:
            return await self._ask(url, target, known, delay)
        except AskLater as later:
            if later.seconds > self._reserved:
                raise
        return await self._ask(url, target, known, delay)

    async def _ask(self, url: str, target: Path, known: Seen, delay: float) -> Content | str | None:
        """Return the content, None if it is the known one, or where the server redirects to."""
        most = self._manners.max_bytes
        async with self._request(url, known, delay) as response:
            if response.status_code in _REDIRECTS:
                return str(response.headers.get("Location", ""))
            if response.status_code == 304 and known.sha256:
                return None
            _check(response, self._clock())
            if int(_digits(response.headers.get("Content-Length", ""))) > most:
                raise SourceError(_too_large(most))
            reserved_at = time.monotonic()
            with target.open("wb") as sink:
                copy = Copy(sink, most)
                async for chunk in response.aiter_bytes():
                    if time.monotonic() - reserved_at > _RESERVE_SECONDS:
                        self._hosts.leave(host_of(url), self._reserved)
                        reserved_at = time.monotonic()
                    copy.add(chunk)
            sha256 = copy.finished()
            headers = response.headers
            seen = Seen(
                _short(headers.get("ETag", "")),
                _short(headers.get("Last-Modified", "")),
                sha256,
                self._clock(),
            )
            kind = headers.get("Content-Type", "").partition(";")[0].strip().lower()
            return Content(target, url, _name_of(headers.get("Content-Disposition", "")), kind, seen)

    @contextlib.asynccontextmanager
    async def _request(self, url: str, known: Seen, delay: float) -> AsyncIterator[httpx.Response]:
        """Open the response to a request, in the turn of its host. Raises SourceError."""
        manners, host = self._manners, host_of(url)
        await self._wait_for(host)
        pause = max(manners.pause, delay)
        try:
            async with asyncio.timeout(manners.longest):
                addresses = await _resolved(url, manners)
                async with (
                    self._client(addresses) as client,
                    client.stream("GET", url, headers=self._headers(url, known)) as response,
                ):
                    yield response
        except AskLater as later:
            pause = later.seconds
            raise
        except TimeoutError:
            raise SourceError(f"it takes longer than {manners.longest:g} seconds") from None
        except httpx.TimeoutException:
            raise SourceError(f"its server is silent for more than {manners.silence:g} seconds") from None
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, ssl.SSLError) as error:
            raise SourceError(_reason(error)) from error
        finally:
            self._hosts.leave(host, pause)

    async def _wait_for(self, host: str) -> None:
        """Wait for the turn of a host. Raises AskLater if it wants to be left alone for long."""
        waited = 0.0
        while wait := self._hosts.enter(host, self._reserved):
            # A request of another process may end any time before its reservation does.
            step = min(wait, _POLL_SECONDS)
            if wait > self._reserved or waited > self._manners.longest:
                raise AskLater("its server wants to be asked later", wait)
            await asyncio.sleep(step)
            waited += step

    @property
    def _reserved(self) -> float:
        """Seconds for which a host is reserved: if this process is killed, others wait for so long."""
        return self._manners.silence + _ENDING_SECONDS

    def _headers(self, url: str, known: Seen) -> dict[str, str]:
        headers = {"User-Agent": self._manners.user_agent, "Accept": "*/*", "Accept-Encoding": "identity"}
        if known.etag:
            headers["If-None-Match"] = known.etag
        elif known.last_modified:
            headers["If-Modified-Since"] = known.last_modified
        if authorization := self._manners.credentials.get(host_of(url)):
            headers["Authorization"] = authorization
        return headers

    def _client(self, addresses: Sequence[Address]) -> httpx.AsyncClient:
        # Without the proxies of the environment, which would resolve the name again, and without connections that
        # are kept: they are found by address, and another host may have the same one.
        limits = httpx.Limits(max_keepalive_connections=0)
        inner = httpx.AsyncHTTPTransport(verify=self._tls, limits=limits, trust_env=False)
        return httpx.AsyncClient(transport=_Pinned(inner, addresses), timeout=self._manners.silence)


class _Pinned(httpx.AsyncBaseTransport):
    """Connects to the addresses that were checked, whatever the name resolves to meanwhile."""

    def __init__(self, inner: httpx.AsyncBaseTransport, addresses: Sequence[Address]) -> None:
        self._inner = inner
        self._addresses = addresses

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        # The header Host has the name already.
        extensions = {**request.extensions, "sni_hostname": request.url.host}
        for number, address in enumerate(self._addresses, 1):
            url = request.url.copy_with(host=str(address))
            pinned = httpx.Request(request.method, url, headers=request.headers, extensions=extensions)
            try:
                return await self._inner.handle_async_request(pinned)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                if number == len(self._addresses):
                    raise
        raise httpx.ConnectError("it has no address")

    async def aclose(self) -> None:
        await self._inner.aclose()


def checked_url(url: str, manners: Manners) -> str:
    """Return an address of the web without its fragment. Raises SourceError if it is not one that may be fetched."""
    try:
        parts = httpx.URL(url.strip())
        host = parts.host
    except (httpx.InvalidURL, ValueError, UnicodeError):
        raise SourceError("it is not a web address") from None
    if parts.scheme not in ("http", "https") or not host or len(url) > _URL_CHARS:
        raise SourceError("it is not a web address")
    if parts.userinfo:
        raise SourceError("it holds a user or a password; ITUBOT_SOURCES_CREDENTIALS is the place for them")
    if parts.scheme == "http" and not manners.without_tls:
        raise SourceError("it begins with http and not with https; only ITUBOT_SOURCES_HTTP allows that")
    return str(parts.copy_with(fragment=None))


def host_of(url: str) -> str:
    """Return the host of an address, with its port unless that is the usual one: "www.itu.int", "[::1]:8080"."""
    return httpx.URL(url).netloc.decode("ascii")


def is_allowed(address: Address, *, private: bool = False) -> bool:
    """Whether requests may go to an address: to one of the public internet, or with `private` of any other network.

    Never to link-local addresses, under which clouds give a machine its own secrets, nor to groups of machines.
    """
    if isinstance(address, ipaddress.IPv6Address):
        embedded = address.ipv4_mapped or address.sixtofour
        if address in _NAT64:
            embedded = ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
        if embedded is not None:
            return is_allowed(embedded, private=private)
        if address.teredo or address.is_site_local:
            return False
    if address.is_link_local or address.is_multicast or address.is_unspecified or address in _METADATA:
        return False
    if address.is_loopback or address.is_private or not address.is_global:
        return private
    return not address.is_reserved


async def _resolved(url: str, manners: Manners) -> list[Address]:
    """Return the addresses of a host, each of which may be asked. Raises SourceError."""
    parts = httpx.URL(url)
    try:
        found = await asyncio.get_running_loop().getaddrinfo(
            parts.host, parts.port or 443, type=socket.SOCK_STREAM
        )
    except (OSError, UnicodeError):
        raise SourceError(f"there is no host {parts.host!r}, or its name cannot be resolved now") from None
    # A zone, as in fe80::1%eth0, is on a link.
    addresses = [ipaddress.ip_address(str(where[0]).partition("%")[0]) for *_, where in found]
    if not all(is_allowed(address, private=manners.private) for address in addresses):
        raise SourceError(
            f"the host {parts.host!r} is not in the public internet; only ITUBOT_SOURCES_PRIVATE allows that"
        )
    return list(dict.fromkeys(addresses))


def _check(response: httpx.Response, now: float) -> None:
    """Raise GoneAtSource, AskLater or another SourceError for a response without a content."""
    status, after = response.status_code, response.headers.get("Retry-After", "")
    if status in (404, 410):
        raise GoneAtSource(f"its server says that there is nothing (HTTP {status})")
    if status == 429 or (status == 503 and after):
        raise AskLater("its server wants to be asked later", _seconds(after, now))
    if status in (401, 403):
        raise SourceError(f"its server does not give it (HTTP {status}); it may need credentials")
    if status != 200:
        raise SourceError(f"its server fails (HTTP {status})")


def _seconds(after: str, now: float) -> float:
    """Return the seconds of a header Retry-After, which has them, or a time."""
    if after.strip().isdigit():
        return float(after[:9])
    try:
        until = parsedate_to_datetime(after)
    except ValueError:
        return _BUSY_SECONDS
    return max(1.0, (until if until.tzinfo else until.replace(tzinfo=UTC)).timestamp() - now)


def _reason(error: Exception) -> str:
    text = str(error)
    if "CERTIFICATE_VERIFY_FAILED" in text:
        return "the certificate of its server is not valid"
    if isinstance(error, httpx.ConnectError):
        return "its server cannot be reached"
    return f"its server does not answer as a web server does ({type(error).__name__})"


def _too_large(most: int) -> str:
    return f"it has more than {most // 1_000_000} MB, which is the most"


def _short(header: str) -> str:
    """Return the value of a header that is sent back; a longer one would be no use."""
    return header if len(header) <= 300 and header.isascii() and header.isprintable() else ""


def _digits(header: str) -> str:
    return header if re.fullmatch(r"\d{1,15}", header) else "0"


def _name_of(disposition: str) -> str:
    """Return the file name of a header Content-Disposition (RFC 6266), "" for none."""
    if not disposition:
        return ""
    message = Message()
    message["Content-Disposition"] = disposition
    try:
        return unquote(message.get_filename("") or "")
    except (LookupError, UnicodeError, ValueError):
        return ""
