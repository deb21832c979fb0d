"""The fake Slack's uploads: an address is given out, bytes arrive there, and the file is shared."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from tests.fake_slack.channels import error

# The fake forgets the content of larger files.
_KEPT_BYTES = 1_000_000


@dataclass
class Upload:
    """A file on its way in; `sha256` is "" until it arrives, `data` is None until then and for a large file."""

    id: str
    name: str
    length: int
    alt: str = ""
    sha256: str = ""
    data: bytes | None = None


@dataclass
class Uploads:
    """Every upload so far, by id. Nothing arrives while the `gate` is closed; `most` have arrived at the same time."""

    known: dict[str, Upload] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    arriving: int = 0
    most: int = 0

    def __post_init__(self) -> None:
        self._numbers = count(1)
        self.gate.set()

    def open(self, arguments: dict[str, Any], base: str) -> dict[str, Any]:
        """Do `files.getUploadURLExternal`; `base` is where the fake listens."""
        name, alt = arguments["filename"], arguments.get("alt_txt", "")
        upload = Upload(f"F{next(self._numbers)}", name, int(arguments["length"]), alt)
        self.known[upload.id] = upload
        return {"ok": True, "upload_url": f"{base}upload/{upload.id}", "file_id": upload.id}

    async def receive(self, file_id: str, pieces: AsyncIterator[bytes], length: int | None) -> int:
        """Take the bytes; return the HTTP status. `length` is that of the request's header."""
        upload = self.known[file_id]
        self.arriving += 1
        self.most = max(self.most, self.arriving)
        await self.gate.wait()
        digest, data, count = hashlib.sha256(), b"", 0
        async for piece in pieces:
            digest.update(piece)
            count += len(piece)
            data += piece if upload.length <= _KEPT_BYTES else b""
        self.arriving -= 1
        if not count == length == upload.length:
            self.problems.append(f"{count} bytes for {file_id}, which is not what was announced")
            return 400
        upload.sha256, upload.data = digest.hexdigest(), data if len(data) == count else None
        return 200

    def complete(self, arguments: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any] | None]:
        """Do `files.completeUploadExternal`; return the response, and the message that shares the file."""
        files = arguments["files"]
        files = json.loads(files) if isinstance(files, str) else files
        arrived = [self.known.get(file["id"]) for file in files]
        if any(upload is None or not upload.sha256 for upload in arrived):
            return error("file_not_found"), None
        shared = [{**file, "name": self.known[file["id"]].name} for file in files]
        message = {"text": arguments.get("initial_comment", ""), "files": shared, "subtype": "file_share"}
        return {"ok": True, "files": shared}, message
