"""The base: a Debian with Python made by debootstrap, in place of the official image, which only a registry has."""

import hashlib
import tempfile
from pathlib import Path
from typing import Final

from tests.images.buildah import Buildah
from tests.images.cache import cache_folder
from tests.images.commands import run

_SUITE: Final = "trixie"
_PACKAGES: Final = ("python3", "python3-venv", "ca-certificates", "libgomp1")
# Lists, caches, manuals, and what debootstrap takes over from this machine.
_LEFT_OUT: Final = (
    "./debootstrap",
    "./dev/*",
    "./etc/hostname",
    "./etc/resolv.conf",
    "./proc/*",
    "./usr/share/doc/*",
    "./usr/share/info/*",
    "./usr/share/locale/*",
    "./usr/share/man/*",
    "./var/cache/apt/*",
    "./var/lib/apt/lists/*",
    "./var/log/*",
)
_DOCKERFILE: Final = Path(__file__).parent / "base" / "Dockerfile"


def base_key() -> str:
    """Give a hash of what the base is made of."""
    made_of = "\n".join([_SUITE, *_PACKAGES, *_LEFT_OUT, _DOCKERFILE.read_text()])
    return hashlib.sha256(made_of.encode()).hexdigest()[:12]


def base_image(buildah: Buildah) -> str:
    """Give the base's name in buildah's storage, after making what of it is missing."""
    name = f"localhost/recommender-base:{base_key()}"
    if not buildah.has(name):
        context = cache_folder() / f"debian-{base_key()}"
        if not context.is_dir():
            _make(context)
        buildah.build(name, _DOCKERFILE, context)
    return name


def _make(context: Path) -> None:
    """Make rootfs.tar in a folder, and move that to its place whole."""
    context.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".building-", dir=context.parent) as name:
        root, made = Path(name) / "root", Path(name) / "made"
        run("debootstrap", "--variant=minbase", f"--include={','.join(_PACKAGES)}", _SUITE, str(root))
        # While an image is built, this machine's pip.conf is mounted here; a place made for it then would stay in it.
        (root / "etc" / "pip.conf").touch()
        made.mkdir()
        excludes = [f"--exclude={pattern}" for pattern in _LEFT_OUT]
        run(
            "tar", "--create", f"--file={made}/rootfs.tar", f"--directory={root}", "--sort=name", "--numeric-owner",
            *excludes, ".",
        )  # fmt: skip
        made.rename(context)
