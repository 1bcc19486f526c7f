"""The model card: one page of HTML on a version, made when it is published, which needs nothing but a browser.

Does not belong here: judging (trainer.gate), measuring a recipe (trainer.evaluation), and the store. The card shows
what the manifest and the history of runs hold, and draws the model's own numbers. What it does not know, it says.
"""

from trainer.card.card import render_card
from trainer.card.shares import RecommendationShares

__all__ = ["RecommendationShares", "render_card"]
