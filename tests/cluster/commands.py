"""Running the system's own programs."""

import subprocess

from tests.cluster.errors import ClusterError
from tests.cluster.programs import program


def run(name: str, *arguments: str, given: str | None = None) -> str:
    """Give what a program prints. Raises ClusterError with its last line where it fails."""
    ended = subprocess.run(
        [program(name), *arguments], input=given, capture_output=True, text=True, check=False, cwd="/"
    )
    if ended.returncode:
        last_line = (ended.stderr.strip().splitlines() or ["no reason given"])[-1]
        words = [word for word in arguments if not word.startswith("-")]
        raise ClusterError(f"{' '.join([name, *words[:3]])} failed: {last_line}")
    return ended.stdout
