"""Images come out of files: the cluster asks no registry."""

import hashlib
import json
import tarfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from tests.cluster.commands import run
from tests.cluster.errors import ClusterError
from tests.cluster.site import Site
from tests.cluster.small_images import PAUSE_IMAGE, write_pause_image
from tests.cluster.whole_files import write_whole

_SEEN_BY_KUBELET: Final = 'labels."io.cri-containerd.image"==managed'


def load_images(site: Site, archives: Iterable[Path], say: Callable[[str], None]) -> None:
    """Import docker-archive files, except those whose images are there from the same bytes."""
    for archive in archives:
        names, digest = _names(archive), _digest(archive)
        if not site.containerd_socket.exists():
            raise ClusterError("The cluster does not run", hint="Start it: python -m tests.cluster up")
        loaded, there = _loaded(site), set(image_names(site))
        if all(name in there and loaded.get(name) == digest for name in names):
            say(f"{archive.name}: is there already ({', '.join(names)})")
            continue
        started = time.monotonic()
        _import(site, archive, names)
        _remember(site, {**loaded, **dict.fromkeys(names, digest)})
        say(f"{archive.name}: {', '.join(names)} in {time.monotonic() - started:.1f} s")


def load_pause_image(site: Site) -> None:
    """Have the image without which no pod starts."""
    if PAUSE_IMAGE in image_names(site):
        return
    archive = site.folder / "pause.tar"
    write_pause_image(archive)
    _import(site, archive, [PAUSE_IMAGE])


def image_names(site: Site, *filters: str) -> list[str]:
    return ctr(site, "images", "list", "--quiet", *filters).split()


def ctr(site: Site, *arguments: str) -> str:
    """Ask containerd, in the namespace that kubelet uses."""
    return run("ctr", f"--address={site.containerd_socket}", "--namespace=k8s.io", *arguments)


def _import(site: Site, archive: Path, names: list[str]) -> None:
    ctr(site, "images", "import", str(archive.absolute()))
    deadline = time.monotonic() + 10
    while not set(names) <= set(image_names(site, _SEEN_BY_KUBELET)):
        if time.monotonic() > deadline:
            raise ClusterError(f"{archive} is imported, and still kubelet does not see {', '.join(names)}")
        time.sleep(0.05)


def _names(archive: Path) -> list[str]:
    try:
        with tarfile.open(archive) as files:
            manifest = files.extractfile("manifest.json")
            images = json.load(manifest) if manifest else []
            names = [_whole(name) for image in images for name in image["RepoTags"] or []]
    except FileNotFoundError:
        raise ClusterError(f"{archive} is not there") from None
    except (OSError, tarfile.TarError, KeyError, TypeError, ValueError) as error:
        raise ClusterError(f"{archive} is not a docker-archive ({error})") from error
    if not names:
        raise ClusterError(f"{archive} names no image", hint="Write it with a name, as in docker-archive:FILE:NAME:TAG")
    return names


def _whole(name: str) -> str:
    """Give an image's name as containerd knows it: Docker writes no `docker.io/`, and no `library/`."""
    first, slash, _ = name.partition("/")
    if not slash:
        return f"docker.io/library/{name}"
    return name if "." in first or ":" in first or first == "localhost" else f"docker.io/{name}"


def _digest(archive: Path) -> str:
    with archive.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _loaded(site: Site) -> dict[str, str]:
    """Give the digest of the file from which each image came."""
    file = _memory(site)
    return dict(json.loads(file.read_text())) if file.exists() else {}


def _remember(site: Site, loaded: dict[str, str]) -> None:
    write_whole(_memory(site), json.dumps(loaded, indent=1))


def _memory(site: Site) -> Path:
    return site.folder / "images-loaded.json"
