"""The arrows between packages, as pyproject.toml states them."""

import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).parents[1]


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)


def test_imports_go_one_way_only() -> None:
    ended = lint_imports(CHECKOUT)
    assert ended.returncode == 0, ended.stdout


def test_every_package_says_what_does_not_belong_in_it() -> None:
    for package in ("api", "cluster", "model", "monitor", "registry", "runtime", "serving", "trainer"):
        docstring = (CHECKOUT / package / "__init__.py").read_text()
        assert "Does not belong here" in docstring, package
