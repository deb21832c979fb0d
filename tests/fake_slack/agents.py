"""What the fake Slack shows of an agent at work: the status and the title of a thread, sessions, suggested prompts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.fake_slack.channels import Channels, Message, error


@dataclass
class Agents:
    """`is_agent`: the app is declared as an agent (docs.slack.dev/ai).

    `words` and `sessions` hold by thread what was set, in order, `shown` what a thread shows now, `titles` the title of
    each session, and `prompts` the questions suggested in a channel.
    """

    channels: Channels
    is_agent: bool
    words: dict[str, list[str]] = field(default_factory=dict)
    sessions: dict[str, list[str]] = field(default_factory=dict)
    shown: dict[str, str] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    prompts: dict[str, list[dict[str, str]]] = field(default_factory=dict)

    def is_cleared(self, thread: str) -> bool:
        """Whether the app has cleared the status that it showed in a thread."""
        shown = self.sessions if self.is_agent else self.words
        return shown.get(thread, [None])[-1] in ("active", "")

    def posted(self, thread: str) -> None:
        """Clear the status of a thread, as Slack does when the bot has posted there."""
        self.shown.pop(thread, None)

    def streamed(self, method: str, message: Message | None, arguments: dict[str, Any]) -> None:
        """Begin the session of a thread with a stream, and end its status with the stream's.

        https://docs.slack.dev/ai/agent-sessions
        """
        thread = message["thread_ts"] if message else ""
        if not self.is_agent or not thread:
            return
        if method == "chat.startStream" and thread not in self.sessions:
            self._set(thread, "processing")
        if method == "chat.stopStream":
            self._set(thread, arguments.get("session_status", "active"))

    def do(self, method: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """Do a method of `assistant.threads` or `agents.sessions`."""
        channel, thread = arguments["channel_id"], arguments.get("thread_ts", "")
        if method == "assistant.threads.setSuggestedPrompts":
            return self._suggest(channel, thread, arguments)
        if method.startswith("agents."):
            return self._session(method, channel, thread, arguments)
        if not self.channels.has_thread(channel, thread):
            return error("invalid_thread_ts")
        if self.is_agent:
            # It begins or changes the session too (https://docs.slack.dev/ai/migrating-to-agent-messaging).
            self._set(thread, "processing" if arguments["status"] else "active")
        self.words.setdefault(thread, []).append(arguments["status"])
        self.shown[thread] = arguments["status"]
        if not arguments["status"]:
            self.posted(thread)
        return {"ok": True}

    def _suggest(self, channel: str, thread: str, arguments: dict[str, Any]) -> dict[str, Any]:
        # In the agent view, a call with a thread fails silently.
        if not thread:
            self.prompts[channel] = arguments["prompts"]
        return {"ok": True}

    def _session(self, method: str, channel: str, thread: str, arguments: dict[str, Any]) -> dict[str, Any]:
        if not self.is_agent:
            return error("not_authorized")
        if not thread:
            return error("thread_ts_required")
        if not self.channels.has_thread(channel, thread):
            return error("channel_not_found")
        if method == "agents.sessions.rename":
            if thread not in self.sessions:
                return error("session_not_found")
            self.titles[thread] = arguments["title"]
            return {"ok": True}
        # Later titles are ignored.
        if thread not in self.sessions and "title" in arguments:
            self.titles[thread] = arguments["title"]
        self._set(thread, arguments["status"])
        return {"ok": True, "status": arguments["status"], "agent_status": arguments["status"]}

    def _set(self, thread: str, status: str) -> None:
        self.sessions.setdefault(thread, []).append(status)
