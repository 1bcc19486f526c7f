"""Building with Docker, where it answers: the product's images on the official base. kind pulls the others itself."""

import subprocess
from collections.abc import Callable

from tests.images.errors import ImagesError
from tests.images.recipes import PRODUCT, Recipe


def docker_answers() -> bool:
    try:
        return subprocess.run(["docker", "info"], capture_output=True, check=False, timeout=10).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def build_with_docker(recipes: tuple[Recipe, ...], say: Callable[[str], None]) -> None:
    """Build the product's images into Docker's own storage, where its cache tells what has changed."""
    for recipe in recipes:
        if recipe in PRODUCT:
            file, folder = str(recipe.dockerfile), str(recipe.context)
            command = ["docker", "build", f"--file={file}", f"--tag={recipe.full_name}", folder]
            if subprocess.run(command, check=False).returncode:
                raise ImagesError(f"docker build of {recipe.dockerfile.name} failed; its last lines say why")
            say(f"{recipe.full_name} is in Docker")
