"""The hard facts of a text: its numbers, days, symbols, links and names, and whether passages have them. Pure.

What a text says of these facts is left to a judge (`bot.models.judge`).
"""
