"""How figures of runs and versions are shown, on whatever page: words for numbers, axes, and lines over versions.

Does not belong here: what a page is about (trainer.card, api.console), and working anything out.
"""
