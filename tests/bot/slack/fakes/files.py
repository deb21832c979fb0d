"""The fake Slack's uploads: an address is given out, bytes arrive there, and the file is shared."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from tests.bot.slack.fakes.channels import error


@dataclass
class Upload:
    """A file on its way in; `data` is None until it arrives."""

    id: str
    name: str
    length: int
    alt: str = ""
    data: bytes | None = None


@dataclass
class Uploads:
    """Every upload so far, by id."""

    known: dict[str, Upload] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._numbers = count(1)

    def open(self, arguments: dict[str, Any], base: str) -> dict[str, Any]:
        """Do `files.getUploadURLExternal`; `base` is where the fake listens."""
        name, alt = arguments["filename"], arguments.get("alt_txt", "")
        upload = Upload(f"F{next(self._numbers)}", name, int(arguments["length"]), alt)
        self.known[upload.id] = upload
        return {"ok": True, "upload_url": f"{base}upload/{upload.id}", "file_id": upload.id}

    def receive(self, file_id: str, data: bytes) -> int:
        """Take the bytes; return the HTTP status."""
        upload = self.known.get(file_id)
        if upload is None or len(data) != upload.length:
            self.problems.append(f"{len(data)} bytes for {file_id}, which is not what was announced")
            return 400
        upload.data = data
        return 200

    def complete(self, arguments: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any] | None]:
        """Do `files.completeUploadExternal`; return the response, and the message that shares the file."""
        files = arguments["files"]
        files = json.loads(files) if isinstance(files, str) else files
        arrived = [self.known.get(file["id"]) for file in files]
        if any(upload is None or upload.data is None for upload in arrived):
            return error("file_not_found"), None
        shared = [{**file, "name": self.known[file["id"]].name} for file in files]
        message = {"text": arguments.get("initial_comment", ""), "files": shared, "subtype": "file_share"}
        return {"ok": True, "files": shared}, message
