"""The compiled heart of training: which items have users in common, how much, and who fits best.

Plain loops over arrays, compiled by Numba: no ids, no settings, no threads. Does not belong here: how the arrays come
about, how work is shared among threads and what the numbers are made into (trainer.similarity).
"""
