"""What a question asks: cleaned, made to stand alone, split, told from small talk."""
