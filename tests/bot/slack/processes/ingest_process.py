"""A process that ingests a file whenever it is told what the file says now, and says when that is done.

    python -m tests.bot.slack.processes.ingest_process DATA_DIR FILE

A line in is the file's text, as JSON; a line out follows the ingest.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from bot.wiring import build
from tests.servers import settings_of


def main(data_dir: str, name: str) -> None:
    services = build(settings_of(Path(data_dir)))
    file = Path(name)
    for line in sys.stdin:
        file.write_text(json.loads(line), "utf-8")
        report = services.shared.ingest([file])
        sys.stdout.write(f"{report.documents[0].status}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
