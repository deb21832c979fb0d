"""Cases that differ in their data alone, kept in tests/data/cases: a name, and what one test or several are given."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

_FOLDER = Path(__file__).parent / "data" / "cases"


def table(name: str) -> Any:
    """Return what tests/data/cases/`name`.yaml has.

    There, `{times: [3, a]}` is the text "aaa", and `{times: [2, {id: "#"}]}` the list of `{id: "0"}` and `{id: "1"}`.
    """
    return _repeated(yaml.safe_load((_FOLDER / f"{name}.yaml").read_text("utf-8")))


def _repeated(value: Any) -> Any:
    """Return a value with its short forms written out."""
    match value:
        case {"times": [int(count), str(text)]}:
            return text * count
        case {"times": [int(count), item]}:
            return [_numbered(_repeated(item), str(number)) for number in range(count)]
        case dict():
            return {key: _repeated(inner) for key, inner in value.items()}
        case list():
            return [_repeated(inner) for inner in value]
    return value


def _numbered(value: Any, number: str) -> Any:
    """Return a value with a number in place of each "#"."""
    match value:
        case str():
            return value.replace("#", number)
        case dict():
            return {key: _numbered(inner, number) for key, inner in value.items()}
        case list():
            return [_numbered(inner, number) for inner in value]
    return value


def cases(name: str) -> list[Any]:
    """Return the cases of tests/data/cases/`name`.yaml for `pytest.mark.parametrize`, by the names of their lists."""
    return [pytest.param(case, id=title) for title, rows in table(name).items() for case in rows]
