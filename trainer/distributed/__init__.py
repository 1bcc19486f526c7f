"""The run's heavy work on Dask's workers: who they are, what they are handed, and what becomes of it.

The pipeline runs as ever, in one process. What it hands out goes through the store, under `staging/`: events as workers
read them, and items in blocks, of which workers compare two at a time by the kernel as it is. Dask holds tasks and
floors, so that a worker that dies costs what it was at, and nothing else.

Does not belong here: how pairs are compared (trainer.similarity, trainer.kernel), how rows become events
(trainer.reading), and Kubernetes (cluster).
"""
