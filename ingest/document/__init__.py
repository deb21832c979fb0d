"""What a document is: its title, symbol, date, language, sections and sentences."""
