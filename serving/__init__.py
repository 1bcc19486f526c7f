"""Brings a version into service and out again, so that current.json, the API's pin and its replicas always agree.

The layer between those who change the model (trainer, api, monitor) and what they change (registry, cluster).

Does not belong here: what a good model is (model, trainer), how a pointer is swapped (registry), how a Deployment is
asked (cluster).
"""
