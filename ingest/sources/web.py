"""Requests to the servers of sources, one at a time: safe for the network of the bot, and polite to the servers.

Safe: the name of a host is resolved when a connection is made, refused if one of its addresses is not of the public
internet, and connected to as it was resolved. Polite: robots.txt and Retry-After are followed, and a host is left alone
between two requests. Sizes and times are limited.

The libraries that guard addresses are asynchronous, or first versions of one person.
"""

from __future__ import annotations

import hashlib
import ipaddress
import re
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC
from email.message import Message
from email.utils import parsedate_to_datetime
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import unquote, urljoin

import httpcore
import httpx
from protego import Protego

from ingest.sources.errors import AskLater, GoneAtSource, SourceError
from store.jobs import Seen

_MOST_REDIRECTS = 5
_REDIRECTS = (301, 302, 303, 307, 308)
# RFC 9309: a crawler reads at least 500 KiB of it.
_ROBOTS_BYTES = 512_000
_MOST_CRAWL_DELAY = 30.0
# Where a server says that it has too many requests, and not until when.
_BUSY_SECONDS = 600.0
_URL_CHARS = 2_000
# Under these too, clouds give a machine its own secrets: Azure, Amazon, Oracle and Alibaba.
_METADATA = tuple(
    map(ipaddress.ip_address, ("168.63.129.16", "fd00:ec2::254", "192.0.0.192", "100.100.100.200"))
)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


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
    """Fetches addresses. `clock` returns the time in seconds since 1970, `sleep` waits for so many seconds."""

    def __init__(
        self,
        manners: Manners,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._manners = manners
        self._clock = clock
        self._sleep = sleep
        self._robots: dict[str, Protego] = {}
        self._free_at: dict[str, float] = {}

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        # Made late: it takes some hundredths of a second, and a folder needs none.
        return httpx.create_ssl_context()

    def fetch(self, url: str, target: Path, known: Seen | None = None) -> Content | None:
        """Fetch an address into `target`; return None if its server says that the `known` content is the present one.

        Raises SourceError, and OSError if the file cannot be written.
        """
        place = checked_url(url, self._manners)
        for _ in range(_MOST_REDIRECTS + 1):
            rules = self._rules(place)
            if not rules.can_fetch(place, self._manners.user_agent):
                raise SourceError("the robots.txt of its host does not allow it")
            delay = min(rules.crawl_delay(self._manners.user_agent) or 0.0, _MOST_CRAWL_DELAY)
            try:
                answer = self._ask(place, target, known or Seen(), delay)
            except AskLater as later:
                if later.seconds > self._manners.silence:
                    raise
                answer = self._ask(place, target, known or Seen(), delay)
            if not isinstance(answer, str):
                return answer
            place = self._redirected(place, answer)
        raise SourceError("its server redirects again and again")

    def _rules(self, url: str) -> Protego:
        """Return the robots.txt of a host. Raises SourceError if it cannot be read now."""
        host = host_of(url)
        place, text = urljoin(url, "/robots.txt"), b""
        for _ in range(_MOST_REDIRECTS if host not in self._robots else 0):
            with self._request(place) as response:
                if response.status_code in _REDIRECTS:
                    place = self._redirected(place, response.headers.get("Location", ""))
                    continue
                if response.status_code == 429 or not 400 <= response.status_code < 500:
                    _check(response, self._clock())
                    for chunk in response.iter_bytes():
                        text += chunk
                        if len(text) >= _ROBOTS_BYTES:
                            break
            break
        if host not in self._robots:
            self._robots[host] = Protego.parse(text[:_ROBOTS_BYTES].decode("utf-8", "replace"))
        return self._robots[host]

    def _ask(self, url: str, target: Path, known: Seen, delay: float) -> Content | str | None:
        """Return the content, None if it is the known one, or where the server redirects to."""
        most = self._manners.max_bytes
        with self._request(url, known, delay) as response:
            headers = response.headers
            if response.status_code in _REDIRECTS:
                return str(headers.get("Location", ""))
            if response.status_code == 304 and known.sha256:
                return None
            _check(response, self._clock())
            announced = headers.get("Content-Length", "")
            if re.fullmatch(r"\d{1,15}", announced) and int(announced) > most:
                raise SourceError(_too_large(most))
            with target.open("wb") as sink:
                copy = Copy(sink, most)
                for chunk in response.iter_bytes():
                    copy.add(chunk)
            etag, modified = (_short(headers.get(name, "")) for name in ("ETag", "Last-Modified"))
            seen = Seen(etag, modified, copy.finished(), self._clock())
            kind = headers.get("Content-Type", "").partition(";")[0].strip().lower()
            return Content(target, url, _name_of(headers.get("Content-Disposition", "")), kind, seen)

    def _redirected(self, place: str, answer: str) -> str:
        try:
            return checked_url(urljoin(place, answer), self._manners)
        except ValueError:  # such as "http://["
            raise SourceError("it is not a web address") from None

    @contextmanager
    def _request(self, url: str, known: Seen | None = None, delay: float = 0.0) -> Iterator[httpx.Response]:
        """Open the response to a request, after the pause that its host is due. Raises SourceError."""
        manners, host = self._manners, host_of(url)
        if (wait := self._free_at.get(host, 0.0) - time.monotonic()) > 0:
            self._sleep(wait)
        pause = max(manners.pause, delay)
        end = time.monotonic() + manners.longest
        try:
            # Without the proxies of the environment, which would resolve the name again.
            with (
                httpx.Client(transport=_Guarded(self._tls, manners, end), timeout=manners.silence) as client,
                client.stream("GET", url, headers=self._headers(url, known or Seen())) as response,
            ):
                yield response
        except AskLater as later:
            pause = later.seconds
            raise
        except httpx.TimeoutException:
            if time.monotonic() >= end:
                raise SourceError(f"it takes longer than {manners.longest:g} seconds") from None
            raise SourceError(f"its server is silent for more than {manners.silence:g} seconds") from None
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, ssl.SSLError) as error:
            raise SourceError(_reason(error)) from error
        finally:
            self._free_at[host] = time.monotonic() + pause

    def _headers(self, url: str, known: Seen) -> dict[str, str]:
        headers = {"User-Agent": self._manners.user_agent, "Accept": "*/*", "Accept-Encoding": "identity"}
        if known.etag:
            headers["If-None-Match"] = known.etag
        elif known.last_modified:
            headers["If-Modified-Since"] = known.last_modified
        if authorization := self._manners.credentials.get(host_of(url)):
            headers["Authorization"] = authorization
        return headers


