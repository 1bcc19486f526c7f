"""Where models live: the object store's contract and backends, versions, the current pointer, history, retention.

Does not belong here: what a model says (model), when one may go live (trainer), HTTP, SQL, Kubernetes. boto3 is
imported nowhere else.
"""
