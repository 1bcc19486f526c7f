"""The HTTP API: answers from the model in service, what is in service, retraining and rolling back, health, metrics.

Does not belong here: how a model answers a question (model), where models are kept (registry), how one is made
(trainer, which runs as a process of its own). A serving pod carries no training library and no SQL.
"""
