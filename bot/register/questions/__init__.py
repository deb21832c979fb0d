"""Questions about time: `query.py` reads one as a RegisterQuery, `answers.py` answers that in lines."""
