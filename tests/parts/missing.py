"""A part that cannot be had on this machine."""

import os
import shutil


class PartMissingError(Exception):
    """Says which part is missing and how to get it; it ends up in the session's last lines."""


def find_program(name: str, remedy: str) -> str:
    """Give a program's path, /usr/sbin included: servers live there, and few people have it in PATH."""
    folders = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"])
    found = shutil.which(name, path=folders)
    if found is None:
        raise PartMissingError(remedy)
    return found
