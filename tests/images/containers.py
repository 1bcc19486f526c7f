"""Running an image as a pod runs it: by runc, its root file system mounted read-only, without any privilege."""

import json
import subprocess
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from tests.images.commands import found

_STATE: Final = "/run/recommender-image-tests"
_SECONDS: Final = 120
_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True)
class Image:
    """An image's files, mounted, its configuration, and a folder that outlives its containers.

    `writable` places of a container, by default /tmp, are kept below that folder, under their own names.
    """

    root: Path
    config: Mapping[str, Any]
    folder: Path

    def place(self, inside: str) -> Path:
        """Give the folder that a writable place of the containers is, which anyone may write to."""
        folder = self.folder / "places" / inside.strip("/")
        if not folder.is_dir():
            folder.mkdir(parents=True)
            folder.chmod(0o1777)
        return folder

    def run(
        self, *arguments: str, env: Mapping[str, str] = _NOTHING, writable: tuple[str, ...] = ("/tmp",)
    ) -> subprocess.CompletedProcess[str]:
        """Run the entrypoint with these arguments to its end."""
        name = self._bundle(arguments, writable, env)
        return subprocess.run(
            self._command(name), text=True, check=False, timeout=_SECONDS, stdin=subprocess.DEVNULL, capture_output=True
        )

    @contextmanager
    def running(
        self, *arguments: str, env: Mapping[str, str] = _NOTHING, writable: tuple[str, ...] = ("/tmp",)
    ) -> Iterator["Container"]:
        """Run it for as long as the context lasts."""
        name = self._bundle(arguments, writable, env)
        log = self.folder / name / "log"
        with log.open("wb") as output:
            process = subprocess.Popen(self._command(name), stdin=subprocess.DEVNULL, stdout=output, stderr=output)
            container = Container(name, process, log)
            try:
                yield container
            finally:
                container.end("KILL")

    def _command(self, name: str) -> list[str]:
        return [*_runc(), "run", f"--bundle={self.folder / name}", name]

    def _bundle(self, arguments: tuple[str, ...], writable: tuple[str, ...], env: Mapping[str, str]) -> str:
        """Write what runc is to do; give the container's name."""
        name = f"recommender-{uuid.uuid4().hex[:12]}"
        process = _process(self.config, arguments, env)
        mounts = [_bind(self.place(inside), inside) for inside in writable]
        (self.folder / name).mkdir()
        (self.folder / name / "config.json").write_text(json.dumps(_specification(name, self.root, process, mounts)))
        return name


@dataclass(frozen=True)
class Container:
    """A running container."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def own_memory(self) -> int:
        """Give the bytes that are its processes' own: pages of files are charged to whoever looked at them first."""
        stat = Path("/sys/fs/cgroup/memory") / self.name / "memory.stat"
        lines = (line.split() for line in stat.read_text().splitlines())
        return next(int(value) for name, value in lines if name == "total_rss")

    def end(self, signal: str) -> int:
        """Send a signal, and give the exit code."""
        subprocess.run([*_runc(), "kill", self.name, signal], check=False, capture_output=True)
        return self.process.wait(_SECONDS)


def _process(config: Mapping[str, Any], arguments: tuple[str, ...], env: Mapping[str, str]) -> dict[str, Any]:
    uid, gid = (int(part) for part in config["User"].split(":"))
    own = dict(line.split("=", 1) for line in config.get("Env", ()))
    return {
        "user": {"uid": uid, "gid": gid},
        "args": [*config["Entrypoint"], *(arguments or config.get("Cmd") or ())],
        "env": [f"{name}={value}" for name, value in {**own, **env}.items()],
        "cwd": config.get("WorkingDir") or "/",
        "noNewPrivileges": True,
    }


def _specification(name: str, root: Path, process: dict[str, Any], mounts: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "ociVersion": "1.0.2",
        "process": process,
        "root": {"path": str(root), "readonly": True},
        "mounts": [*_SYSTEM_MOUNTS, *mounts],
        # The machine's network, so that a test reaches what it runs on a port of its choosing.
        "linux": {"namespaces": [{"type": kind} for kind in ("pid", "ipc", "uts", "mount")], "cgroupsPath": f"/{name}"},
    }


_SYSTEM_MOUNTS: Final = (
    {"destination": "/proc", "type": "proc", "source": "proc"},
    {"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "mode=755", "size=64k"]},
    {"destination": "/dev/shm", "type": "tmpfs", "source": "shm", "options": ["nosuid", "nodev", "size=64m"]},
)


def _bind(source: Path, place: str) -> dict[str, Any]:
    return {"destination": place, "type": "bind", "source": str(source), "options": ["rbind", "rw", "nosuid", "nodev"]}


def _runc() -> list[str]:
    return [found("runc"), f"--root={_STATE}"]
