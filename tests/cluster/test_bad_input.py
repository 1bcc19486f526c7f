"""Whatever is wrong is said in one line, before anything is changed."""

import io
import os
import socket
import tarfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.cluster.errors import ClusterError
from tests.cluster.images import load_images
from tests.cluster.lock import locked
from tests.cluster.preflight import check_host, check_root
from tests.cluster.programs import check_packages
from tests.cluster.site import Site
from tests.parts.missing import PartMissingError
from tests.parts.processes import free_port


def archive_of(folder: Path, manifest: str) -> Path:
    """Write what `load` is given."""
    archive = folder / "image.tar"
    with tarfile.open(archive, "w") as files:
        member = tarfile.TarInfo("manifest.json")
        member.size = len(manifest)
        files.addfile(member, io.BytesIO(manifest.encode()))
    return archive


def text_file(folder: Path) -> Path:
    (folder / "notes.txt").write_text("not an image")
    return folder / "notes.txt"


@pytest.mark.parametrize(
    ("make", "complaint"),
    [
        (lambda folder: folder / "none.tar", "none.tar is not there"),
        (text_file, "notes.txt is not a docker-archive"),
        (lambda folder: archive_of(folder, '[{"RepoTags": null}]'), "image.tar names no image. Write it with a name"),
        (lambda folder: archive_of(folder, '{"layers": 1}'), "image.tar is not a docker-archive"),
    ],
)
def test_what_is_no_image_is_not_loaded(tmp_path: Path, make: Callable[[Path], Path], complaint: str) -> None:
    with pytest.raises(ClusterError) as error:
        load_images(Site(tmp_path), [make(tmp_path)], print)
    assert complaint in str(error.value)


def test_image_is_not_loaded_into_a_cluster_that_does_not_run(tmp_path: Path) -> None:
    archive = archive_of(tmp_path, '[{"RepoTags": ["local/api:1"]}]')
    with pytest.raises(ClusterError, match="The cluster does not run"):
        load_images(Site(tmp_path), [archive], print)


def test_folder_that_holds_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").touch()
    with pytest.raises(ClusterError, match="holds other things than a cluster"), locked(Site(tmp_path)):
        pass
    assert [file.name for file in tmp_path.iterdir()] == ["thesis.tex"]


def test_folder_whose_sockets_would_have_too_long_names_is_refused() -> None:
    with pytest.raises(ClusterError, match="Set RECOMMENDER_CLUSTER to a path of at most 60 characters"):
        check_host(Site(Path("/tmp") / ("x" * 60)))


@pytest.fixture
def packages() -> None:
    """Have the programs of Debian's that looking at the machine takes."""
    try:
        check_packages()
    except PartMissingError as missing:
        pytest.skip(str(missing))


@pytest.mark.usefixtures("packages")
def test_port_that_is_taken_is_named_with_its_holder() -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        site = replace(Site(Path("/tmp/none"), host="127.0.0.1"), api_port=free_port(), etcd_port=port)
        with pytest.raises(
            ClusterError, match=rf"etcd cannot listen on 127.0.0.1:{port}: it is taken by .*{os.getpid()}"
        ):
            check_host(site)


def test_without_root_nothing_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with pytest.raises(ClusterError, match="needs root"):
        check_root()
