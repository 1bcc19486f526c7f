"""Judges the model in service, lists versions and runs, asks the API: `python -m monitor --action health`.

Does not belong here: training (trainer), serving (api), what a store is (registry). It writes health.json, and, where
current.json and the API's replicas do not agree, what brings them together again (serving).
"""
