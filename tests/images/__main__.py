"""`python -m tests.images build [NAME...] | paths [NAME...] | sizes [NAME...]`."""

import argparse
from collections.abc import Callable
from typing import Final

from runtime.errors import Exit
from runtime.process import run
from tests.images.build import build
from tests.images.buildah import Buildah
from tests.images.cache import archive_file
from tests.images.docker import build_with_docker, docker_answers
from tests.images.errors import ImagesError
from tests.images.recipes import Recipe, named
from tests.images.sizes import size_lines
from tests.parts.missing import PartMissingError
from tests.parts.telling import tell


def main() -> Exit:
    arguments = _parser().parse_args()
    try:
        _COMMANDS[arguments.command](named(arguments.name))
    except PartMissingError as missing:
        raise ImagesError(str(missing)) from missing
    return Exit.DONE


def _build(recipes: tuple[Recipe, ...]) -> None:
    if docker_answers():
        build_with_docker(recipes, tell)
        return
    buildah = Buildah()
    for recipe in recipes:
        build(recipe, buildah, tell)


def _paths(recipes: tuple[Recipe, ...]) -> None:
    for recipe in recipes:
        tell(str(archive_file(recipe.name)))


def _sizes(recipes: tuple[Recipe, ...]) -> None:
    for recipe in recipes:
        for line in size_lines(recipe):
            tell(line)


_COMMANDS: Final[dict[str, Callable[[tuple[Recipe, ...]], None]]] = {
    "build": _build,
    "paths": _paths,
    "sizes": _sizes,
}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.images", description="Build the images, and weigh them.")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, does in (
        ("build", "build what has changed, as docker-archive files"),
        ("paths", "tell where those files are"),
        ("sizes", "weigh what is built"),
    ):
        commands.add_parser(name, help=does).add_argument("name", nargs="*", help="an image (default: all)")
    return parser


if __name__ == "__main__":
    run(main)
