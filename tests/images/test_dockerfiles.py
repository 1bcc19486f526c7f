"""What the two Dockerfiles and .dockerignore say, where it has to agree with something else."""

from pathlib import Path

import pytest

from runtime import __version__
from tests.images.buildah import Buildah
from tests.images.recipes import API, PRODUCT, REPOSITORY, TRAINER, Recipe

_SECRET = (".env", ".env.production", "api/.env", "runtime/.env.local", "var/admin-token", ".git/config")
_NOISE = ("tests/test_api.py", "api/__pycache__/app.cpython-311.pyc", "README.md", ".venv/bin/python")
_WANTED = (
    "api/app.py",
    "plots/plots.css",
    "trainer/sample_shop/tables.py",
    "requirements/api.txt",
    "scripts/image/trim.py",
)


@pytest.mark.parametrize("recipe", PRODUCT, ids=lambda recipe: recipe.name)
def test_the_version_in_the_labels_is_the_projects(recipe: Recipe) -> None:
    assert f"ARG VERSION={__version__}\n" in recipe.dockerfile.read_text()


@pytest.mark.parametrize("recipe", PRODUCT, ids=lambda recipe: recipe.name)
def test_all_that_is_copied_is_there(recipe: Recipe) -> None:
    sources = list(recipe.sources())
    assert sources
    assert [source for source in sources if not source.exists()] == []


def test_both_images_are_made_the_same_way() -> None:
    """The steps that trim and strip an image differ in nothing but the lock."""
    trainer, api = (_runs(recipe) for recipe in (TRAINER, API))
    assert trainer[:3] == api[:3]
    assert trainer[-1] == api[-1]


@pytest.mark.cluster
def test_the_builder_gets_what_it_needs_and_no_secret(buildah: Buildah, tmp_path: Path) -> None:
    for name in (*_SECRET, *_NOISE, *_WANTED):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    (tmp_path / ".dockerignore").write_bytes((REPOSITORY / ".dockerignore").read_bytes())
    (tmp_path / "Dockerfile").write_text("FROM scratch\nCOPY . /context/\n")
    buildah.build("localhost/recommender-context-test", tmp_path / "Dockerfile", tmp_path)
    with buildah.mounted("localhost/recommender-context-test") as root:
        sent = {
            path.relative_to(root / "context").as_posix() for path in (root / "context").rglob("*") if path.is_file()
        }
    buildah.forget("localhost/recommender-context-test")
    assert sent == set(_WANTED)


def _runs(recipe: Recipe) -> list[str]:
    """Give the RUN steps, each as one line."""
    joined = recipe.dockerfile.read_text().replace("\\\n", " ")
    return [" ".join(line.split()) for line in joined.splitlines() if line.startswith("RUN ")]
