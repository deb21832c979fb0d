"""The register of dates: its entries and their status as of a day, their corrections, digests and exports."""

from bot.register.building import build_register, select
from bot.register.entry import EntryMention, LastCorrection, RegisterEntry, Status

__all__ = ["EntryMention", "LastCorrection", "RegisterEntry", "Status", "build_register", "select"]
