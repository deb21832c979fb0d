"""The documents for other assistants: an MCP server with tools that only read, and paragraphs as resources.

`itubot mcp` serves it on stdio, `bot.mcp.http` on the bot's HTTP port. It needs the extra `mcp`.
"""

from bot import extras

# Below the public address.
PATH = "/mcp"
MISSING = extras.missing("there is no MCP server", "mcp")


def is_installed() -> bool:
    """Whether the extra is installed."""
    return extras.is_installed("mcp")
