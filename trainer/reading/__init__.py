"""Reads the shop's events: its own SQL, in bulk, with ids coded as they come.

Does not belong here: what is made of events (events.py, matrix.py). SQL is spoken nowhere else but in the sample shop.
"""
