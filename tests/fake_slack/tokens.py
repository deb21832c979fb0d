"""The tokens of one app in the workspaces of the fake Slack: codes are exchanged for them, they are renewed and end.

https://docs.slack.dev/authentication/installing-with-oauth and /authentication/using-token-rotation
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from itertools import count

_CODE_SECONDS = 600
# Tokens of an installation that work at the same time, where they are rotated.
_MOST_ACTIVE = 2
# The error of a bot's token that was revoked, or whose app was removed; that of a person's is "token_revoked".
_REVOKED = "account_inactive"


@dataclass(frozen=True)
class Code:
    """What somebody agreed to; `redirect_uri` is "" where the authorize URL had none."""

    team: str
    user: str
    scopes: frozenset[str]
    redirect_uri: str
    made_at: float = field(default_factory=time.monotonic)

    @property
    def is_old(self) -> bool:
        return time.monotonic() - self.made_at > _CODE_SECONDS


@dataclass
class Token:
    """An access token. `wrong` is Slack's error once it was revoked."""

    value: str
    team: str
    expires_at: float = float("inf")
    wrong: str = ""

    @property
    def error(self) -> str:
        """Slack's error for a call with it, "" where it works."""
        return self.wrong or ("token_expired" if time.monotonic() >= self.expires_at else "")


@dataclass
class Tokens:
    """Every code, access token and refresh token so far."""

    known: dict[str, Token] = field(default_factory=dict)
    present: dict[str, str] = field(default_factory=dict)
    codes: dict[str, Code] = field(default_factory=dict)
    refresh: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._numbers = count(1)

    def code(self, agreed: Code) -> str:
        """Return a code for what somebody agreed to."""
        value = f"{next(self._numbers)}.code"
        self.codes[value] = agreed
        return value

    def issue(self, team: str, expires_in: int) -> dict[str, str | int]:
        """Make the next token of a workspace, which works for some seconds; return its fields of the response."""
        number = next(self._numbers)
        value, refresh = f"xoxe.xoxb-1-{team}-{number}", f"xoxe-1-{team}-{number}"
        self.known[value] = Token(value, team, time.monotonic() + expires_in)
        self.present[team], self.refresh[refresh] = value, team
        for old in [token for token in self._of(team) if not token.error][:-_MOST_ACTIVE]:
            old.wrong = _REVOKED
        return {"access_token": value, "refresh_token": refresh, "expires_in": expires_in}

    def take(self, refresh: str) -> str:
        """Use a refresh token; return its workspace, "" where it does not work."""
        return self.refresh.pop(refresh, "")

    def expire(self, team: str) -> None:
        """Let the present token of a workspace expire now, and those before it."""
        for token in self._of(team):
            token.expires_at = 0.0

    def forget(self, team: str) -> None:
        """Revoke every token of a workspace."""
        for token in self._of(team):
            token.wrong = _REVOKED
        self.present.pop(team, None)
        self.refresh = {value: other for value, other in self.refresh.items() if other != team}

    def _of(self, team: str) -> list[Token]:
        return [token for token in self.known.values() if token.team == team]
