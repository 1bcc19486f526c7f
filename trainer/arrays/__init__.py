"""Arrays larger than a run may hold: where they lie, how they grow, and how they are cut into spans and counted.

Does not belong here: what the numbers mean. Nothing here knows of users, items or events.
"""
