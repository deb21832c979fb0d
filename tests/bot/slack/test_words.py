"""What the bot says in Slack names nothing of the terminal, and the slash command by the name that it has."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import bot.answering
import bot.changes
import bot.slack

SLACK = Path(bot.slack.__file__).parent
ANSWERS = [Path(package.__file__ or "").parent for package in (bot.answering, bot.changes)]
FILES = sorted(
    path
    for folder in (
        *(SLACK / name for name in ("core", "features")),
        *ANSWERS,
    )
    for path in folder.rglob("*.py")
    # What it says is for the log.
    if path.name != "identity.py"
)
assert {path.parent.name for path in FILES} >= {"core", "ui", "features", "questions"}
# A command of the terminal, and the slash command's usual name, which a workspace may change.
FORBIDDEN = re.compile(r"`(?:itubot|pip) |/itu\b")


def texts(tree: ast.Module) -> Iterator[str]:
    """Yield every string of a module but docstrings."""
    docstrings = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.value


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_no_text_names_a_command_of_the_terminal(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))

    assert [text for text in texts(tree) if FORBIDDEN.search(text)] == []
