"""The command `itubot`: looks whether Python finds this program's packages, and runs it.

Their names are general. A file `store.py` in the folder where `python -m bot` runs, or a package `bot` of another
distribution, would be imported in place of ours, and the program would fail anywhere.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

PACKAGES = ("bot", "ingest", "prompts", "store")
_OWN_ENVIRONMENT = "install itubot into an environment of its own, as `pipx install itubot` does"


def main() -> int:
    """Run the command line and return its exit code."""
    if fault := find_foreign(Path(__file__).resolve().parent):
        sys.stderr.write(f"itubot: {fault}\n")
        return 1
    from bot.cli import main as run

    return run()


def find_foreign(home: Path) -> str | None:
    """Return one line about a package that Python does not find in the folder `home`, or not as it was installed."""
    sizes = _installed_sizes(home)
    for name in PACKAGES:
        file = home / name / "__init__.py"
        spec = find_spec(name)
        found = Path(spec.origin).resolve() if spec and spec.origin else None
        if found is None:
            return f"the package `{name}` is missing from {home}; install itubot again"
        if found != file:
            here = Path.cwd() in (found.parent, found.parent.parent)
            remedy = "run itubot in another folder" if here else _OWN_ENVIRONMENT
            return f"Python takes {found} for this program's package `{name}`; {remedy}"
        if sizes.get(f"{name}/__init__.py", file.stat().st_size) != file.stat().st_size:
            return f"another distribution has overwritten the package `{name}` in {home}; {_OWN_ENVIRONMENT}"
    return None


def _installed_sizes(home: Path) -> dict[str, int]:
    """Return the bytes of each file as it was installed; empty where the program runs from its source.

    The list of installed files is read directly: `importlib.metadata` would read those of all distributions.
    """
    for record in home.glob("itubot-*.dist-info/RECORD"):
        lines = (line.rsplit(",", 2) for line in record.read_text("utf-8").splitlines())
        return {name: int(size) for name, _, size in lines if size}
    return {}


if __name__ == "__main__":
    sys.exit(main())
