"""Removes the NUL character, which PostgreSQL cannot store, from texts that come from outside. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

ValueT = TypeVar("ValueT")


def without_nul(value: ValueT) -> ValueT:
    """Return a string, list, tuple, mapping or dataclass without NUL in its strings, and other values as they are."""
    return _cleaned(value)  # type: ignore[no-any-return]


def _cleaned(value: Any) -> Any:
    match value:
        case str():
            return value.replace("\0", "")
        case list() | tuple():
            return type(value)(map(_cleaned, value))
        case Mapping():
            return {_cleaned(key): _cleaned(item) for key, item in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{field.name: _cleaned(getattr(value, field.name)) for field in fields(value)})
    return value
