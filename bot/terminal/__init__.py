"""What several commands show in the terminal: answers, the progress and the result of an ingest; the consoles."""
