"""The checks of `itubot doctor`: settings, data folder, store, models and Slack, and the trial of a language model."""

from bot.doctor.checks import (
    Check,
    check_cross_encoders,
    check_encoder,
    check_folder,
    check_index,
    check_language_models,
    check_model,
    check_names,
    check_slack,
    check_store,
    check_tokens,
)

__all__ = [
    "Check",
    "check_cross_encoders",
    "check_encoder",
    "check_folder",
    "check_index",
    "check_language_models",
    "check_model",
    "check_names",
    "check_slack",
    "check_store",
    "check_tokens",
]
