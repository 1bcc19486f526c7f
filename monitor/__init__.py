"""Judges the model in service, and lists the versions there are: `python -m monitor --action health|backups`.

Does not belong here: training (trainer), serving (api), what a store is (registry). It writes health.json and nothing
else.
"""
