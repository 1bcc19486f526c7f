"""Each item's best neighbours out of user_items: by one pass over all pairs of items, on several threads.

Does not belong here: the loops themselves (trainer.kernel), and what events weigh.
"""
