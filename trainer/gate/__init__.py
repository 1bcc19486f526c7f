"""The gate: named rules that say whether a candidate may go live, each with its measure, its threshold and a sentence.

Does not belong here: how a recipe is evaluated (trainer.evaluation), and the hard limits below which there is no model
at all (trainer.validation).
"""
