"""What the fake Slack shows of an agent at work: the status of a thread, its title, suggested prompts, sessions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.bot.slack.fakes.channels import Channels

Thread = tuple[str, str]


@dataclass
class Agents:
    """`statuses` holds each status that was set, in order, with its channel, thread and loading messages.

    `shown` is the status that each thread shows now, `titles` its title, `sessions` the state of each agent session,
    `prompts` each list of suggested prompts with its channel. `is_agent` and `is_assistant` say what the manifest
    makes of the app; https://docs.slack.dev/ai/migrating-to-agent-messaging.
    """

    channels: Channels
    is_agent: bool
    is_assistant: bool
    statuses: list[dict[str, Any]] = field(default_factory=list)
    shown: dict[Thread, str] = field(default_factory=dict)
    titles: dict[Thread, str] = field(default_factory=dict)
    sessions: dict[Thread, dict[str, Any]] = field(default_factory=dict)
    prompts: list[dict[str, Any]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def posted(self, channel: str, thread: str) -> None:
        """Clear the status of a thread, as Slack does when the bot has posted there."""
        self.shown.pop((channel, thread), None)

    def do(self, method: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """Do a method of `assistant.threads` or `agents.sessions`."""
        where = (arguments["channel_id"], arguments.get("thread_ts", ""))
        if where[1] and not self.channels.has_thread(*where):
            word = "channel_not_found" if method.startswith("agents") else "invalid_thread_ts"
            return {"ok": False, "error": word}
        match method:
            case "assistant.threads.setStatus":
                self.statuses.append(arguments)
                if arguments["status"]:
                    self.shown[where] = arguments["status"]
                else:
                    self.shown.pop(where, None)
            case "assistant.threads.setTitle":
                self.titles[where] = arguments["title"]
            case "assistant.threads.setSuggestedPrompts":
                return self._suggest(arguments)
            case _:
                return self._session(method, where, arguments)
        return {"ok": True}

    def _suggest(self, arguments: dict[str, Any]) -> dict[str, Any]:
        if not self.is_agent and not self.is_assistant:
            return {"ok": False, "error": "not_agent_app"}
        if self.is_agent and "thread_ts" in arguments:
            # Slack says "ok" and shows nothing.
            self.problems.append("suggested prompts of an agent app with thread_ts, which fail silently")
            return {"ok": True}
        if self.is_assistant and "thread_ts" not in arguments:
            return {"ok": False, "error": "missing_thread_ts"}
        self.prompts.append(arguments)
        return {"ok": True}

    def _session(self, method: str, where: Thread, arguments: dict[str, Any]) -> dict[str, Any]:
        if not where[1]:
            return {"ok": False, "error": "thread_ts_required"}
        if method == "agents.sessions.rename":
            if where not in self.sessions:
                return {"ok": False, "error": "session_not_found"}
            self.sessions[where]["title"] = arguments["title"]
        else:
            session = self.sessions.setdefault(where, {"title": arguments.get("title", "")})
            session["status"] = arguments["status"]
        return {"ok": True, **self.sessions[where]}
