"""Labels of dates by a language model."""
