"""A real Kubernetes cluster of one node from plain processes: no Docker, no virtual machine, no registry.

`python -m tests.cluster up` starts it, `… down` takes it away and leaves nothing; tests/cluster/control_plane.py starts
only the API server and its database, without root, for tests of what talks to them.

Does not belong here: anything of this project's own, its images and its chart included.
"""
