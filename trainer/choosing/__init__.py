"""RECIPE=auto: variants of a model compared on what the shop's own users did next.

Does not belong here: how a recipe works (trainer.similarity), whether what was chosen may go live (trainer.gate).
"""
