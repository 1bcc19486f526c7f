"""Several workers in one pod (API_WORKERS): processes that serve on one socket and share one copy of each model.

Belongs here: how they start, end and are replaced, what they ask each other, and what of the pod is kept once. Does not
belong here: how one of them serves, which is the same with one worker as with many.
"""
