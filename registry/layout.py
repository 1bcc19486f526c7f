"""Where a store keeps what: the folder of a version, its manifest, and what a run stages while it is under way."""

from typing import Final

MODELS: Final = "models/"
STAGING: Final = "staging/"
MANIFEST_FILE: Final = "manifest.json"


def folder_of(version: str) -> str:
    """Give the prefix of all that belongs to a version."""
    return f"{MODELS}{version}/"


def manifest_key(version: str) -> str:
    """Give the key whose object makes a version exist."""
    return f"{folder_of(version)}{MANIFEST_FILE}"


def version_and_name(key: str) -> tuple[str, str]:
    """Take a key below `models/` apart."""
    version, _, name = key.removeprefix(MODELS).partition("/")
    return version, name
