"""Takes out of an image's virtual environment what a pod never reads: `python3 trim.py VENV`. Both Dockerfiles run it.

Each line is a pattern below site-packages and the reason. What a shop's own trainer may want stays, such as all of
SciPy. Whoever adds a dependency that needs one of these takes the line away; `python -m tests.images sizes` weighs.
"""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

UNUSED: Final = {
    # The packages' own tests, and what only their development needs.
    "**/tests": "tests",
    "sqlalchemy/testing": "tests of dialects",
    "boto3/examples": "documentation",
    # Sources and headers for those who compile against a package.
    "**/*.pyx": "Cython source",
    "**/*.pxd": "Cython declarations",
    "**/*.pxi": "Cython source",
    "**/*.pyi": "types, for those who check them",
    "**/*.[ch]": "C source",
    "**/*.[ch]pp": "C++ source",
    "**/*.cc": "C++ source",
    "**/*.cu": "CUDA source",
    "**/*.a": "static library",
    # Arrow is here to take ConnectorX's batches. pyarrow.lib is linked to Substrait, Dataset and Parquet: they stay.
    "pyarrow/include": "headers",
    "pyarrow/src": "C++ source",
    "pyarrow/*flight*": "an RPC framework",
    "pyarrow/libarrow_s3.*": "the store is read with boto3",
    "pyarrow/_s3fs.*": "the store is read with boto3",
    "pyarrow/_gcsfs.*": "the store is read with boto3",
    "pyarrow/_azurefs.*": "the store is read with boto3",
    "pyarrow/_hdfs.*": "the store is read with boto3",
    "pyarrow/_pyarrow_cpp_tests.*": "tests",
    "pyarrow/libarrow_python*.so": "a second copy, under the name that linkers look for",
    "pyarrow/libarrow_python*.so.*.*": "a third copy",
    # Dask's dashboard is made of Bokeh's minified scripts.
    "bokeh/server/static/js/compiler.js": "compiles widgets of one's own, with Node.js",
    "bokeh/server/static/js/bokeh.js": "readable twin of a minified script",
    "bokeh/server/static/js/bokeh-*[!n].js": "readable twin of a minified script",
    # cluster/ uses the client that waits; the one for asyncio is a copy of it on top of another HTTP library.
    "kubernetes/aio": "the asyncio client",
    "aiohttp*": "only the asyncio client uses it",
    "aiohappyeyeballs*": "only aiohttp uses it",
    "aiosignal*": "only aiohttp uses it",
    "frozenlist*": "only aiohttp uses it",
    "multidict*": "only aiohttp uses it",
    "propcache*": "only aiohttp uses it",
    "yarl*": "only aiohttp uses it",
    # Traces are sent as protobuf; these are messages of Google's own services, which come along.
    "google/api": "messages of Google's services",
    "google/cloud": "messages of Google's services",
    "google/gapic": "messages of Google's services",
    "google/logging": "messages of Google's services",
    "google/longrunning": "messages of Google's services",
    "google/rpc": "messages of Google's services",
    "google/type": "messages of Google's services",
    # pygal draws the model card; its tests are not in a folder `tests`.
    "pygal/test": "tests",
    # rich prints progress bars, and no code in colours.
    "pygments/lexers/[a-z]*": "languages",
}

# What AWS's services are, of which botocore knows 400: the store, and those that the chain of credentials asks.
SERVICES: Final = {"s3", "sts", "sso", "sso-oidc", "signin"}
# The groups of calls that cluster/ makes, of 67; a test holds this against the code. Their models stay all: those of a
# stable group are made of others, alpha ones too.
KUBERNETES_APIS: Final = {"apps_v1_api", "batch_v1_api", "coordination_v1_api", "core_v1_api"}


def main() -> None:
    """Trim the environment that the argument names."""
    venv = Path(sys.argv[1])
    (packages,) = venv.glob("lib/python3*/site-packages")
    for path in [*_unused(packages), *_other_services(packages), *_other_apis(packages), *_scripts(venv)]:
        _remove(path)
    _strip(packages)


def _unused(packages: Path) -> Iterator[Path]:
    for pattern in UNUSED:
        yield from list(packages.glob(pattern))


def _other_services(packages: Path) -> Iterator[Path]:
    for path in (packages / "botocore" / "data").iterdir():
        if path.is_dir() and path.name not in SERVICES:
            yield path


def _other_apis(packages: Path) -> Iterator[Path]:
    modules = (packages / "kubernetes" / "client" / "api").glob("*_api.py")
    return (path for path in modules if path.stem not in KUBERNETES_APIS)


def _scripts(venv: Path) -> Iterator[Path]:
    """Give all commands but the interpreter: pods start modules."""
    return (path for path in (venv / "bin").iterdir() if not path.name.startswith("python"))


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)  # it may have gone with its folder


def _strip(packages: Path) -> None:
    """Leave the names of functions inside libraries to debuggers: a tenth of the trainer's image."""
    libraries = [str(path) for path in packages.rglob("*.so*") if path.is_file()]
    subprocess.run(["strip", "--strip-unneeded", *libraries], check=True)  # noqa: S603, S607


if __name__ == "__main__":
    main()
