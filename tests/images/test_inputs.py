"""An image is built again where, and only where, something that goes into it has changed."""

from pathlib import Path

import pytest

from tests.images.inputs import inputs_digest
from tests.images.recipes import API, Recipe


@pytest.fixture
def recipe(tmp_path: Path) -> Recipe:
    (tmp_path / "Dockerfile").write_text("FROM base\nCOPY lock.txt /opt/\nCOPY api api\nCOPY --from=other /x /x\n")
    (tmp_path / ".dockerignore").write_text("*\n!api\n")
    (tmp_path / "lock.txt").write_text("one==1")
    (tmp_path / "api").mkdir()
    (tmp_path / "api" / "app.py").write_text("answer = 1")
    return Recipe("api", "local/api:1", tmp_path / "Dockerfile", tmp_path)


@pytest.mark.parametrize("name", ["api/app.py", "api/new.py", "lock.txt", "Dockerfile", ".dockerignore"])
def test_a_change_of_what_is_copied_changes_the_hash(recipe: Recipe, name: str) -> None:
    before = inputs_digest(recipe, "base")
    with (recipe.context / name).open("a") as file:
        file.write("\n# changed")
    assert inputs_digest(recipe, "base") != before


@pytest.mark.parametrize("name", ["tests/test_app.py", ".env", "api/.env", "api/__pycache__/app.pyc"])
def test_what_never_reaches_the_builder_does_not_change_it(recipe: Recipe, name: str) -> None:
    before = inputs_digest(recipe, "base")
    (recipe.context / name).parent.mkdir(exist_ok=True)
    (recipe.context / name).write_text("anything")
    assert inputs_digest(recipe, "base") == before


def test_another_base_and_another_name_change_it(recipe: Recipe) -> None:
    renamed = Recipe("api", "local/api:2", recipe.dockerfile, recipe.context)
    digests = {inputs_digest(recipe, "base"), inputs_digest(recipe, "other"), inputs_digest(renamed, "base")}
    assert len(digests) == 3


def test_the_sources_of_an_image_are_what_its_dockerfile_copies() -> None:
    names = {source.relative_to(API.context).as_posix() for source in API.sources()}
    packages = {"runtime", "model", "registry", "cluster", "plots", "serving", "api"}
    assert names == {"requirements/api.txt", "scripts/image/trim.py"} | packages
