"""How well a recipe recommends: on a temporal holdout, by a twin of the code that serves it, against two others.

Does not belong here: what follows of it (trainer.gate), and how a model is made (trainer.building).
"""
