"""Files that are there whole or not at all, whenever the process that writes them is killed."""

from pathlib import Path


def write_whole(file: Path, text: str) -> None:
    """Write beside the file's place, and move there."""
    new = file.with_name(f".{file.name}.new")
    new.write_text(text)
    new.replace(file)
