"""A run on several machines: Dask's scheduler and workers, and the parts of a run that they share.

Does not belong here: what the work is, which is the kernel's as on one machine (trainer.similarity), and what is asked
of Kubernetes (cluster).
"""
