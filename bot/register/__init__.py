"""The register of dates: its entries and their status as of a day, their corrections, digests and exports."""

from bot.register.entries import EntryMention, LastCorrection, RegisterEntry, build_register, select

__all__ = ["EntryMention", "LastCorrection", "RegisterEntry", "build_register", "select"]
