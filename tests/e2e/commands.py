"""kubectl and helm: those of our Go modules where they are built, else the machine's own, else built now."""

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.programs.go_programs import cached_folder, go_programs

_MODULE: Final = {"kubectl": "kubernetes", "helm": "helm"}


class CommandError(Exception):
    """A command failed; the message is what it wrote to standard error."""


@dataclass(frozen=True)
class Cluster:
    """A cluster that can be used, and what a release on it needs to be told."""

    kubeconfig: Path
    values: tuple[str, ...] = ()
    has_storage: bool = True

    def kubectl(self, *arguments: str, given: str | None = None) -> str:
        """Give what kubectl prints. Raises CommandError."""
        return run([program("kubectl"), f"--kubeconfig={self.kubeconfig}", *arguments], given).stdout

    def helm(self, *arguments: str) -> str:
        """Give what helm says; what hooks and tests say, it puts into its log. Raises CommandError."""
        ended = run([program("helm"), f"--kubeconfig={self.kubeconfig}", *arguments])
        return ended.stdout + ended.stderr

    def read(self, *arguments: str) -> Any:  # noqa: ANN401 (JSON)
        """Give an object, or a list of them, as kubectl gets it."""
        return json.loads(self.kubectl("get", *arguments, "--output=json"))


def program(name: str) -> str:
    """Give a program's path. Raises PartMissingError."""
    ours = cached_folder(_MODULE[name]) / name
    return str(ours) if ours.exists() else shutil.which(name) or str(go_programs(_MODULE[name]) / name)


def run(command: list[str], given: str | None = None, seconds: float = 300) -> "subprocess.CompletedProcess[str]":
    """Run a command to its end. Raises CommandError, which names it."""
    ended = subprocess.run(command, input=given, capture_output=True, text=True, timeout=seconds, check=False)
    if ended.returncode:
        shown = " ".join([Path(command[0]).name, *command[1:]])
        raise CommandError(f"{shown}: {ended.stderr.strip() or ended.stdout.strip()}")
    return ended
