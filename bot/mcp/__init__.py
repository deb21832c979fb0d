"""The documents for other assistants: an MCP server with tools that only read, and paragraphs as resources.

`itubot mcp` serves it on stdio, `bot.mcp.http` on the bot's HTTP port. It needs the extra `mcp`.
"""

from importlib.util import find_spec

# Below the public address.
PATH = "/mcp"
MISSING = "there is no MCP server without the extra `mcp`; run: pip install 'itubot[mcp]'"


def is_installed() -> bool:
    """Whether the extra is installed."""
    return find_spec("mcp") is not None
