"""How well the program answers, measured over marked questions."""
