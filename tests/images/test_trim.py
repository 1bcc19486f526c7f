"""What is trimmed is nothing that the project uses."""

import re
import shutil
from pathlib import Path

import pytest

from tests.images.recipes import REPOSITORY
from tests.images.trimming import trim_script


@pytest.fixture
def venv(tmp_path: Path) -> Path:
    """Give what looks like an environment, with things to keep and things to trim."""
    packages = tmp_path / "lib" / "python3.13" / "site-packages"
    for name in (
        "botocore/data/endpoints.json",
        "botocore/data/ec2/service-2.json",
        "botocore/data/s3/service-2.json",
        "botocore/data/sts/service-2.json",
        "kubernetes/aio/client.py",
        "kubernetes/client/api/batch_v1_api.py",
        "kubernetes/client/api/storage_v1_api.py",
        "numpy/tests/test_all.py",
        "numpy/testing/__init__.py",
        "numpy/__init__.pyi",
        "pyarrow/lib.py",
        "pyarrow/libarrow_flight.so.2600",
        "pyarrow/libarrow_python.so",
        "pyarrow/libarrow_python.so.2600.1.0",
    ):
        (packages / name).parent.mkdir(parents=True, exist_ok=True)
        (packages / name).touch()
    shutil.copy("/bin/true", packages / "pyarrow" / "libarrow_python.so.2600")
    (tmp_path / "bin").mkdir()
    for command in ("python", "python3", "uvicorn"):
        (tmp_path / "bin" / command).touch()
    return tmp_path


@pytest.mark.skipif(shutil.which("strip") is None, reason="binutils is not installed")
def test_what_no_pod_reads_goes_and_all_else_stays(venv: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["trim.py", str(venv)])
    trim_script().main()
    packages = venv / "lib" / "python3.13" / "site-packages"
    assert {path.relative_to(packages).as_posix() for path in packages.rglob("*") if path.is_file()} == {
        "botocore/data/endpoints.json",
        "botocore/data/s3/service-2.json",
        "botocore/data/sts/service-2.json",
        "kubernetes/client/api/batch_v1_api.py",
        "numpy/testing/__init__.py",
        "pyarrow/lib.py",
        "pyarrow/libarrow_python.so.2600",
    }
    assert {path.name for path in (venv / "bin").iterdir()} == {"python", "python3"}


def test_each_group_of_calls_that_the_project_makes_of_kubernetes_is_kept() -> None:
    sources = [path.read_text() for path in (REPOSITORY / "cluster").rglob("*.py")]
    classes = {name for source in sources for name in re.findall(r"\bclient\.(\w+V\d\w*Api)\b", source)}
    assert classes
    modules = {re.sub(r"(?<=[a-z\d])(?=[A-Z])", "_", name).lower() for name in classes}
    assert modules <= trim_script().KUBERNETES_APIS
