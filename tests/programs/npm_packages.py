"""Installs the npm packages of NAME/package-lock.json once, each checked by its hash, without running their scripts.

`npm install --package-lock-only --omit-lockfile-registry-resolved` in NAME renews the lock file.
"""

import shutil
import subprocess
from functools import partial
from pathlib import Path
from typing import Final

from tests.parts.missing import PartMissingError, find_program
from tests.programs.cached_builds import build_whole, cached_build

_HERE: Final = Path(__file__).parent
_PINS: Final = ("package.json", "package-lock.json")


def npm_packages(name: str) -> Path:
    """Give the folder that has the packages in node_modules.

    The first call on a machine installs them. Raises PartMissingError where that cannot be done.
    """
    cached = cached_build(name, b"".join((_HERE / name / pin).read_bytes() for pin in _PINS))
    if not cached.is_dir():
        npm = find_program("npm", "npm is not installed: make parts")
        build_whole(cached, partial(_install, npm, name))
    return cached


def _install(npm: str, name: str, target: Path) -> None:
    for pin in _PINS:
        shutil.copy(_HERE / name / pin, target)
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    installed = subprocess.run(command, cwd=target, capture_output=True, text=True, check=False)
    if installed.returncode:
        first_line = (installed.stderr.strip().splitlines() or ["no reason given"])[0]
        raise PartMissingError(f"the npm packages of {name} cannot be installed: {first_line}")
