"""Downloads files from Slack. The bot's token is sent to Slack's own hosts alone.

Where Slack has only a link to another service, where a file is deleted or hidden, and where the app may not read it
(then a login page comes in its place), FileUnavailable holds the reason for the user.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import IO, Any
from urllib.parse import urljoin, urlsplit

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.locales import N_, _, number
from bot.slack.core.sending.clients import FAILURES, error_code, is_transient, retry_after

_LOG = logging.getLogger(__name__)

# Matches a whole URL, so that no parser can see another host in it.
_SLACK_URL = re.compile(r"https://(?:[a-z0-9-]+\.)*slack\.com(?::443)?/(?!/)[^\s\\]*", re.IGNORECASE)
_LOGIN_URL = re.compile(r"[?&]redir=|/(?:sign_?in|login)(?:[/?#]|$)|^https?://[^/]+/?$", re.IGNORECASE)
_HTML = re.compile(rb"\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html)[\s>]", re.IGNORECASE | re.S)

_MOST_TRIES = 4
_MOST_REDIRECTS = 5
# Between tries.
_PAUSE_SECONDS = 1.0
_LONGEST_PAUSE_SECONDS = 30.0
# A connection that is silent for so long is given up.
_SILENCE_SECONDS = 60.0
_CHUNK_BYTES = 1 << 18

_NO_ACCESS = N_("I may not read files here. Please tell {contact}")
_NOT_SHARED = N_("I do not see it. Send it to me directly, or invite me where it is")
_LATER = N_("Slack does not give it just now. Please send it again in a minute")
_NOT_A_FILE = N_("it is a page of Slack's own, not a file: save it as a PDF, and send me that")
_NOT_GIVEN = N_("Slack does not give it ({code})")
# Why Slack gives no file, by its error code or the HTTP status.
_REASONS = {
    **dict.fromkeys(
        (
            "file_not_found",
            "file_deleted",
            "not_in_channel",
            "channel_not_found",
            "access_denied",
            "HTTP 404",
        ),
        _NOT_SHARED,
    ),
    **dict.fromkeys(
        ("missing_scope", "no_permission", "not_allowed_token_type", "HTTP 401", "HTTP 403"), _NO_ACCESS
    ),
}
# Modes and file types of canvases, posts and lists, which cannot be downloaded.
_SLACK_TYPES = {"canvas", "quip", "space", "post", "list"}


class FileUnavailable(Exception):
    """The file cannot be downloaded; `str()` is the reason for the user, a sentence without its full stop."""


def _refused(code: str) -> FileUnavailable:
    """Return the error for what Slack says instead of giving a file."""
    return FileUnavailable(_(_REASONS.get(code, _NOT_GIVEN), code=code))


@dataclass(frozen=True, slots=True)
class FileDescription:
    """A file as Slack describes it; `size` is in bytes, None where Slack does not say."""

    id: str
    name: str
    url: str
    size: int | None


def megabytes(size: int) -> str:
    """Return a size such as "0.4 MB"."""
    return _("{size} MB", size=number(size / 1e6, digits=1 if size < 1e7 else 0))


def read_description(file: Mapping[str, Any], name: str, max_bytes: int) -> FileDescription:
    """Return the file of Slack's description; `name` if that has none. Pure.

    Raises FileUnavailable where there is nothing to fetch, or more than `max_bytes`.
    """
    mode = str(file.get("mode") or "")
    if mode == "tombstone" or file.get("is_deleted"):
        raise FileUnavailable(_("it has been deleted in Slack"))
    if mode == "hidden_by_limit":
        raise FileUnavailable(_("Slack hides it, as it is too old for this workspace's plan"))
    if mode == "external" or file.get("is_external"):
        service = file.get("external_type") or _("another service")
        raise FileUnavailable(_("Slack only links it ({service}): send me the file itself", service=service))
    if {mode, file.get("filetype")} & _SLACK_TYPES:
        raise FileUnavailable(_(_NOT_A_FILE))
    size = file.get("size") if isinstance(file.get("size"), int) else None
    if size == 0:
        raise FileUnavailable(_("it is empty"))
    if size is not None and size > max_bytes:
        raise FileUnavailable(
            _("it has {size}; the most is {most}", size=megabytes(size), most=megabytes(max_bytes))
        )
    url = file.get("url_private_download") or file.get("url_private")
    if not url:
        raise FileUnavailable(_(_NOT_SHARED))
    return FileDescription(str(file.get("id")), str(file.get("name") or name), str(url), size)


@dataclass(frozen=True, slots=True)
class FileDownloader:
    """Describes and fetches files of at most `max_bytes`. `client` repeats any call."""

    client: AsyncWebClient
    max_bytes: int
    pause: float = _PAUSE_SECONDS

    async def describe(self, file_id: str, name: str) -> FileDescription:
        """Return Slack's description of a file that was uploaded as `name`. Raises FileUnavailable."""
        try:
            response = await self.client.files_info(file=file_id)
        except FAILURES as error:
            if is_transient(error):
                raise FileUnavailable(_(_LATER)) from error
            raise _refused(error_code(error)) from error
        return read_description(response.get("file") or {}, name, self.max_bytes)

    async def fetch(
        self, file: FileDescription, sink: IO[bytes], progress: Callable[[int], None] = lambda _count: None
    ) -> None:
        """Download a file to `sink`, which has all of it when this returns; `progress` gets the bytes so far.

        Raises FileUnavailable, OSError.
        """
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=_SILENCE_SECONDS, sock_read=_SILENCE_SECONDS)
        headers = {"Authorization": f"Bearer {self.client.token}"}
        async with aiohttp.ClientSession(timeout=timeout, headers=headers) as session:
            for attempt in range(_MOST_TRIES):
                try:
                    sink.seek(0)
                    sink.truncate()
                    await self._attempt(session, file, sink, progress)
                except (aiohttp.ClientError, TimeoutError) as error:
                    # The words of a response have its address, and so the name of the file.
                    status = getattr(error, "status", None)
                    _LOG.warning("the file %s broke off: %s", file.id, f"HTTP {status}" if status else error)
                    wait = max(self.pause * 2**attempt, retry_after(error))
                    if attempt + 1 < _MOST_TRIES:
                        await asyncio.sleep(min(wait, _LONGEST_PAUSE_SECONDS))
                else:
                    return
        raise FileUnavailable(_(_LATER))

    def trusts(self, url: str) -> bool:
        """Return True where the token may be sent to this URL: on Slack's own hosts, or the host of the Web API."""
        base = urlsplit(self.client.base_url)
        ours = url.startswith(f"{base.scheme}://{base.netloc}/") and not re.search(r"[\s\\]", url)
        return ours or _SLACK_URL.fullmatch(url) is not None

    async def _attempt(
        self,
        session: aiohttp.ClientSession,
        file: FileDescription,
        sink: IO[bytes],
        progress: Callable[[int], None],
    ) -> None:
        """Try once to download a file. Raises FileUnavailable, and aiohttp.ClientError where another try may help."""
        url = file.url
        for _redirect in range(_MOST_REDIRECTS):
            if not self.trusts(url):
                host = urlsplit(url).hostname or "?"
                raise FileUnavailable(_("its address is not one of Slack's ({host})", host=host))
            async with session.get(url, allow_redirects=False, proxy=self.client.proxy) as response:
                status = response.status
                if 300 < status < 400:
                    url = urljoin(url, response.headers.get("Location", ""))
                    if _LOGIN_URL.search(url):
                        raise FileUnavailable(_(_NO_ACCESS))
                    continue
                if status == 429 or status >= 500:
                    response.raise_for_status()
                if status != 200:
                    raise _refused(f"HTTP {status}")
                return await self._save(response, file, sink, progress)
        raise FileUnavailable(_("Slack redirects me again and again instead of giving it"))

    async def _save(
        self,
        response: aiohttp.ClientResponse,
        file: FileDescription,
        sink: IO[bytes],
        progress: Callable[[int], None],
    ) -> None:
        """Write a response to `sink`. Raises FileUnavailable, and aiohttp.ClientError where it is cut off."""
        count, head = 0, b""
        async for chunk in response.content.iter_chunked(_CHUNK_BYTES):
            count += len(chunk)
            head = head or chunk[:4096]
            if count > self.max_bytes:
                raise FileUnavailable(_("it has more than {most}", most=megabytes(self.max_bytes)))
            await asyncio.to_thread(sink.write, chunk)
            progress(count)
        if count == 0:
            raise FileUnavailable(_("it is empty"))
        # An HTML page of another length than the file is a login page, even where the file is HTML.
        if count != file.size and _HTML.match(head):
            raise FileUnavailable(_(_NO_ACCESS))
        if file.size is not None and count < file.size:
            raise aiohttp.ClientPayloadError(f"{count} of {file.size} bytes")
