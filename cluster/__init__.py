"""All that speaks to Kubernetes: the rollout of the API, Jobs made of the CronJob, the trainer's Lease, Events.

Does not belong here: what a model is and whether it is good (model, trainer), where versions are kept (registry), the
chart. The kubernetes client is imported nowhere else; its errors leave this package as runtime.errors.
"""
