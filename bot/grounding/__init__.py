"""Grounding of statements in passages: hard checks of their facts, and the sentence that replaces a failed one.

Pure: nothing here asks a model or reads the store. Rules check numbers, days, symbols, links and names; the judge
(bot.llm.judge) checks the meaning.
"""
