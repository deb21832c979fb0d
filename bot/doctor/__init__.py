"""The checks of `itubot doctor`: settings, data folder, store, models and Slack, and the trial of a language model."""

from bot.doctor.checks import examine
from bot.doctor.result import CheckResult

__all__ = ["CheckResult", "examine"]