class _Guarded(httpx.HTTPTransport):
    """Connects to allowed addresses alone, without keeping connections; ends a request at `end` (monotonic)."""

    def __init__(self, tls: ssl.SSLContext, manners: Manners, end: float) -> None:
        super().__init__(verify=tls, trust_env=False)
        self._pool = httpcore.ConnectionPool(
            ssl_context=tls, max_keepalive_connections=0, network_backend=_GuardedNetwork(manners, end)
        )


class _GuardedNetwork(httpcore.NetworkBackend):
    def __init__(self, manners: Manners, end: float) -> None:
        self._manners = manners
        self._end = end
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Any = None,
    ) -> httpcore.NetworkStream:
        error: Exception = httpcore.ConnectError("it has no address")
        for address in _resolved(host, port, private=self._manners.private):
            try:
                stream = self._inner.connect_tcp(str(address), port, timeout, local_address, socket_options)
                return _TimedStream(stream, self._end)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as failed:
                error = failed
        raise error


class _TimedStream(httpcore.NetworkStream):
    """A connection that ends at a time: each byte of a slow answer would begin the time of silence anew."""

    def __init__(self, inner: httpcore.NetworkStream, end: float) -> None:
        self._inner = inner
        self._end = end

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._left(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        secured = self._inner.start_tls(ssl_context, server_hostname, self._left(timeout))
        return _TimedStream(secured, self._end)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)

    def _left(self, timeout: float | None) -> float:
        left = self._end - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout
        return min(left, left if timeout is None else timeout)


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
    return private or (address.is_global and not address.is_reserved)


def _resolved(host: str, port: int, *, private: bool) -> list[Address]:
    """Return the addresses of a host, each of which may be asked. Raises SourceError."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise SourceError(f"there is no host {host!r}, or its name cannot be resolved now") from None
    # A zone, as in fe80::1%eth0, is on a link.
    addresses = [ipaddress.ip_address(str(where[0]).partition("%")[0]) for *_, where in found]
    if not all(is_allowed(address, private=private) for address in addresses):
        raise SourceError(
            f"the host {host!r} is not in the public internet; only ITUBOT_SOURCES_PRIVATE allows that"
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
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return "the certificate of its server is not valid"
    if isinstance(error, httpx.ConnectError):
        return "its server cannot be reached"
    return f"its server does not answer as a web server does ({type(error).__name__})"


def _too_large(most: int) -> str:
    return f"it has more than {most // 1_000_000} MB, which is the most"


def _short(header: str) -> str:
    """Return the value of a header that is sent back; a longer one would be no use."""
    return header if len(header) <= 300 and header.isascii() and header.isprintable() else ""


def _name_of(disposition: str) -> str:
    """Return the file name of a header Content-Disposition (RFC 6266), "" for none."""
    message = Message()
    try:
        message["Content-Disposition"] = disposition
        return unquote(message.get_filename("") or "")
    except (LookupError, UnicodeError, ValueError):
        return ""
