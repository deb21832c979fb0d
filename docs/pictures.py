"""Makes the README's example anew."""

from __future__ import annotations

import io
import re
import tempfile
from datetime import date
from pathlib import Path

from rich.console import Console

from bot.commands.asking import answer_view
from bot.commands.context import bundled
from bot.settings import load_settings
from bot.wiring import build

ROOT = Path(__file__).parent.parent
QUESTION = "Is the conference of landlocked countries postponed?"
AS_OF = date(2024, 5, 1)
WIDTH = 92


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        services = build(load_settings().model_copy(update={"data_dir": Path(folder)}))
        services.shared.ingest(bundled())
        view = answer_view(services.assistant.answer(QUESTION, as_of=AS_OF))
    console = Console(file=io.StringIO(), record=True, width=WIDTH, markup=False, highlight=False)
    console.print(f'$ itubot ask "{QUESTION}" --as-of {AS_OF}')
    console.print(view)
    text = "\n".join(line.rstrip() for line in console.export_text().splitlines())
    readme = ROOT / "README.md"
    block = f"<!-- answer -->\n```\n{text}\n```\n<!-- /answer -->"
    old = re.compile(r"<!-- answer -->.*?<!-- /answer -->", re.DOTALL)
    readme.write_text(old.sub(lambda _: block, readme.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
