"""The register of dates: its entries as of a day, and what a question asks of them."""

from bot.register.entries import Corrected, EntryMention, RegisterEntry, Status, build_register, select

__all__ = ["Corrected", "EntryMention", "RegisterEntry", "Status", "build_register", "select"]
