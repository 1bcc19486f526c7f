"""The images: built here without Docker, weighed, and run as a pod runs them.

`python -m tests.images build` makes docker-archive files for `python -m tests.cluster load`. The product's two images
come from the repository's Dockerfiles, on a Debian made by debootstrap in place of the official Python image; those of
MariaDB and MinIO, which other clusters pull, from the folders here.
"""
