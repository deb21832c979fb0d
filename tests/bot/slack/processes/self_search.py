"""A fresh process that looks for every section by the section's own text.

    python -m tests.bot.slack.processes.self_search DATA_DIR

Prints JSON: how many sections there are, and the source and number of each that is not found first.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from bot.wiring import build
from tests.servers import settings_of
from tests.small_store import stored_sections


def main(data_dir: str) -> None:
    services = build(settings_of(Path(data_dir)))
    sections, missed = 0, []
    for document in services.catalog.documents():
        for section in stored_sections(services.catalog, document.id):
            sections += 1
            result = services.search.search(section.text, count=1)
            is_first = bool(result.hits) and result.hits[0].section.text == section.text
            if result.full_text_only or not is_first:
                missed.append(f"{document.source} {section.number}")
    sys.stdout.write(json.dumps({"sections": sections, "missed": missed}))


if __name__ == "__main__":
    main(*sys.argv[1:])
