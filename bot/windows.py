"""Questions about time, recognised and answered from the register."""

from bot.time_words import Stretch, find_stretch
from bot.window_answers import answer_from_register
from bot.window_questions import Window, time_window

__all__ = ["Stretch", "Window", "answer_from_register", "find_stretch", "time_window"]
