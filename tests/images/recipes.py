"""Which images there are, and what each is made of."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from runtime import __version__
from tests.images.errors import ImagesError
from tests.programs.go_programs import cached_folder, go_programs

REPOSITORY: Final = Path(__file__).parents[2]
_HERE: Final = Path(__file__).parent


@dataclass(frozen=True)
class Recipe:
    """An image's short name, its full one, its Dockerfile, and the folder from which that copies."""

    name: str
    full_name: str
    dockerfile: Path
    context: Path
    go_module: str | None = None

    def sources(self) -> Iterator[Path]:
        """Give the files and folders of the context that the Dockerfile copies."""
        for line in self.dockerfile.read_text().splitlines():
            words = line.split()
            if words[:1] == ["COPY"] and not words[1].startswith("--from="):
                yield from (self.context / source for source in words[1:-1])

    def prepare(self) -> None:
        """Have the context. Raises PartMissingError."""
        if self.go_module:
            go_programs(self.go_module)


TRAINER: Final = Recipe(
    "recommender-trainer",
    f"docker.io/local/recommender-trainer:{__version__}",
    REPOSITORY / "Dockerfile.trainer",
    REPOSITORY,
)
API: Final = Recipe(
    "recommender-api", f"docker.io/local/recommender-api:{__version__}", REPOSITORY / "Dockerfile.api", REPOSITORY
)
MARIADB: Final = Recipe("mariadb", "docker.io/local/mariadb:11.8", _HERE / "mariadb" / "Dockerfile", _HERE / "mariadb")
MINIO: Final = Recipe(
    "minio", "docker.io/local/minio:1", _HERE / "minio" / "Dockerfile", cached_folder("minio"), go_module="minio"
)
PRODUCT: Final = (TRAINER, API)
ALL: Final = (TRAINER, API, MARIADB, MINIO)


def named(names: list[str]) -> tuple[Recipe, ...]:
    """Give the recipes of these names, all where there is none."""
    by_name = {recipe.name: recipe for recipe in ALL}
    unknown = [name for name in names if name not in by_name]
    if unknown:
        raise ImagesError(f"There is no image {unknown[0]}", hint=f"There are {', '.join(by_name)}")
    return tuple(by_name[name] for name in names) or ALL
