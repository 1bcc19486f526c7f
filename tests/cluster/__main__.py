"""`python -m tests.cluster up | down [--purge] | status | load IMAGE_TAR...`."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Final

from runtime.errors import Exit
from runtime.process import run
from tests.cluster.down import down
from tests.cluster.errors import ClusterError
from tests.cluster.images import load_images
from tests.cluster.preflight import check_root
from tests.cluster.programs import program
from tests.cluster.readiness import is_up
from tests.cluster.site import Site, local_site
from tests.cluster.status import status_lines
from tests.cluster.up import up
from tests.parts.missing import PartMissingError
from tests.parts.telling import tell


def main() -> Exit:
    arguments = _parser().parse_args()
    try:
        return _COMMANDS[arguments.command](local_site(), arguments)
    except PartMissingError as missing:
        raise ClusterError(str(missing)) from missing


def _up(site: Site, _: argparse.Namespace) -> Exit:
    up(site, tell)
    tell("The cluster is up. To use it:")
    tell(f"  export KUBECONFIG={site.kubeconfig('admin')}")
    tell(f"  {program('kubectl')} get nodes")
    return Exit.DONE


def _down(site: Site, arguments: argparse.Namespace) -> Exit:
    down(site, tell, purge=arguments.purge)
    return Exit.DONE


def _status(site: Site, _: argparse.Namespace) -> Exit:
    for line in status_lines(site):
        tell(line)
    return Exit.DONE if is_up(site) else Exit.FAILED


def _load(site: Site, arguments: argparse.Namespace) -> Exit:
    check_root()
    load_images(site, arguments.archive, tell)
    return Exit.DONE


_COMMANDS: Final[dict[str, Callable[[Site, argparse.Namespace], Exit]]] = {
    "up": _up,
    "down": _down,
    "status": _status,
    "load": _load,
}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.cluster", description="A real cluster of one node.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("up", help="start it, or what of it does not run")
    down_parser = commands.add_parser("down", help="take it away; what it held stays for the next start")
    down_parser.add_argument("--purge", action="store_true", help="forget what it held too")
    commands.add_parser("status", help="tell what runs")
    load_parser = commands.add_parser("load", help="import images")
    load_parser.add_argument("archive", nargs="+", type=Path, metavar="IMAGE_TAR", help="a docker-archive file")
    return parser


if __name__ == "__main__":
    run(main)
