"""Images of one static program, FROM scratch, written without any image builder."""

import hashlib
import io
import json
import platform
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import Final

from tests.cluster.errors import ClusterError
from tests.parts.missing import find_program

PAUSE_IMAGE: Final = "docker.io/local/pause:1"
BUSYBOX_IMAGE: Final = "docker.io/local/busybox:1"
_PAUSE_SOURCE: Final = Path(__file__).parent / "pause" / "pause.c"
_ARCHITECTURES: Final = {"x86_64": "amd64", "aarch64": "arm64"}
_USER: Final = "65535:65535"


def write_pause_image(archive: Path) -> None:
    """Write the image of each pod's first container. Raises PartMissingError without a compiler."""
    _write(archive, PAUSE_IMAGE, _tar({"pause": _compiled_pause()}, mode=0o755), {"Entrypoint": ["/pause"]})


def write_busybox_image(archive: Path) -> None:
    """Write an image with a shell and small tools, for looking around. Raises PartMissingError without busybox."""
    busybox = find_program("busybox", "busybox is not installed: it is in the Debian package busybox-static")
    tools = subprocess.run([busybox, "--list"], capture_output=True, text=True, check=True).stdout.split()
    program = {"bin/busybox": Path(busybox).read_bytes()}
    layer = _tar(program, mode=0o755, links={f"bin/{tool}": "busybox" for tool in tools if tool != "busybox"})
    _write(archive, BUSYBOX_IMAGE, layer, {"Cmd": ["/bin/sh"], "Env": ["PATH=/bin"]})


def _write(archive: Path, name: str, layer: bytes, settings: dict[str, object]) -> None:
    """Write an image of one layer as `docker load` takes it."""
    config = {
        "architecture": _ARCHITECTURES.get(platform.machine(), platform.machine()),
        "os": "linux",
        "config": {"User": _USER, **settings},
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(layer).hexdigest()}"]},
    }
    manifest = [{"Config": "config.json", "RepoTags": [name], "Layers": ["layer.tar"]}]
    described = {"config.json": json.dumps(config).encode(), "manifest.json": json.dumps(manifest).encode()}
    archive.write_bytes(_tar({"layer.tar": layer, **described}))


def _compiled_pause() -> bytes:
    gcc = find_program("gcc", "gcc is not installed (make cluster-parts)")
    with tempfile.TemporaryDirectory(prefix="recommender-pause-") as folder:
        command = [gcc, "-static", "-Os", "-s", "-o", f"{folder}/pause", str(_PAUSE_SOURCE)]
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
        if ended.returncode:
            raise ClusterError(f"pause.c cannot be compiled: {ended.stderr.strip()}")
        return Path(folder, "pause").read_bytes()


def _tar(files: dict[str, bytes], mode: int = 0o644, links: dict[str, str] | None = None) -> bytes:
    """Give an archive that is the same for the same files."""
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(content), mode
            archive.addfile(member, io.BytesIO(content))
        for name, target in (links or {}).items():
            member = tarfile.TarInfo(name)
            member.type, member.linkname = tarfile.SYMTYPE, target
            archive.addfile(member)
    return written.getvalue()
