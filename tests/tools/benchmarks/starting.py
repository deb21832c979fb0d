"""How long the first answer of a fresh process takes, and the memory of one that answers as the Slack bot does.

    python -m tests.tools.benchmarks.starting DATA_DIR

Beside the import of sentence-transformers alone, which an answer waited for before questions were encoded by an export
of the embedding model, and beside a copy of the data folder without that export.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from tests.tools.benchmarks.measures import seconds, show

_QUESTION = "When is the Summit of the Future?"
_PAIRS = 5
_ASK = (sys.executable, "-m", "bot", "ask", _QUESTION)
_IMPORT = (sys.executable, "-c", "import sentence_transformers")
# What the bot does before its first answer, and then that answer. Peak and present size in kB, from Linux.
_ANSWER = f"""
from pathlib import Path
from bot.settings import load_settings
from bot.wiring import build
assistant = build(load_settings()).assistant
assistant.warm_up()
assistant.answer({_QUESTION!r})
lines = Path("/proc/self/status").read_text().splitlines()
print(*(line.split()[1] for name in ("VmRSS", "VmHWM") for line in lines if line.startswith(name)))
"""


def measure(data: Path) -> None:
    """Show the figures of the data folder, which holds documents and the export."""
    with tempfile.TemporaryDirectory() as name:
        without = Path(shutil.copytree(data, Path(name) / "data", ignore=shutil.ignore_patterns("encoder")))
        # Files are in the system's cache, and compiled, for all alike.
        _run(_ASK, data)
        _run(_IMPORT, data)
        asked, plain, imported = [], [], []
        # In turns, so that all meet the same moments of a busy machine.
        for _ in range(_PAIRS):
            asked.append(seconds(lambda: _run(_ASK, data)))
            imported.append(seconds(lambda: _run(_IMPORT, data)))
            plain.append(seconds(lambda: _run(_ASK, without)))
        show(
            "a first answer / importing sentence-transformers",
            median(asked) / median(imported),
            "at most 0.5",
        )
        show("  a first answer, s", median(asked))
        show("  importing sentence-transformers, s", median(imported))
        show("  a first answer without the export, s", median(plain))
        for title, folder in (
            ("a process that answered, MB", data),
            ("  the same without the export", without),
        ):
            resident, peak = (
                int(size) / 1024 for size in _run((sys.executable, "-c", _ANSWER), folder).split()
            )
            show(title, resident)
            show("    at its peak", peak)


def _run(command: tuple[str, ...], data: Path) -> str:
    # What Python compiles is kept, as for its users; some surroundings forbid it.
    own = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment = own | {"ITUBOT_DATA_DIR": str(data)}
    return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    measure(Path(sys.argv[1]))
