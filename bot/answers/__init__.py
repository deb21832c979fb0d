"""Answers: the sentences that answer a question, their citations, and when to refuse."""
