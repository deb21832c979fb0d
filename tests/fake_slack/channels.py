"""The fake Slack's channels: messages are put in, and read out in pages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

Message = dict[str, Any]


def error(code: str) -> dict[str, Any]:
    """Return Slack's response to a call that it refuses."""
    return {"ok": False, "error": code}


def page(items: list[Any], name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return Slack's response with a page of items, under a name."""
    start, limit = int(arguments.get("cursor") or 0), int(arguments.get("limit", 100))
    following = str(start + limit) if start + limit < len(items) else ""
    return {"ok": True, name: items[start : start + limit], "response_metadata": {"next_cursor": following}}


class Channels:
    """Every message by channel, oldest first. `now` gives the `ts` of the next one."""

    def __init__(self, bot_user: str, now: Callable[[], str]) -> None:
        self._bot_user = bot_user
        self._now = now
        self.messages: dict[str, list[Message]] = defaultdict(list)
        # Where the bot is no member.
        self.closed: set[str] = set()
        # The `ts` of messages that are streamed into.
        self.streaming: set[str] = set()

    def put(self, channel: str, message: Message) -> Message:
        """Put a message of the bot into a channel."""
        who = {"type": "message", "user": self._bot_user, "bot_id": "B0BOT", "ts": self._now()}
        self.messages[channel].append(who | message)
        return self.messages[channel][-1]

    def post(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """Do `chat.postMessage`."""
        # A person's id names the direct messages with them.
        channel = (
            arguments["channel"].replace("U", "D") if arguments["channel"][0] == "U" else arguments["channel"]
        )
        if channel in self.closed:
            return error("not_in_channel")
        message = self.put(channel, {name: v for name, v in arguments.items() if name != "channel"})
        return {"ok": True, "channel": channel, "ts": message["ts"], "message": message}

    def update(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """Do `chat.update`, on a message of the bot."""
        message = self.own(arguments["channel"], arguments["ts"])
        if message is None:
            return error("message_not_found")
        if message["ts"] in self.streaming:
            return error("streaming_state_conflict")
        message |= {name: value for name, value in arguments.items() if name not in ("channel", "ts")}
        return {"ok": True, "channel": arguments["channel"], "ts": message["ts"]}

    def delete(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """Do `chat.delete`, on a message of the bot."""
        message = self.own(arguments["channel"], arguments["ts"])
        if message is None:
            return error("message_not_found")
        self.messages[arguments["channel"]].remove(message)
        return {"ok": True, "channel": arguments["channel"], "ts": arguments["ts"]}

    def link(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """Do `chat.getPermalink`."""
        channel, ts = arguments["channel"], arguments["message_ts"]
        if not any(message["ts"] == ts for message in self.messages[channel]):
            return error("message_not_found")
        address = f"https://test.slack.com/archives/{channel}/p{ts.replace('.', '')}"
        return {"ok": True, "channel": channel, "permalink": address}

    def own(self, channel: str, ts: str) -> Message | None:
        """Return the bot's message of that `ts`."""
        own = (m for m in self.messages[channel] if m["ts"] == ts and m["user"] == self._bot_user)
        return next(own, None)

    def has_thread(self, channel: str, ts: str) -> bool:
        """Whether a thread of this root can be."""
        return any(message["ts"] == ts for message in self.messages[channel])

    def has_replies(self, ts: str) -> bool:
        """Whether a thread of this root has begun."""
        everything = (message for messages in self.messages.values() for message in messages)
        return any(message.get("thread_ts") == ts != message["ts"] for message in everything)

    def read(self, method: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """Serve pages as Slack does: threads oldest first with their root, channels newest first."""
        thread, everything = arguments.get("ts", ""), self.messages[arguments["channel"]]
        if method == "conversations.replies":
            chosen = [m for m in everything if thread in (m["ts"], m.get("thread_ts", ""))]
        else:
            chosen = [m for m in reversed(everything) if m.get("thread_ts", m["ts"]) == m["ts"]]
        oldest, latest = arguments.get("oldest", "0"), arguments.get("latest", "9")
        chosen = [m for m in chosen if m["ts"] == thread or oldest < m["ts"] < latest]
        if arguments.get("include_all_metadata") not in (True, "1", "true"):
            chosen = [{k: v for k, v in m.items() if k != "metadata"} for m in chosen]
        paged = page(chosen, "messages", arguments)
        return {**paged, "has_more": bool(paged["response_metadata"]["next_cursor"])}
