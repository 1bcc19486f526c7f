"""What the next run will need: memory, seconds, and the limit to set, from counts that the database gives.

Does not belong here: reading events (extract), and anything that the run itself waits for except `fitting_scratch`.
"""
