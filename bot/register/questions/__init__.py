"""Questions about time: a search of the register by period, kind, place and topic."""
