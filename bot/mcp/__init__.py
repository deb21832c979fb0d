"""The documents for other assistants: an MCP server with tools that only read, and paragraphs as resources.

`server` serves one connection or request after the other, `http` puts it on the bot's HTTP port. Needs the extra `mcp`.
"""
