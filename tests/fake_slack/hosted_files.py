"""The fake Slack's files that people share, its user groups, and what people do with them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote

from aiohttp import web

from tests.fake_slack.channels import Message, error
from tests.fake_slack.events import Envelope
from tests.fake_slack.shortcuts import use_message_shortcut

if TYPE_CHECKING:
    from tests.fake_slack.slack import FakeSlack

LOGIN = b"<!DOCTYPE html><html><head><title>Sign in to Test | Slack</title></head><body></body></html>"


@dataclass
class HostedFile:
    """A file in Slack. `described` overrides what `files.info` says; `fault` is what comes in place of the bytes."""

    id: str
    name: str
    data: bytes
    described: dict[str, Any] = field(default_factory=dict)
    fault: Literal["", "login", "login page", "forbidden", "cut once", "overlong", "redirect"] = ""
    redirect: str = ""
    # Nothing is served until it is set.
    gate: asyncio.Event | None = None


@dataclass
class Hosted:
    """Every shared file by id, and the user groups. `asked` holds who fetched what: id and Authorization."""

    files: dict[str, HostedFile] = field(default_factory=dict)
    groups: dict[str, list[str]] = field(default_factory=dict)
    disabled: set[str] = field(default_factory=set)
    asked: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._numbers = count(1)

    def add(self, name: str, data: bytes, fault: Any = "", **described: Any) -> HostedFile:
        """Put a file into Slack; its description says `described`."""
        file = HostedFile(f"F{next(self._numbers)}SHARED", name, data, described, fault)
        self.files[file.id] = file
        return file

    def tell(self, method: str, arguments: dict[str, Any], base: str) -> dict[str, Any]:
        """Do `files.info`, `usergroups.list` or `usergroups.users.list`."""
        if method == "files.info":
            file = self.files.get(arguments["file"])
            if file is None:
                return error("file_not_found")
            address = f"{base.replace('/api/', '/files-pri/')}{file.id}/{quote(file.name, safe='')}"
            standard = {"id": file.id, "name": file.name, "mode": "hosted", "size": len(file.data)}
            return {"ok": True, "file": {**standard, "url_private_download": address, **file.described}}
        if method == "usergroups.list":
            groups = [
                {"id": group, "handle": f"{group.lower()}-team", "date_delete": int(group in self.disabled)}
                for group in self.groups
            ]
            return {"ok": True, "usergroups": groups}
        group = arguments["usergroup"]
        if group not in self.groups or group in self.disabled:
            return error("no_such_subteam")
        return {"ok": True, "users": self.groups[group]}

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Give the bytes of a file, or what Slack gives in their place."""
        file = self.files[request.match_info["id"]]
        self.asked.append((file.id, request.headers.get("Authorization", "")))
        if file.gate is not None:
            await file.gate.wait()
        fault, file.fault = file.fault, "" if file.fault == "cut once" else file.fault
        match fault:
            case "login":
                return web.Response(status=302, headers={"Location": "/?redir=%2Ffiles-pri"})
            case "login page":
                return web.Response(body=LOGIN, content_type="text/html")
            case "forbidden":
                return web.Response(status=403)
            case "cut once":
                response = web.StreamResponse(headers={"Content-Length": str(len(file.data))})
                await response.prepare(request)
                await response.write(file.data[: len(file.data) // 2])
                if request.transport is not None:
                    request.transport.abort()
                return response
            case "overlong":
                response = web.StreamResponse()
                await response.prepare(request)
                await response.write(file.data * 2)
                return response
            case "redirect":
                return web.Response(status=302, headers={"Location": file.redirect})
        return web.Response(body=file.data)


def shared(files: tuple[HostedFile, ...]) -> dict[str, Any]:
    """Return the fields of a message with these files."""
    return {"subtype": "file_share", "files": [{"id": file.id, "name": file.name} for file in files]}


async def send_files(slack: FakeSlack, *files: HostedFile, text: str = "", user: str = "U1") -> Message:
    """Have somebody send files to the bot directly: U1 in channel D1."""
    return await slack.direct(text, user=user, **shared(files))


async def mention_with_files(
    slack: FakeSlack, *files: HostedFile, text: str = "", channel: str = "C1", user: str = "U1"
) -> Message:
    """Have somebody mention the bot in a message with files."""
    return await slack.mention(channel, text, user=user, **shared(files))


async def point_at(
    slack: FakeSlack, message: Message, *, channel: str = "C1", user: str = "U1", trigger: str = ""
) -> Envelope:
    """Have somebody use the shortcut on a message; wait until it is acknowledged."""
    return await use_message_shortcut(
        slack, "add_to_library", message, channel=channel, user=user, trigger=trigger
    )
