"""Facts and parts of a document: title, symbol, date, language, sections and sentences."""
