"""What all rules share."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    model_validator,
)

# The default of a field that may be left out, but not be null.
OMITTED: Any = Field(default=None)

# A list or an object that may be sent as JSON in a text.
MAYBE_JSON = BeforeValidator(lambda value: json.loads(value) if isinstance(value, str) else value)


class Rule(BaseModel):
    """A JSON object of which every field is known."""

    model_config = ConfigDict(extra="forbid", strict=True)


@dataclass(frozen=True)
class Violation:
    """What breaks a rule; `path` leads to it."""

    path: tuple[str | int, ...]
    words: str

    def __str__(self) -> str:
        return f"{self.words.removeprefix('Value error, ')} [json-pointer:/{'/'.join(map(str, self.path))}]"


def exactly_one(first: str, second: str) -> Any:
    """Return the validator of a rule that has one of two fields, and not both."""

    def check(self: BaseModel) -> BaseModel:
        if (getattr(self, first) is None) == (getattr(self, second) is None):
            raise ValueError(f"either {first} or {second}")
        return self

    return model_validator(mode="after")(check)


def violations(kind: Any, value: Any) -> list[Violation]:
    """Return what in a JSON value is not of this kind."""
    try:
        TypeAdapter(kind).validate_json(json.dumps(value))
    except ValidationError as error:
        return [Violation(detail["loc"], detail["msg"]) for detail in error.errors()]
    return []


def size(value: Any) -> int:
    """Return the characters of all texts in a JSON value."""
    if isinstance(value, dict):
        return sum(size(part) for part in value.values())
    if isinstance(value, list):
        return sum(size(part) for part in value)
    return len(value) if isinstance(value, str) else 0
